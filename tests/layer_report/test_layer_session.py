"""One unit of a layer report: every ending is written down, and grades are METHOD's."""

from pathlib import Path
from typing import Any

import made_up_layer
import numpy as np
import pytest

from benchmark.explainers.report import Report
from benchmark.layer_report import nulls
from benchmark.layer_report.layer import assert_apart, sampled, spread_over
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.options import ReportError
from benchmark.layer_report.session import explain, grades, own_items
from benchmark.layer_report.tasks import Desk, contexts, keys
from benchmark.layer_report.work import Progress, work
from benchmark.readers.executable import ExecutableReader
from benchmark.statistics.weighted import weighted_r
from benchmark.subjects.windows import Window
from benchmark.units.split import SplitError
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.predicate import Word

OWN = """
import time
from benchmark.laboratory import BudgetExceeded
from benchmark.explainers.report import Report

def crashes(laboratory): raise KeyError("oh")
def leaves(laboratory): raise SystemExit("bye")
def limited(laboratory): laboratory.charge_tokens(10**9); return "never"
async def measures(laboratory): await laboratory.measure(["a text"]); return "never"
class Sleeps:
    name, needs_model, declares_predicates = "sleeps", False, True
    async def explain(self, laboratory, journal, ask=None):
        time.sleep(30)
"""
READERS = {"executable": ExecutableReader(0.5)}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(made_up_layer.layer(), READERS, 1)


def test_the_census_names_what_cannot_be_explained(desk: Desk) -> None:
    census = desk.layer.census
    assert census[made_up_layer.SILENT] == "dead"
    assert census[:10] == ["explainable"] * 10
    assert made_up_layer.layer(teach=790).census[0] == "too dense"
    assert made_up_layer.layer(exam=5).census[0] == "too rare to examine"


def test_a_larger_sample_begins_with_a_smaller_one_and_none_is_larger_than_the_layer(desk: Desk) -> None:
    assert sampled(desk.layer, 8, 1)[:3] == sampled(desk.layer, 3, 1)
    assert sampled(desk.layer, 8, 1) != sampled(desk.layer, 8, 2)
    assert sorted(sampled(desk.layer, None, 1)) == desk.layer.explainable
    with pytest.raises(ReportError, match="sample=12 is more than the layer has: 12 latents, of which 11"):
        sampled(desk.layer, 12, 1)


def test_a_latent_with_a_rule_is_reported_and_graded_on_the_exam_alone(desk: Desk) -> None:
    task = desk.latent(0)
    teach = set(desk.layer.teach.texts)
    assert {each.text for each in task.exemplars} <= teach
    assert teach.isdisjoint(desk.layer.exam.texts)
    record = desk.graded({"key": task.key, **task.stated, **explain("rule_induction", task.exemplars, 60)})
    assert record["outcome"] == "report"
    assert record["grades"]["executable"]["r"] > 0.95
    assert record["grades"]["executable"]["simulation_accuracy"] > 0.95
    assert record["spend"]["unit_queries"] == 0


def test_grades_are_those_of_the_tokens(desk: Desk) -> None:
    report = made_up_layer.report(Word((made_up_layer.TRIGGERS[0][0],)))
    values, rows = desk.layer.readings["exam"].words(0), desk.layer.rows(0)
    items = own_items(desk.layer.exam, values, desk.layer.similarity, (1, 2))
    found = grades(report, READERS, desk.layer.exam, rows, items)["executable"]
    prediction = 10.0 * evaluate(report.claims[0].predicate or Word(("x",)), desk.layer.exam)
    assert found["r"] == pytest.approx(weighted_r(values, prediction, np.ones(len(values))), abs=1e-6)
    assert items.strata.count("firing") == 20
    assert 0 < found["recall"] < 1
    assert found["specificity"] == 1


