"""The language-model reader: what it is asked, and what its answers mean. Whoever has a model asks it.

Three modes. *Simulation* (Bills et al. 2023, "Language models can explain neurons"): a level from 0 to 10 for the
marked word; where the provider gives log-probabilities of the answer, their expected value, else the number it wrote.
Log-probabilities of the prompt are never needed: providers took them away. *Detection*: does the neuron fire anywhere
in the window? *Fuzzing*: is the marked word the one? (Both after delphi, Paulo et al. 2024, arXiv 2410.13928.)

One item a prompt by default: items that share a prompt tell of one another, and a list of answers tells of its base
rate. Two items of ours, answered, stand before each. An answer that cannot be read is an error of a kind that is
counted, and never a zero.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp
from typing import Literal

from benchmark.exam.sampled import Marked, Sheet
from benchmark.explainers.report import MAX_LEVEL
from benchmark.printable import harmless

Mode = Literal["simulation", "detection", "fuzzing"]
MODES: tuple[Mode, ...] = ("simulation", "detection", "fuzzing")
ERRORS = ("refusal", "empty", "cut short", "out of range", "missing", "unparsable")
LONGEST_REPORT = 2_000
NAME = "language_model"

_PREFIX = r"[\s\"'`*(\[]*(?:(?:the\s+)?(?:answer|level|activation)(?:\s+is)?\s*[:=]?\s*)?[\s\"'`*(\[]*"
_NUMBER = re.compile(_PREFIX + r"(-?\d+(?:\.\d+)?)(?!\s*(?:-|\N{EN DASH}|to\b|or\b)\s*\d)(?![\w.]*\w)", re.IGNORECASE)
_YES_NO = re.compile(_PREFIX + r"(yes|no|true|false|1|0)\b(?!\s*(?:/|or\b))", re.IGNORECASE)
_YES = {"yes", "true", "1"}
_REFUSAL = re.compile(
    r"\s*(?:i'?m sorry|i am sorry|sorry\b|as an ai\b|i (?:cannot|can'?t|won'?t|am unable))", re.IGNORECASE
)
_LINE = re.compile(r"^[ \t]*[\[(]?(\d+)[\])]?[ \t]*[:.=][ \t]*(.*)$", re.MULTILINE)
# What is answered before every question. Without it a small model answers in sentences.
_EXAMPLE = "It fires on the names of animals."
_FIRES = Marked("The dog lay beside the door.", (4, 7), 9.0, "firing")
_BESIDE = Marked("The dog lay beside the door.", (23, 27), 0.0, "firing")
_ELSEWHERE = Marked("The lamp stood beside the door.", (4, 8), 0.0, "silent")
_LEVELS = {str(level): float(level) for level in range(int(MAX_LEVEL) + 1)}


@dataclass(frozen=True)
class Token:
    """One token of an answer, with the likeliest tokens in its place.

    Attributes:
        text: the token as it stands in the answer.
        top: (token, log-probability), as many as the provider gives.
    """

    text: str
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Answer:
    """What a model answered to one prompt.

    Attributes:
        text: the answer, without what a reasoning model thought before it.
        tokens: with log-probabilities; empty where the provider gives none.
        stopped: why it ended: "stop", "length", or "refusal" where the provider withheld it.
    """

    text: str
    tokens: tuple[Token, ...] = ()
    stopped: Literal["stop", "length", "refusal"] = "stop"


@dataclass(frozen=True)
class Read:
    """One item as the reader read it: a value, or the kind of error.

    Attributes:
        value: 0 to 10 for simulation; 1 for yes and 0 for no.
        error: one of `ERRORS`; empty where there is a value.
        expected: whether the value is an expectation over log-probabilities.
    """

    value: float | None
    error: str = ""
    expected: bool = False


@dataclass(frozen=True)
class Question:
    """One prompt and the items in it.

    Attributes:
        mode: what is asked.
        items: places on the sheet, in the order of the prompt.
        instruction: what to do, the same for every question of its kind.
        examples: answered before it, each what was asked and what was answered.
        prompt: the report and the items.
    """

    mode: Mode
    items: tuple[int, ...]
    instruction: str
    examples: tuple[tuple[str, str], ...]
    prompt: str

    @property
    def characters(self) -> int:
        """Of all that the model is given to read."""
        shown = sum(len(asked) + len(answered) for asked, answered in self.examples)
        return len(self.instruction) + shown + len(self.prompt)

    def read(self, answer: Answer) -> list[Read]:
        """One reading for each item, whatever the model answered."""
        return read_answer(self.mode, len(self.items), answer)


def items_of(sheet: Sheet, mode: Mode) -> tuple[Marked, ...]:
    """The items that a mode is asked about."""
    return sheet.doubtful if mode == "fuzzing" else sheet.marked


def right_answers(sheet: Sheet, mode: Mode) -> list[float]:
    """The truth of each item: the marked word's value; 1 or 0 for detection and fuzzing."""
    if mode == "simulation":
        return [item.value for item in sheet.marked]
    fires = (item.stratum == "firing" if mode == "detection" else item.value > 0 for item in items_of(sheet, mode))
    return [float(each) for each in fires]


