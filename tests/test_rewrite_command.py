"""What `viva rewrite` refuses, in one line."""

from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import _Parser
from benchmark.errors import UserError
from benchmark.leaderboard.markdown import escape
from benchmark.rewrite.command import run
from benchmark.rewrite.page import said, to_markdown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: logs"),
        (["nowhere"], "nowhere is not there"),
        (["logs", "--windows", "0"], "--windows 0 measures nothing; give 1 or more"),
        (["logs", "--units", "-1"], "--units -1 measures nothing"),
        (["logs", "--reader", "embeding"], "did you mean 'embedding'"),
    ],
)
def test_wrong_arguments_are_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        run(_Parser(prog="viva rewrite"), arguments, lambda line: None)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"score": 0.5, "low": 0.4, "high": 0.6, "n": 24}, "0.50 [0.40, 0.60]"),
        # A resample of these units was worth nothing to the subject: a score of 6 is noise.
        ({"score": 6.0, "low": None, "high": None, "n": 24}, "not resolvable"),
        ({"score": 0.5, "low": None, "high": None, "n": 4}, "0.50"),
        ({"score": None, "low": None, "high": None, "n": 24}, "no effect"),
    ],
)
def test_a_quotient_by_what_is_worth_nothing_is_no_score(row: dict[str, Any], shown: str) -> None:
    assert said(row) == shown
    names = {"reader": "lookup", "explainer": "x", "model": "none", "floor": 1.64, "helped": 1, "reports": 4}
    whole = {"provenance": {"suite": "toy", "windows": 32}, "rows": [{**names, "effect": 0.02, **row}]}
    page = to_markdown(whole)
    line = next(line for line in page.splitlines() if line.startswith("| x |"))
    assert escape(shown) in line
    assert ("1.64" in line) == shown.startswith("0.50")
