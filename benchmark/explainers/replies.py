"""Models as they are: their answers read whatever surrounds them, asked for once more where they cannot be read.

Nothing of an answer is ever executed or followed; work on it is bounded, however long it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.foreign import foreign
from benchmark.explainers.quoting import escaped
from benchmark.explainers.refusals import refuses
from benchmark.explainers.tolerant_json import Found, found, whole
from benchmark.printable import harmless

T = TypeVar("T")
Kind = Literal["refusal", "empty", "not_json", "wrong_shape", "language", "too_long"]

# Characters of an answer that are looked at: an object is sought at its end, then at its beginning.
LONGEST_LOOK = 20_000
# Of one explanation, in words; and in characters, for what has no spaces to be cut at.
MOST_WORDS = 60
MOST_LETTERS = 1_000
# Of a bad answer that is shown to its model, in characters.
LONGEST_QUOTE = 300
REPAIR = Path(__file__).with_name("prompts") / "repair.txt"
# Under which a model may put a phrase that it was asked for without JSON.
PHRASES = ("explanation", "answer", "phrase", "hypothesis", "description", "label", "text", "summary", "concept")
_DEEPEST = 3

_REASONED = re.compile(r"</(?:think(?:ing)?|reasoning)>|\[/THINK\]|<\|channel\|>final<\|message\|>", re.I)
_REASONS = re.compile(r"<(?:think(?:ing)?|reasoning)>|\[THINK\]|<\|channel\|>analysis<\|message\|>", re.I)
_TERMINAL = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_FENCE = re.compile(r"```+(?:json5?|python|text|txt|plaintext|markdown|md)?", re.I)
_PREFIX = re.compile(
    r"^(?:(?:sure|answer|explanation|phrase)\b[,:!.]*\s*|this neuron (?:fires|activates) (?:on|for)\s+)+", re.I
)
_ANSWER = re.compile(r"^[*#_ ]{0,8}(?:final |short |my )?(?:answer|explanation|phrase)[*_ ]{0,4}:[*_ ]{0,4}", re.I)
# A line that only leads up to the next.
_LEAD = re.compile(
    r"^(?:sure|okay|ok|certainly|of course|here(?:'s| is| are)|the (?:answer|explanation|phrase))\b.*:$", re.I
)
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
# Not after an initial or a short title ("U.S. states", "Dr. Who", "e.g. verbs"), nor within "hi! and hey".
_SENTENCE_END = re.compile(
    r"(?<=\.)(?<!\b[A-Z]\.)(?<!\b[eEiI]\.[gGeE]\.)(?<!\b(?i:mr|ms|dr|st|vs|cf)\.)(?<!\b(?i:mrs)\.)\s+|(?<=[!?])\s+(?![a-z])"
)
_MARKS = "\"'*`#-_ \u201c\u201d\u2018\u2019"


class Unreadable(ValueError):
    """An answer that cannot be taken.

    Attributes:
        kind: "refusal", "empty" (no word in it), "not_json" (no object or list in it), "wrong_shape" (without the
            wanted keys, or with wrong counts or types), "language" (not English), "too_long" (and cannot be cut).
    """

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind: Kind = kind


async def asked(
    ask: Ask, prompt: str, read: Callable[[str], T], journal: Journal, schema: Mapping[str, Any] | None = None
) -> T:
    """What `read` makes of the model's answer; one that cannot be read is noted and asked for once more.

    Args:
        ask: the model.
        prompt: the question.
        read: reads an answer; raises `Unreadable`.
        journal: hears "repair" with the kind.
        schema: as in `Ask`; without one `ask` is given the prompt alone.

    Raises:
        NoReport: the second answer cannot be read either: "refusal", else "unparsable"; its message begins with the
            finer kind and a colon.
        BudgetExceeded: the budget has no room for a question.
    """
    answer = ""
    try:
        answer = await _answer(ask, prompt, schema)
        return read(answer)
    except Unreadable as error:
        problem = error
    journal.note("repair", f"{problem.kind}: {problem}", kind=problem.kind)
    try:
        return read(await _answer(ask, repair_prompt(prompt, answer, problem), schema))
    except Unreadable as error:
        outcome: Literal["refusal", "unparsable"] = "refusal" if error.kind == "refusal" else "unparsable"
        raise NoReport(outcome, f"{error.kind}: {error}; the second answer of two") from None


async def _answer(ask: Ask, prompt: str, schema: Mapping[str, Any] | None) -> str:
    """One answer; one that the provider withheld is a refusal like another."""
    try:
        return await (ask(prompt) if schema is None else ask(prompt, schema=schema))
    except NoReport as error:
        if error.kind != "refusal":
            raise
        raise Unreadable("refusal", str(error)) from error


def repair_prompt(prompt: str, answer: str, problem: Unreadable) -> str:
    """The question once more, behind a note that says what was wrong; what the model wrote is data in it."""
    note, _, _ = REPAIR.read_text(encoding="utf-8").partition("{prompt}")
    # The two places are filled from the end: what stands in them may hold braces.
    before, _, after = note.partition("{answer}")
    why = escaped(str(problem)[:LONGEST_QUOTE])
    return f"{before.replace('{why}', why)}{escaped(whole(answer[:LONGEST_QUOTE]))}{after}{prompt}"


def answer_object(reply: str, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """The JSON object of an answer, whatever stands around it.

    The last complete object with one of the wanted keys wins, at most three levels deep; then the last one that breaks
    off; then, where one key is wanted, the last list, as this key's value.

    Args:
        reply: of any length.
        wanted: keys of which the object has at least one, in any case of letters; without any, any object will do.

    Raises:
        Unreadable: "empty", "refusal", "not_json" or "wrong_shape".
    """
    text = without_reasoning(reply)
    looks = dict.fromkeys((text[-LONGEST_LOOK:], text[:LONGEST_LOOK]))
    seen: list[Found] = []
    for look in looks:
        seen = list(found(look)) or seen
        if (chosen := _chosen(seen, wanted)) is not None:
            return chosen
    raise _no_object(text[:LONGEST_LOOK], seen, wanted)


def _chosen(seen: Sequence[Found], wanted: Sequence[str]) -> dict[str, Any] | None:
    for complete in (True, False):
        for each in reversed(seen):
            if each.complete == complete and (held := _holder(each.value, wanted)) is not None:
                return held
    lists = [each.value for each in seen if isinstance(each.value, list) and each.value]
    return {wanted[0]: lists[-1]} if lists and len(wanted) == 1 else None


def _holder(value: Any, wanted: Sequence[str]) -> dict[str, Any] | None:
    """The object within `value` that has a wanted key, the wanted keys written as they are wanted."""
    names = {name.casefold(): name for name in wanted}
    for each in _objects(value, _DEEPEST):
        held = {names.get(key.strip().casefold(), key): inner for key, inner in each.items()}
        if not wanted or any(name in held for name in wanted):
            return held
    return None


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Objects within a value: itself, then what it holds; of a list's elements the last first."""
    if isinstance(value, dict):
        yield value
    inner = list(value.values()) if isinstance(value, dict) else value[::-1] if isinstance(value, list) else []
    for each in inner if depth else []:
        yield from _objects(each, depth - 1)


