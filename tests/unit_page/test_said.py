"""A unit's page with what a board's explainers said: whose, in which order, and that nothing in it can steer it."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark import cli
from benchmark.leaderboard.board_file import BoardFileError
from benchmark.unit_page import Said, Truth, UnitPage, to_html
from benchmark.unit_page.said import SaidError, said_of
from benchmark.units.unit import Unit

UNIT = Unit("planted-00", "planted", "concrete", {})
SUITE: Any = SimpleNamespace(name="embedded-2", hash="abc")
ATTACK = "</dd><script>alert(1)</script> \x1b[31m\u202e"


def _entry(explainer: str, r: float | None, reader: str = "executable", **more: Any) -> dict[str, Any]:
    entry = {"explainer": explainer, "model": "none", "unit": UNIT.identifier, "reader": reader, "r": r}
    return {**entry, "outcome": "graded", **more}


def _board(tmp_path: Path, **changes: Any) -> Path:
    diagnosis = {"error_type": "too_broad", "claims": 2, "overclaimed": 1, "confidence": 0.8, "description_bits": 120.0}
    units = [
        _entry("weak", 0.2, outcome="abstained"),
        _entry("strong", 0.5, "lookup", **diagnosis),
        _entry("strong", 0.9, **diagnosis),
        {**_entry("strong", 0.1), "unit": "planted-01"},
    ]
    reports = [
        {"explainer": "strong", "model": "none", "tier": "planted", "unit": UNIT.identifier, "text": ATTACK},
        {"explainer": "strong", "model": "none", "tier": "planted", "unit": "planted-01", "text": "another unit's"},
    ]
    provenance = {"suite": "embedded-2", "suite_hash": "abc"}
    value = {"provenance": provenance, "rows": [], "units": units, "reports": reports, **changes}
    path = tmp_path / "leaderboard.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_reports_come_best_first_with_scores_and_diagnosis(tmp_path: Path) -> None:
    strong, weak = said_of(_board(tmp_path), SUITE, UNIT)
    assert (strong.who, weak.who) == ("strong", "weak")
    assert strong.text == ATTACK
    assert strong.outcome == (
        "graded · predicate (by construction) r 0.90; lookup reader r 0.50 · too broad, 1 of 2 claims no better than "
        "strangers, confidence 0.80, 120 bits"
    )
    assert weak.outcome == "abstained · predicate (by construction) r 0.20", "an old board has no diagnosis"


def test_a_unit_that_nobody_was_asked_about_has_none(tmp_path: Path) -> None:
    assert said_of(_board(tmp_path), SUITE, Unit("planted-09", "planted", "concrete", {})) == ()


def test_a_board_of_another_suite_is_refused(tmp_path: Path) -> None:
    path = _board(tmp_path, provenance={"suite": "embedded-1", "suite_hash": "def"})
    with pytest.raises(SaidError, match=r"of embedded-1 \(def\), not of embedded-2 \(abc\); give --suite"):
        said_of(path, SUITE, UNIT)


@pytest.mark.parametrize("changes", [{"units": [{}]}, {"units": 3}, {"reports": [{"text": "x"}]}, {"provenance": {}}])
def test_a_damaged_board_is_one_line(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(SaidError, match="rebuild the board") as caught:
        said_of(_board(tmp_path, **changes), SUITE, UNIT)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BoardFileError, match=r"viva unit: no board at .*; did you mean .*leaderboard\.json"):
        said_of(_board(tmp_path).with_name("leaderbord.json"), SUITE, UNIT)


def test_the_page_escapes_what_was_said() -> None:
    said = (Said(f"x{ATTACK}", "graded", ATTACK), Said("y", "abstained", ""))
    facts: dict[str, Any] = dict.fromkeys(("identifier", "tier", "family", "source", "source_hash", "texts"), "x")
    page = UnitPage(**facts, resolution="words", scale=1.0, facts=(), truth=Truth("exact", "x"), groups=(), said=said)
    text = to_html(page)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "(no text)" in text
    assert 'id="said"' in text


@pytest.mark.parametrize("more", [(), ("--html", "--store", "out")])
def test_a_board_goes_with_a_page_of_a_suite_s_unit(
    more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["viva", "unit", "planted-00", "--board", "leaderboard.json", *more])
    with pytest.raises(SystemExit):
        cli.main()
    assert "--board adds reports to the page of a suite's unit" in capsys.readouterr().err