def questions(report: str, sheet: Sheet, mode: Mode, items_per_prompt: int = 1) -> list[Question]:
    """All prompts of one mode about one report.

    Args:
        report: its text; quoted as data and cut at 2,000 characters.
        sheet: of the unit.
        mode: what to ask.
        items_per_prompt: 1 keeps items from telling of one another.
    """
    items = items_of(sheet, mode)
    parts = [range(at, min(at + items_per_prompt, len(items))) for at in range(0, len(items), items_per_prompt)]
    return [_question(mode, part, report, [items[i] for i in part]) for part in parts]


def quoted(text: str, limit: int | None = None) -> str:
    """Untrusted text as data: one line, no control characters, and no mark that could close its quotation."""
    line = " ".join(harmless(text).split())
    line = line if limit is None or len(line) <= limit else f"{line[:limit]} (cut)"
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(item: Marked, mode: Mode) -> str:
    if mode == "detection":
        return quoted(item.text)
    begin, end = item.span
    parts = (quoted(item.text[:begin]), f"<< {quoted(item.word)} >>", quoted(item.text[end:]))
    return " ".join(part for part in parts if part)


def _block(report: str, items: Sequence[Marked], mode: Mode) -> str:
    """Report and texts, quoted; several texts are numbered."""
    shown = [_shown(item, mode) for item in items]
    numbered = [f'<text n="{place}">{text}</text>' for place, text in enumerate(shown, 1)]
    texts = "\n".join(numbered) if len(items) > 1 else f"<text>{shown[0]}</text>"
    return f"<report>{quoted(report, LONGEST_REPORT)}</report>\n{texts}"


def _question(mode: Mode, place: Sequence[int], report: str, items: Sequence[Marked]) -> Question:
    several = len(items) > 1
    name = f"{mode}_several.txt" if several else f"{mode}.txt"
    instruction = resources.files("benchmark.readers").joinpath("prompts").joinpath(name).read_text("utf-8").strip()
    return Question(mode, tuple(place), instruction, _examples(mode, several), _block(report, items, mode))


@cache
def _examples(mode: Mode, several: bool) -> tuple[tuple[str, str], ...]:
    """One item that fires and one that does not, answered; in one turn where a prompt holds several."""
    items = (_FIRES, _ELSEWHERE if mode == "detection" else _BESIDE)
    answers = ("9", "0") if mode == "simulation" else ("yes", "no")
    if several:
        return ((_block(_EXAMPLE, items, mode), f"1: {answers[0]}\n2: {answers[1]}"),)
    return tuple((_block(_EXAMPLE, [item], mode), answer) for item, answer in zip(items, answers, strict=True))