def _no_object(text: str, seen: Sequence[Found], wanted: Sequence[str]) -> Unreadable:
    if seen:
        return Unreadable("wrong_shape", f"no object with {' or '.join(wanted) or 'any key'} in {_begin(text)}")
    _refuse_wordless(text)
    _refuse_refusal(_line(text))
    return Unreadable("not_json", f"no JSON object in {_begin(text)}")


def phrase(text: str) -> str:
    """One explanation as a line: the first sentence of the answer, without what surrounds it; at most 60 words.

    Raises:
        Unreadable: "empty", "refusal", "wrong_shape" (several explanations), "language" or "too_long".
    """
    answer = without_reasoning(text)[:LONGEST_LOOK]
    _refuse_wordless(answer, text)
    line = _line(_stated(answer))
    _refuse_refusal(line)
    _refuse_wordless(line, text)
    words = line.split()[:MOST_WORDS]
    cut = " ".join(words)
    if len(cut) > MOST_LETTERS:
        raise Unreadable("too_long", f"{len(cut)} characters without a place to cut them in {_begin(cut)}")
    if (language := foreign(cut)) is not None:
        raise Unreadable("language", f"not English but {language}: {_begin(cut)}")
    return cut


def without_reasoning(reply: str) -> str:
    """What an answer says after its marked reasoning; a mark that is never closed hides what follows it."""
    text = whole(reply).lstrip("\ufeff")
    ends = [match.end() for match in _REASONED.finditer(text)]
    said = text[ends[-1] :] if ends else text
    if (opened := _REASONS.search(said)) is not None:
        said = said[: opened.start()]
    if said.strip() or not (first := _REASONS.search(text)):
        return said
    return text[: first.start()]


def _stated(answer: str) -> str:
    """The phrase itself where it comes as JSON, fenced or not; else the answer without fences."""
    fenced = _FENCE.split(answer)
    for part in (*fenced[1::2], answer):
        begins = part.lstrip()[:1] in ("{", "[")
        for each in reversed(list(found(part))):
            if begins or (isinstance(each.value, dict) and _holder(each.value, PHRASES)):
                return _only_text(each.value)
    return "\n".join(fenced)


def _only_text(value: Any) -> str:
    """The phrase in a JSON value.

    Raises:
        Unreadable: "wrong_shape": several phrases, or none.
    """
    held = _holder(value, PHRASES) if isinstance(value, dict | list) else None
    texts = [held[name] for name in PHRASES if name in held][:1] if held else _leaves(value)
    if len(texts) == 1 and isinstance(texts[0], list):
        texts = texts[0]
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise Unreadable("wrong_shape", f"{len(texts)} explanations where one was asked for")
    return texts[0]


def _leaves(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _line(text: str) -> str:
    """The first sentence of the line that answers, without marks, bullets, and phrases of politeness."""
    lines = [line.strip() for line in text.replace("\u2019", "'").splitlines() if line.strip()]
    answers = [place for place, line in enumerate(lines) if _ANSWER.match(line)]
    lines = lines[answers[-1] :] if answers else lines
    line = _bare(_ANSWER.sub("", lines[0])) if lines else ""
    if len(lines) > 1 and (not line or _LEAD.match(line)):
        line = _bare(lines[1])
    return _SENTENCE_END.split(line, maxsplit=1)[0].strip(f"{_MARKS}.")


def _bare(line: str) -> str:
    plain = harmless(_TERMINAL.sub("", line)).replace("\N{REPLACEMENT CHARACTER}", " ")
    return _PREFIX.sub("", _BULLET.sub("", plain.strip()).strip(_MARKS))


def _refuse_wordless(text: str, reply: str = "") -> None:
    if not re.search(r"[^\W_]", text):
        raise Unreadable("empty", f"no explanation in the model's reply {_begin(reply or text)}")


def _refuse_refusal(line: str) -> None:
    if refuses(line):
        raise Unreadable("refusal", f"the model declined: {_begin(line)}")


def _begin(text: str) -> str:
    """The beginning of what a model wrote, for a message; nothing in it can move a cursor or close a quotation."""
    return repr(text[:80])
