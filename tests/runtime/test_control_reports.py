"""What the controls that know the truth get: swapped reports that are wrong, and strangers as broad as the right."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "readers"))
from hash_encoder import HashEncoder

from benchmark.exam.cross_examination import STRANGER_LIMIT
from benchmark.examiner import Examiner
from benchmark.explainers.report import Report
from benchmark.laboratory import Budget
from benchmark.runtime import controls
from benchmark.runtime.workshop import Workshop
from benchmark.statistics.weighted import rows_r
from benchmark.suites import load
from benchmark.units.unit import Unit


@pytest.fixture(scope="module")
def shop() -> Workshop:
    made = Workshop(load("embedded-2"))
    made._examiner = Examiner(made.suite, HashEncoder())
    return made


def some(shop: Workshop, tier: str, count: int) -> list[Unit]:
    return [unit for unit in shop.suite.units if unit.tier == tier][::3][:count]


def r_of(shop: Workshop, unit: Unit, report: Report) -> float:
    pool = shop.suite.pool(unit.pool)
    levels = shop.examiner.readers["executable"].read(report, pool.passages)
    assert levels is not None
    return rows_r(pool.rows[unit.identifier], levels, pool.word_weight)


@pytest.mark.parametrize("tier", ["planted", "found", "null"])
def test_a_saboteur_s_report_has_nothing_to_do_with_the_unit_it_was_made_from(shop: Workshop, tier: str) -> None:
    for unit in some(shop, tier, 5):
        right, wrong = controls.right_report(shop, unit), controls.saboteur(shop, unit)
        assert wrong is not shop.placebo(unit)
        assert r_of(shop, unit, wrong) < STRANGER_LIMIT
        assert [claim.level for claim in wrong.claims] == [claim.level for claim in right.claims]
        assert all(a.predicate != b.predicate for a, b in zip(right.claims, wrong.claims, strict=True))
        assert wrong.has_predicates


def test_a_swap_that_correlates_is_passed_over(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = some(shop, "planted", 1)[0]
    first = controls.saboteur(shop, unit)
    r = iter([0.5, 0.0])
    monkeypatch.setattr(controls, "_r", lambda *_: next(r))
    assert controls.saboteur(shop, unit) != first
    monkeypatch.setattr(controls, "_r", lambda *_: 0.5)
    assert controls.saboteur(shop, unit) is shop.placebo(unit)


def test_found_units_words_are_swapped_for_words_they_do_not_fire_on(shop: Workshop) -> None:
    for unit in some(shop, "found", 3):
        fired = controls._fired_on(shop, unit)
        told = [claim.predicate.to_json()["words"] for claim in controls.saboteur(shop, unit).claims if claim.predicate]
        assert fired.isdisjoint(word for words in told for word in words)
        assert len(fired) > 10


def test_a_dead_unit_s_saboteur_says_that_it_always_fires(shop: Workshop) -> None:
    said = {
        unit.report["claims"][0]["predicate"]["op"]: controls.saboteur(shop, unit).claims[0].predicate.op  # type: ignore[union-attr, index]
        for unit in shop.suite.units
        if unit.tier == "trivial"
    }
    assert said == {"never": "always", "always": "never"}


def test_strangers_are_forty_of_forty_sources_as_broad_as_the_right_report(shop: Workshop) -> None:
    bank = shop.suite.bank
    unit = some(shop, "planted", 1)[0]
    right = controls.right_report(shop, unit)
    found = controls.strangers(shop, unit, right)
    places = [next(i for i, each in enumerate(bank.reports) if each.report is report) for report in found]
    assert len({bank.reports[place].source for place in places}) == controls.STRANGERS == 40
    assert bank.mask[shop.suite.order[unit.identifier], places].all()
    assert all(report.has_predicates for report in found)
    pool, threshold = shop.suite.pool("planted"), shop.examiner.readers["executable"].threshold

    def rate(report: Report) -> float:
        levels = shop.examiner.readers["executable"].read(report, pool.passages)
        assert levels is not None
        return float(pool.word_weight @ (levels >= threshold) / pool.word_weight.sum())

    rates = np.array([rate(report) for report in found])
    assert np.abs(np.log(rates / rate(right))).max() < np.log(4)


def test_the_right_report_is_the_truth_s_or_the_top_tokens(shop: Workshop) -> None:
    planted, found = some(shop, "planted", 1)[0], some(shop, "found", 1)[0]
    assert planted.report is not None
    assert controls.right_report(shop, planted) == Report.from_json(planted.report)
    assert controls.right_report(shop, found) == shop.top_tokens(found)


def test_all_controls_can_be_made_for_a_unit(shop: Workshop) -> None:
    unit = some(shop, "found", 1)[0]
    laboratory = shop.laboratory(unit, Budget())
    for name in ("none", "random_words", "saboteur", "verbose"):
        assert shop.explainer(name, unit, "none", laboratory).name == name