def read_answer(mode: Mode, count: int, answer: Answer) -> list[Read]:
    """What an answer says of each of the items in its prompt.

    Args:
        mode: what was asked.
        count: items in the prompt.
        answer: of the model.

    Returns:
        one reading an item. A whole answer that is empty, cut short or a refusal is that error for each of its items.
    """
    text, joined = _aligned(answer)
    if answer.stopped == "refusal" or _REFUSAL.match(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")):
        return [Read(None, "refusal")] * count
    if not text.strip():
        return [Read(None, "cut short" if answer.stopped == "length" else "empty")] * count
    tokens = answer.tokens if joined else ()
    if count == 1:
        return [_one(mode, text, 0, tokens)]
    lines: dict[int, list[tuple[int, str]]] = {}
    for found in _LINE.finditer(text):
        lines.setdefault(int(found[1]), []).append((found.start(2), found[2]))
    missing = "cut short" if answer.stopped == "length" else "missing"
    return [_line(mode, lines.get(number, []), tokens, missing) for number in range(1, count + 1)]


def _line(mode: Mode, lines: Sequence[tuple[int, str]], tokens: Sequence[Token], missing: str) -> Read:
    if len(lines) != 1:
        return Read(None, "unparsable" if lines else missing)
    return _one(mode, lines[0][1], lines[0][0], tokens)


def _aligned(answer: Answer) -> tuple[str, bool]:
    """The answer, and whether it is its tokens laid end to end (up to special tokens behind it)."""
    joined = "".join(token.text for token in answer.tokens)
    body = answer.text.strip()
    at = joined.find(body) if body else -1
    return (joined[: at + len(body)], True) if at >= 0 and not joined[:at].strip() else (answer.text, False)


def _one(mode: Mode, text: str, at: int, tokens: Sequence[Token]) -> Read:
    """One item's answer; `at` is where `text` begins among the tokens."""
    if mode != "simulation":
        found = _YES_NO.match(text)
        return Read(float(found[1].lower() in _YES)) if found else Read(None, "unparsable")
    found = _NUMBER.match(text)
    if not found:
        return Read(None, "unparsable")
    value = float(found[1])
    if not 0 <= value <= MAX_LEVEL:
        return Read(None, "out of range")
    mean = expected_level(found[1], at + found.start(1), tokens)
    return Read(value) if mean is None else Read(mean, expected=True)


def expected_level(written: str, at: int, tokens: Sequence[Token]) -> float | None:
    """The expected level, sum of k p(k) over sum of p(k), over the levels among the likeliest tokens (Bills et al.).

    Where a tokenizer writes 10 as two tokens, the chance of "1" is split by the chance of a "0" behind it, which is
    known if the answer begins with a 1; else all of it counts as level 1.

    Args:
        written: the number as it was answered.
        at: where it begins among the tokens, in characters.
        tokens: of the answer.

    Returns:
        0 to 10; None where no token begins there, or none of its likeliest is a level (fractions).
    """
    place = _token_at(tokens, at)
    if place is None or written not in _LEVELS:
        return None
    chance = _levels(tokens[place], _LEVELS)
    behind = tokens[place + 1] if place + 1 < len(tokens) else None
    if tokens[place].text.strip() == "1" and behind is not None and "1" in chance:
        ten = chance["1"] * sum(exp(p) for text, p in behind.top if text.rstrip() == "0")
        chance["1"], chance["10"] = chance["1"] - ten, chance.get("10", 0.0) + ten
    total = sum(chance.values())
    return sum(_LEVELS[level] * p for level, p in chance.items()) / total if total > 0 else None


def _levels(token: Token, names: dict[str, float]) -> dict[str, float]:
    chance: dict[str, float] = {}
    for text, p in token.top:
        if (name := text.strip()) in names:
            chance[name] = chance.get(name, 0.0) + exp(p)
    return chance


def _token_at(tokens: Sequence[Token], at: int) -> int | None:
    """The token in which the character at `at` stands, if nothing but white space stands before it in the token."""
    begin = 0
    for place, token in enumerate(tokens):
        if begin <= at < begin + len(token.text):
            return place if not token.text[: at - begin].strip() else None
        begin += len(token.text)
    return None
