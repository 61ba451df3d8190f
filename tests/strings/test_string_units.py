"""String units in the laboratory, and explainers examined on them."""

import asyncio
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.top_tokens import TopTokens
from benchmark.laboratory import Budget, ExamOverlap, PracticeError
from benchmark.statistics.weighted import weighted_r
from benchmark.strings.board import examine, readers_of
from benchmark.strings.page import to_markdown
from benchmark.strings.world import SHARES, SLICES, StringNulls, StringRoom, StringWorld, cue_of, items_of
from benchmark.suites.suite import load
from synthetic_neurons.predicate import parse
from synthetic_neurons.strings import inputs, string_units

UNITS = {unit.identifier.partition("-")[2].partition("-")[2]: unit for unit in string_units()}


@cache
def world(name: str) -> StringWorld:
    return StringWorld(UNITS[name], 1)


@cache
def room(name: str) -> StringRoom:
    suite = load("embedded-2")
    strangers = [entry.report for entry in suite.bank.reports if entry.report.has_predicates][:120]
    readers = readers_of(suite)
    return StringRoom(world(name), StringNulls.of([world(name)], strangers), readers["executable"], readers["lookup"])


def ending(text: str) -> Report:
    return Report(text, (Claim(text, parse({"op": "suffix", "text": text})),))


def test_what_words_give_away() -> None:
    cues = {name: cue_of(unit) for name, unit in UNITS.items()}
    assert {name for name, cue in cues.items() if cue == "few outputs"} == {
        "keyed-length",
        "initial-last-moved",
        "length-reversed",
        "initial-reversed-moved",
    }
    assert cues["tail-qorvi"] == cues["head-zu"] == "fixed letters"
    assert cues["reverse"] == cues["cipher"] == "none"


def test_weights_bring_back_the_shares() -> None:
    items = items_of(UNITS["reverse"], "practice", {"firing": 4, "near_miss": 8, "silent": 2}, 0)
    fires = items.passages.per_text_max(items.values) > 0
    assert items.weight[fires].sum() == pytest.approx(SHARES["firing"])
    assert items.weight.sum() == pytest.approx(1)


def test_teach_shows_no_input_word_of_the_exam() -> None:
    taught = set(world("reverse").teach.passages.words)
    assert not taught & set(inputs("exam"))
    assert set(world("reverse").exam.passages.words) & set(inputs("exam"))


def test_measure_answers_guesses_and_refuses_the_exam() -> None:
    laboratory = world("reverse").laboratory(room("reverse"), Budget())
    (right, wrong) = asyncio.run(laboratory.measure(["stone enots", "stone enot"]))
    assert right.values.tolist() == [0, 10]
    assert wrong.peak == 0
    with pytest.raises(ExamOverlap):
        asyncio.run(laboratory.measure([world("reverse").exam.passages.texts[0]]))
    assert laboratory.spend.refused == 1


def test_exemplars_hold_the_truth_strongest_first() -> None:
    exemplars = world("reverse").exemplars
    assert [each.peak for each in exemplars] == sorted((each.peak for each in exemplars), reverse=True)
    assert {each.stratum for each in exemplars if each.peak > 0} == {"firing"}
    pairs = [
        (each.words[i - 1], each.words[i]) for each in exemplars for i in np.flatnonzero(each.values) if each.peak > 0
    ]
    assert len(pairs) >= 40
    assert all(second == first[::-1] for first, second in pairs)


def test_every_slice_is_graded_and_a_stranger_fails() -> None:
    found = room("tail-qorvi")
    good, stranger = ending("qorvi"), ending("ing")
    for name in SLICES:
        grades = found.grade(good, name), found.grade(stranger, name)
        assert grades[0].r > 0.5 > 0.2 > grades[1].r
        assert grades[0].p < 0.05 < grades[1].p


def test_practice_refuses_what_it_cannot_grade() -> None:
    prose = world("reverse").truth
    assert room("reverse").grade(prose, "P0").p == 1
    with pytest.raises(PracticeError, match="predicates"):
        room("reverse").grade(prose, "P1")
    with pytest.raises(PracticeError, match="P0, P1"):
        room("reverse").grade(prose, "own")


def test_a_stranger_without_predicates_is_refused() -> None:
    with pytest.raises(ValueError, match="no predicates"):
        StringNulls.of([world("reverse")], [world("reverse").truth])


def test_words_are_a_cue_where_outputs_are_few_and_none_elsewhere() -> None:
    def r(name: str) -> float:
        laboratory = world(name).laboratory(room("reverse"), Budget())
        report = asyncio.run(TopTokens().explain(laboratory, Journal()))
        exam = world(name).exam
        levels = readers_of(load("embedded-2"))["executable"].read(report, exam.passages)
        assert levels is not None
        return weighted_r(exam.values, levels, exam.weight[exam.passages.text_of])

    assert r("length-reversed") > 0.5
    assert abs(r("reverse")) < 0.1


def test_the_board_says_who_declares_none_and_what_the_ceiling_is(tmp_path: Path) -> None:
    suite = load("embedded-2")
    found = examine(
        [world("reverse"), world("tail-qorvi")], suite, ("constant", "rule_induction", "oracle"), lambda text: None
    )
    rows = {(row["explainer"], row["reader"]): row for row in found["rows"]}
    assert found["ceiling"]["r"]["mean"] == 1
    assert rows["oracle", "executable"]["r"] is None
    assert rows["oracle", "executable"]["outcomes"] == {"declares none": 2}
    assert rows["oracle", "lookup"]["r"]["mean"] < 0.2
    assert rows["constant", "executable"]["r"] == {"mean": 0, "low": None, "high": None, "n": 2}
    by_unit = {unit["identifier"]: unit["r"]["rule_induction"] for unit in found["units"]}
    assert by_unit["strings-01-tail-qorvi"] > 0.4 > abs(by_unit["strings-05-reverse"])
    assert set(found["by_cue"]) == {"fixed letters", "none"}
    page = to_markdown(json.loads(json.dumps(found)))
    assert "declares none" in page
    assert "under 10 units" in page


def test_the_committed_results_are_the_page_of_their_json(root: Path) -> None:
    found = json.loads((root / "results/find_strings.json").read_text("utf-8"))
    assert (root / "results/find_strings.md").read_text("utf-8") == to_markdown(found)
    assert found["units_examined"] == len(string_units())
    assert [unit["function"] for unit in found["units"]] == [unit.function.to_json() for unit in string_units()]
