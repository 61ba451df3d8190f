"""What a calibration found stands on the boards of its suite, and its absence too."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmark.calibration.shipped_facts import SHIPPED, ship, shipped
from benchmark.leaderboard import SCORE_VERSION, Board, to_html, to_json, to_markdown, validate
from benchmark.leaderboard.examined import KINDS, NONE, section
from benchmark.suites import Suite, load

ROOT = Path(__file__).parents[2]

BOUND = {"kind": "null", "rejected": 3, "decisions": 10_000, "rate": 0.0003, "lower": 0.0001, "upper": 0.0012}
SHARE = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 24}
TOLD: dict[str, Any] = {
    "suite_hash": "a",
    "bank_hash": "b",
    "seed": 1,
    "score_version": SCORE_VERSION,
    "nulls_examined": {"units": 10_000},
    "placebos_examined": {"reports": 1_200, "sources": 480},
    "false_positives": [
        {**BOUND, "reader": "executable", "alpha": 0.00135, "resolvable": 1.0, "verdict": "passes", "note": "x"},
        {**BOUND, "reader": "<b>", "alpha": 0.05, "resolvable": 0.25, "verdict": "too few", "effective": 3.0},
    ],
    "power": [
        {"reader": "executable", "windows": windows, "share": SHARE, "rungs": 9, "smallest_p": 0.001}
        for windows in (2_000, 60)
    ],
    "sensitivity": [
        {"reader": "lookup", "metric": metric, "kind": "longer", "change": SHARE, "moved": SHARE}
        for metric in ("r", "f1")
    ],
    "transfer": [{"tier": "found", "first": "executable", "second": "lookup", "rho": 0.25, "reports": 30, "units": 24}],
}


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "calibration.json").write_text(json.dumps(TOLD), "utf-8")
    ship(tmp_path / "calibration.json", "made-up", tmp_path)
    told = shipped(cast(Suite, SimpleNamespace(name="made-up", hash="a", bank_hash="b")), tmp_path)
    assert told is not None
    return told


@pytest.mark.parametrize("other", [{"hash": "z"}, {"bank_hash": "z"}, {"name": "another"}])
def test_a_suite_has_its_own_calibration_alone(found: dict[str, Any], tmp_path: Path, other: dict[str, str]) -> None:
    suite = SimpleNamespace(**{"name": "made-up", "hash": "a", "bank_hash": "b", **other})
    assert shipped(cast(Suite, suite), tmp_path) is None


def test_another_score_version_is_no_calibration(found: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "made-up.json").write_text(json.dumps({**found, "score_version": "1"}), "utf-8")
    assert shipped(cast(Suite, SimpleNamespace(name="made-up", hash="a", bank_hash="b")), tmp_path) is None


def test_what_ships_is_what_was_found(found: dict[str, Any]) -> None:
    assert found["power"] == [TOLD["power"][0]], "with the most windows"
    shown = section(found)
    assert shown.head == ("decision", "α", "executable", "<b>")
    lines = {(line[0], line[1]): line[2:] for line in shown.body}
    assert lines[KINDS["null"], "0.00135"] == ("0.0003 [0.0001, 0.0012] passes", "–")
    assert lines[KINDS["null"], "0.05"] == ("–", "0.0003 [0.0001, 0.0012] too few; 25% resolvable")
    assert lines[KINDS["placebo_found"], "0.05"] == ("–", "–")
    assert "10,000 null units" in shown.note
    assert [each["metric"] for each in found["sensitivity"]] == ["r"]
    assert any("lookup 0.50 (longer)" in each for each in shown.found)
    assert any("executable 0.50 [0.40, 0.60] (n = 24)" in each for each in shown.found)
    assert any("executable – lookup 0.25 (found)" in each for each in shown.found)


def test_every_rendering_carries_it_or_says_that_there_is_none(board: Board, found: dict[str, Any]) -> None:
    examined = replace(board, calibration=found)
    for render in (to_markdown, to_html):
        assert "0.0003" in render(examined)
        assert "<b>" not in render(examined).split("The examiners examined")[1]
        assert NONE.split(":")[0] in render(board)
    for each in (board, examined):
        validate(json.loads(to_json(each)))
    assert json.loads(to_json(board))["calibration"] is None


def test_what_ships_is_what_was_published(tmp_path: Path) -> None:
    made = ship(ROOT / "results/calibration/calibration.json", "embedded-2", tmp_path)
    assert made.read_bytes() == (SHIPPED / made.name).read_bytes()
    told = shipped(load("embedded-2"))
    assert told is not None
    assert told["nulls"] == 10_000
    board = json.loads((ROOT / "results/embedded-2/leaderboard.json").read_text("utf-8"))
    for shown, found in zip(board["calibration"]["false_positives"], told["false_positives"], strict=True):
        assert shown["verdict"] == found["verdict"]
        assert shown["upper"] == pytest.approx(found["upper"], rel=1e-5)
