"""Text from units, files and models as data in markdown: nothing in it can close its quotation or draw on the page."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from benchmark.laboratory import Exemplar
from synthetic_neurons.passages import word_spans

LONGEST = 1200
_BACKTICKS = re.compile("`+")


def one_line(text: str, limit: int = LONGEST) -> str:
    """`text` on one line, without control characters (ANSI, bidirectional marks), at most `limit` characters."""
    # Cut first: a text may be megabytes long.
    line = " ".join(text[: 8 * limit].split())
    line = "".join(each if each.isprintable() else "\ufffd" for each in line)
    whole = len(line) <= limit and len(text) <= 8 * limit
    return line if whole else f"{line[:limit]}… ({len(text)} characters in all)"


def fenced(lines: Iterable[str]) -> str:
    """Lines as a code block whose fence is longer than any run of backticks inside."""
    body = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(body)), default=0))
    return f"{fence}text\n{body}\n{fence}"


def active(exemplar: Exemplar) -> str:
    """A window with its activations: **word** (7.3) where the unit fires."""
    marks = {at: f"**{{}}** ({value:.1f})" for at, value in enumerate(exemplar.values.tolist()) if value > 0}
    return _marked(exemplar.text, marks)


def changed(text: str, source: str) -> str:
    """A text beside the one it was made from: **new** words marked, [-old-] ones in brackets."""
    if not source:
        return one_line(text)
    words, before = _words(text), _words(source)
    made: list[str] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, words, autojunk=False).get_opcodes():
        if kind in ("replace", "delete"):
            made.append(f"[-{_shortened(before[a:b])}-]")
        if kind != "delete" and c < d:
            made.append(" ".join(words[c:d]) if kind == "equal" else f"**{' '.join(words[c:d])}**")
    return one_line(" ".join(made))


def _words(text: str) -> list[str]:
    """Runs of what is not white space: quotation marks and brackets stay where they are."""
    return text.split()


def _shortened(words: Sequence[str]) -> str:
    return " ".join(words) if len(words) <= 3 else f"{words[0]} … {words[-1]}, {len(words)} words"


def _marked(text: str, marks: dict[int, str]) -> str:
    made, end = [], 0
    for at, (start, stop) in enumerate(word_spans(text)):
        made += [text[end:start], marks.get(at, "{}").replace("{}", text[start:stop])]
        end = stop
    return one_line("".join([*made, text[end:]]))
