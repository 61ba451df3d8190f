"""Grades and the table of outcomes."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from benchmark.exam.grading import (
    Grade,
    grade,
    grade_pool,
    is_right,
    simulate,
    simulation_accuracy,
    weighted_items_r,
)
from benchmark.exam.items import STRATA, Items, Rows
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Passages


def _items(seed: int = 0, firing: int = 20) -> Items:
    rng = np.random.default_rng(seed)
    passages = Passages.of(["one two three four"] * (40 + firing))
    strata = tuple([STRATA[0]] * firing + [STRATA[1]] * 20 + [STRATA[2]] * 20)
    values = np.zeros(len(passages.words))
    for window in range(firing):
        values[4 * window + rng.integers(4)] = rng.uniform(1, 10)
    return Items(passages, values, strata, np.where(np.arange(len(strata)) < firing, 1.0, 20.0))


def _grade(constant: bool = False) -> Grade:
    return Grade(0.4, 0.9, 0.95, 0.85, 0.3, 0.35, 0.3, 0.01, constant)


@pytest.mark.parametrize(("wrong", "right"), [(0, True), (9, True), (11, False), (1000, False)])
def test_an_always_on_unit_is_told_rightly_on_99_of_100_words(wrong: int, right: bool) -> None:
    rows = Rows.of_words(np.ones(1000))
    prediction = np.where(np.arange(1000) < wrong, 0.0, 10.0)
    assert is_right(rows, prediction, np.ones(1000), 5.0) is right
    # A word that no window stands for counts for nothing.
    assert is_right(rows, prediction, np.where(np.arange(1000) < wrong, 0.0, 1.0), 5.0)


@pytest.mark.parametrize(("here", "there", "right"), [(0, 0, True), (1, 0, False), (0, 1, False), (1000, 9, False)])
def test_a_dead_unit_is_told_rightly_by_silence_everywhere(here: int, there: int, right: bool) -> None:
    pool, elsewhere = (np.where(np.arange(1000) < fires, 10.0, 0.0) for fires in (here, there))
    assert is_right(Rows.of_words(np.zeros(1000)), pool, np.ones(1000), 5.0, elsewhere) is right


def test_simulation_accuracy_against_sklearn() -> None:
    items = _items()
    prediction = np.random.default_rng(3).uniform(0, 10, len(items.values))
    predicted = prediction.reshape(-1, 4).max(axis=1) >= 8
    fires = np.array([name == "firing" for name in items.strata])
    assert 0.1 < predicted.mean() < 0.9
    reference = balanced_accuracy_score(fires, predicted)
    assert simulation_accuracy(items, prediction, 8.0) == pytest.approx(reference)
    assert simulate(items, prediction, 8.0).recall == pytest.approx(predicted[fires].mean())
    assert simulation_accuracy(items, items.values, 0.5) == 1.0
    assert simulation_accuracy(items, np.zeros_like(items.values), 0.5) == 0.5


def test_threshold_itself_fires() -> None:
    items = _items()
    assert simulate(items, np.full(len(items.values), 5.0), 5.0).recall == 1.0


def test_absent_class_is_neutral() -> None:
    items = _items(firing=0)
    assert simulation_accuracy(items, np.zeros(len(items.values)), 5.0) == 0.75
    assert simulation_accuracy(items, np.full(len(items.values), 9.0), 5.0) == 0.25


def test_items_r_uses_the_windows_weights() -> None:
    items = _items()
    prediction = items.values + np.random.default_rng(1).uniform(0, 3, len(items.values))
    expected = weighted_r(items.values, prediction, np.repeat(items.weight, 4))
    assert weighted_items_r(items, prediction) == pytest.approx(expected)
    assert weighted_items_r(items, prediction) != pytest.approx(
        weighted_r(items.values, prediction, np.ones_like(prediction)), abs=1e-3
    )


def test_pool_grade_of_an_over_broad_report() -> None:
    # Section 3's example: a 0.1% unit, a report 20 times too broad.
    truth = np.zeros(20_000)
    truth[:20] = 5.0
    prediction = np.zeros(20_000)
    prediction[:400] = 10.0
    result = grade_pool(Rows.of_words(truth), prediction, np.ones(20_000), 5.0)
    assert result.r == pytest.approx(0.22, abs=0.005)
    assert result.f1 == pytest.approx(0.10, abs=0.005)
    assert result.precision == pytest.approx(0.05)
    assert result.auprc == pytest.approx(0.05)
    assert result.predicted_rate == pytest.approx(0.02)
    assert not result.constant


def test_predicted_rate_is_weighted_and_words_without_tokens_do_not_count() -> None:
    rows = Rows.of_tokens(np.array([1.0, 0.0, 0.0]), np.array([0, 1, 1]), 3)
    result = grade_pool(rows, np.array([9.0, 0.0, 9.0]), np.array([1.0, 3.0, 50.0]), 5.0)
    assert result.predicted_rate == pytest.approx(0.25)
    assert result.precision == 1.0


def test_constant_prediction_scores_zero_and_nothing_is_nan() -> None:
    items = _items()
    truth = Rows.of_words(items.values)
    weight = items.weight[items.passages.text_of]
    flat = np.full(len(items.values), 7.0)
    result = grade(truth, flat, weight, items, flat, 5.0)
    assert result.constant
    assert result.r == 0.0
    assert result.simulation_accuracy == 0.5
    assert not any(math.isnan(value) for value in asdict(result).values())
    silent = grade_pool(Rows.of_words(np.zeros(8)), np.zeros(8), np.zeros(8), 5.0)
    assert not any(math.isnan(value) for value in asdict(silent).values())
