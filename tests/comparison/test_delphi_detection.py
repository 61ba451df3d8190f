"""The comparison without delphi: what is chosen, what is handed over, what is written down."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from made_up_cases import HOSTILE, a_run, answered, made, own_items, suite

from benchmark.comparison.cases import ComparisonError, chosen, pieces, the_run
from benchmark.comparison.compared import PROCEDURES, Beside, by_reader, summary
from benchmark.comparison.delphi_detection import delphi_says
from benchmark.comparison.detection_page import publish
from benchmark.comparison.gap import BASE_RATE
from synthetic_neurons.passages import Passages


def beside(folder: Path) -> Beside:
    found = made(folder)
    return by_reader(found, answered(found, PROCEDURES))["embedding"]


def test_pieces_make_up_the_text_one_a_word() -> None:
    passages = Passages.of(["  two  words, ", "", "   ", "one"])
    assert ["".join(pieces(passages, place)) for place in range(4)] == list(passages.texts)
    assert pieces(passages, 0) == ["  two  ", "words", ", "]
    assert pieces(passages, 3) == ["one"]


def test_a_sheet_has_the_readers_decisions_and_the_units_values(tmp_path: Path) -> None:
    sheet = made(tmp_path)[0].sheet()
    assert [each["said"] for each in sheet["windows"]] == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    assert [each["fires"] for each in sheet["windows"]] == [True] * 3 + [False] * 6
    assert [max(each["activations"]) for each in sheet["windows"]][:4] == [3.0, 2.0, 1.0, 0.0]
    assert ["".join(each["pieces"]) for each in sheet["windows"]] == list(own_items().passages.texts)
    assert sheet["explanation"].startswith(HOSTILE)
    json.dumps(sheet)


def test_cases_hold_the_exams_scores_and_the_strata_apart(tmp_path: Path) -> None:
    first, second = made(tmp_path)
    assert first.ours["simulation_accuracy"] == pytest.approx((1 + 4 / 6) / 2)
    assert second.facts["said_firing"] == pytest.approx(2 / 3)
    assert second.facts["said_near_miss"] == pytest.approx(1 / 3)
    assert second.facts["said_silent"] == 1.0
    assert first.facts["base_rate_windows"] == pytest.approx(0.05)
    assert first.facts["base_rate_words"] == pytest.approx(4 / (50 + 3000))
    assert first.facts["marginal"] == 0


def test_units_are_drawn_from_those_with_a_report(tmp_path: Path) -> None:
    units, without = chosen(suite(), a_run(tmp_path), "found", 2, seed=0)
    assert [unit.identifier for unit in units] == ["found-1", "found-2"]
    assert without == {"abstained": 1}
    with pytest.raises(ComparisonError, match=r"reported on 2 found units of 3, not on 3; mend: --units 2"):
        chosen(suite(), a_run(tmp_path), "found", 3, seed=0)
    one = {chosen(suite(), a_run(tmp_path), "found", 1, seed=seed)[0][0].identifier for seed in range(20)}
    assert one == {"found-1", "found-2"}


def test_the_run_must_be_one(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert the_run([run], "top_tokens", None) is run
    for runs, name in (([run], "oracle"), ([run, run], "top_tokens")):
        with pytest.raises(ComparisonError, match=r"mend: --explainer and --model, of: top_tokens \(none\)"):
            the_run(runs, name, None)


def test_scores_are_paired_unit_by_unit(tmp_path: Path) -> None:
    found = summary(beside(tmp_path), seed=0)
    assert found["pairs"]["accuracy"]["largest_difference"] == pytest.approx(0, abs=1e-12)
    # Without near misses unit 1 has no false alarm, and unit 2 nothing but false alarms among silent windows.
    random = [unit["theirs"]["random"]["accuracy"] for unit in found["units"]]
    assert random == pytest.approx([1.0, 1 / 3])
    wanted = np.mean(random) - np.mean([unit["ours"]["simulation_accuracy"] for unit in found["units"]])
    pair = found["pairs"]["accuracy_random"]
    assert pair["mean_theirs"] - pair["mean_ours"] == pytest.approx(wanted)
    assert pair["pearson"]["low"] is None


def test_readers_are_kept_apart(tmp_path: Path) -> None:
    found = made(tmp_path, ("executable", "lookup", "embedding"))
    assert [(case.reader, case.unit) for case in found] == [
        ("executable", "found-1"),
        ("executable", "found-2"),
        ("embedding", "found-1"),
        ("embedding", "found-2"),
    ]
    sides = by_reader(found, answered(found, PROCEDURES))
    for reader, accuracies in (("executable", [5 / 12, 5 / 12]), ("embedding", [5 / 6, 1 / 2])):
        theirs = [figures["accuracy"] for figures in sides[reader].theirs["one"]]
        assert theirs == pytest.approx(accuracies)
        assert [case.ours["simulation_accuracy"] for case in sides[reader].cases] == pytest.approx(accuracies)


def test_the_largest_differences_come_first_with_steps_that_add_up(tmp_path: Path) -> None:
    found = summary(beside(tmp_path), seed=0)
    for to in ("r", "f1"):
        gaps = [abs(each["gap"]) for each in found["largest"][to]]
        assert gaps == sorted(gaps, reverse=True)
        for each in found["largest"][to]:
            assert sum(each["steps"].values()) == pytest.approx(each["gap"])
            assert each["theirs"] - each["ours"] == pytest.approx(each["gap"])
        assert sum(found["steps"][to]["mean"].values()) == pytest.approx(found["steps"][to]["mean_gap"])
        assert sum(found["steps"][to]["causes"].values()) == 2
    second = next(each for each in found["largest"]["f1"] if each["unit"] == "found-2")
    assert second["cause"] == BASE_RATE


def test_what_is_written_is_escaped_and_the_same_bytes_again(tmp_path: Path) -> None:
    side = beside(tmp_path)
    facts = {
        **{"suite": "<b>", "suite_hash": "0" * 64, "score_version": 2, "delphi": "0.1.3", "explainer": HOSTILE},
        **{"model": "none", "tier": "found", "units": 2, "seed": 0, "without_report": {"abstained": 1}},
        "readers": {"embedding": summary(side, seed=0)},
    }
    paths = publish(tmp_path / "out" / "d.json", facts, {"embedding": side})
    assert [path.suffix for path in paths] == [".json", ".md", ".svg"]
    page, svg = paths[1].read_text("utf-8"), paths[2].read_text("utf-8")
    assert "<script>" not in page + svg
    assert "\x1b" not in page + svg
    assert "1 abstained" in page
    root = ElementTree.fromstring(svg)
    marks = [mark for mark in root.iter("{http://www.w3.org/2000/svg}circle") if "dot" in mark.get("class", "")]
    assert len(marks) == 3 * 2
    assert json.loads(paths[0].read_text("utf-8"))["readers"]["embedding"]["units"][0]["unit"] == "found-1"
    before = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in publish(paths[0], facts, {"embedding": side})] == before


def test_a_delphi_that_is_not_there_or_fails_is_one_line(tmp_path: Path) -> None:
    found = made(tmp_path)
    with pytest.raises(ComparisonError, match="cannot be started"):
        delphi_says(tmp_path / "python", found)
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho one >&2; echo its last words >&2; exit 3\n")
    failing.chmod(0o700)
    with pytest.raises(ComparisonError, match="delphi ended with 3: its last words"):
        delphi_says(failing, found)


def test_the_command_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmark.comparison.delphi_detection", str(tmp_path), "--delphi", "python"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("delphi_detection: no Inspect logs under")