def test_a_latent_and_a_null_unit_without_a_rule_are_abstained_from(desk: Desk) -> None:
    for task in (desk.latent(made_up_layer.RANDOM), desk.null(0, 0), desk.null(1, 1)):
        assert explain("rule_induction", task.exemplars, 60)["outcome"] == "abstention"


def test_a_null_unit_fires_as_its_match_does_and_is_another_under_another_seed(desk: Desk) -> None:
    task = desk.null(0, 4)
    values, rows = desk.exam({**task.stated})
    match = desk.layer.readings["exam"].words(4)
    assert 0.5 < (values > 0).sum() / (match > 0).sum() < 2
    assert abs(np.corrcoef(values, match)[0, 1]) < 0.1
    assert rows.total.sum() == pytest.approx(values.sum())
    other = Desk(desk.layer, READERS, 2).null(0, 4)
    assert other.stated["truth"]["key"] != task.stated["truth"]["key"]


@pytest.mark.parametrize(
    ("name", "outcome", "said"),
    [
        ("crashes", "crash", "KeyError: 'oh'"),
        ("leaves", "crash", "SystemExit: bye"),
        ("limited", "limit", "tokens"),
        ("measures", "limit", "unit queries"),
        ("Sleeps", "timeout", "more than 1 s"),
    ],
)
def test_every_ending_is_counted(tmp_path: Path, desk: Desk, name: str, outcome: str, said: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(OWN, "utf-8")
    found = explain(f"{path}@{name}", desk.latent(0).exemplars, 1)
    assert (found["outcome"], said in found["said"]) == (outcome, True)
    assert found["seconds"] < 10
    assert "report" not in found


def test_contexts_hold_where_a_unit_fires(desk: Desk) -> None:
    (first, *_) = contexts(desk.latent(2).exemplars)
    words = first["text"].split()
    assert {words[place] for place, _ in first["levels"]} <= set(made_up_layer.TRIGGERS[2])


def test_nulls_are_matched_to_the_sample_in_turn() -> None:
    assert list(keys([7, 9], 3))[2:] == [("null", 0, 7), ("null", 1, 9), ("null", 2, 7)]
    assert list(keys([], 3)) == []


def test_parts_that_share_a_document_are_refused() -> None:
    assert_apart({"teach": {"a"}, "exam": {"b"}})
    with pytest.raises(SplitError, match="'a' is in teach and in exam"):
        assert_apart({"teach": {"a", "c"}, "exam": {"a"}})


def test_windows_are_thinned_evenly() -> None:
    windows = [Window(str(i), "d") for i in range(10)]
    assert [each.text for each in spread_over(windows, 4)] == ["0", "3", "6", "9"]
    assert spread_over(windows, None) == windows


def test_an_abstention_is_never_graded(desk: Desk) -> None:
    record = {"key": "latent/0", "latent": 0, "outcome": "abstention", "report": Report.abstain("no").to_json()}
    assert "grades" not in desk.graded(record)


def test_a_null_unit_that_cannot_be_like_its_latent_is_like_the_next_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = nulls.fit_null

    def rare(key: str, values: Any, passages: Any) -> Any:
        if np.array_equal(values, desk.layer.readings["teach"].words(4)):
            raise ValueError("fires on 0% of words")
        return fit(key, values, passages)

    monkeypatch.setattr(nulls, "fit_null", rare)
    assert desk.null(0, 4).stated["matched"] == 5
    assert desk.null(0, 3).stated["matched"] == 3


def test_a_null_unit_that_cannot_be_made_is_counted_and_ends_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nulls, "LEAST_FIRING", 10**6)
    task = desk.null(0, 4)
    assert (task.key, "fires in fewer than" in task.unmade) == ("null/0", True)
    ledger = Ledger(tmp_path, {})
    work([lambda: task], "rule_induction", 60, 1, ledger, desk.graded, Progress("x", 1))
    ledger.close()
    assert ledger.records["null/0"]["outcome"] == "no null unit"
