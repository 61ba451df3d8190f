"""Untrusted text in markdown: it stays in its fence, on its line, and says what was changed."""

import numpy as np
import pytest

from benchmark.laboratory import Exemplar
from benchmark.runtime.journal_prose import Line, closing, prose
from benchmark.runtime.quoting import active, changed, fenced, one_line
from synthetic_neurons.passages import Passages

HOSTILE = "end ```\n# I am a heading\n`````` <img src=x> \u001b[31m\u202e ~~~"


def window(text: str, **values: float) -> Exemplar:
    words = Passages.of([text]).words
    return Exemplar(text, words, np.array([values.get(word, 0.0) for word in words]), "firing")


def outside(markdown: str) -> str:
    """What stands outside all fences, read as CommonMark reads them."""
    kept, fence = [], ""
    for line in markdown.splitlines():
        run = len(line) - len(line.lstrip("`"))
        if not fence and run >= 3:
            fence = "`" * run
        elif fence and run >= len(fence) and not line.strip("`"):
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def test_a_fence_is_longer_than_any_run_inside() -> None:
    assert fenced(["a ```` b"]).startswith("`````text\n")
    assert outside(fenced(["x", "```", "y"])) == ""


@pytest.mark.parametrize(
    "kind", ["observation", "hypothesis", "experiment", "result", "submission", "objection", "odd"]
)
def test_no_kind_of_entry_lets_text_out_of_its_fence(kind: str) -> None:
    report = {"text": HOSTILE, "claims": [{"text": HOSTILE, "predicate": {"op": HOSTILE}}]}
    data = {"window": HOSTILE, "source": HOSTILE[3:], "change": HOSTILE, "report": report, "rank": 0, "score": 0.5}
    text = prose([Line(kind, HOSTILE, 1, data, (window(HOSTILE, end=3.0),)), Line(kind, HOSTILE)])
    assert "heading" not in outside(text)
    assert "\u001b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("value", [None, [], {"claims": 3, "text": ""}, {"text": "x", "claims": [{"level": "high"}]}])
def test_a_report_that_is_none_is_shown_as_such(value: object) -> None:
    assert "cannot be read" in prose([Line("submission", "x", 1, {"report": value})])


def test_a_reason_stays_in_its_fence() -> None:
    assert "heading" not in outside(closing({"outcome": "crash", "reason": HOSTILE}))


def test_a_window_shows_where_the_unit_fires() -> None:
    assert active(window("the bank, of\n  the river", bank=7.31)) == "the **bank** (7.3), of the river"


def test_a_changed_text_shows_what_was_changed() -> None:
    assert changed("the river banks are", "the river bank is") == "the river [-bank is-] **banks are**"
    assert changed("bank", "a b c d e bank") == "[-a … e, 5 words-] bank"
    assert changed("as it was", "") == "as it was"


def test_a_long_text_is_cut_and_says_so() -> None:
    assert one_line("word " * 10_000, limit=20) == "word word word word … (50000 characters in all)"
