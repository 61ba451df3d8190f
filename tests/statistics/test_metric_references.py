"""Every weighted metric against a reference on random weighted data, to 1e-9, and what must not change it."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    f1_score,
    precision_score,
    recall_score,
)
from statsmodels.stats.weightstats import DescrStatsW

from benchmark.exam.grading import PoolGrade, grade_pool, simulate, weighted_items_r
from benchmark.exam.items import STRATA, Items, Pool, Rows
from benchmark.statistics.weighted import base_rate_metrics, effective_sample_size, rows_r, rows_r_matrix, weighted_r
from synthetic_neurons.passages import Floats, Passages

EXACT = 1e-9
SEEDS = range(8)


def _data(seed: int, words: int = 200) -> tuple[Floats, Floats, Floats]:
    """Truth that is 0 on most words, levels with many ties, and weights from 1 to 20; some words have none."""
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(words) < 0.15, rng.uniform(0.1, 10, words), 0.0)
    level = np.clip(np.round(truth * rng.uniform(0, 1.5, words) + rng.normal(0, 2, words)), 0, 10)
    weight = rng.uniform(1, 20, words) * (rng.random(words) > 0.05)
    return truth, level, weight


def _average_precision(fires: Floats, level: Floats, weight: Floats) -> float:
    """Sum of precision times the step in recall, over thresholds downwards."""
    total, area, before = weight[fires].sum(), 0.0, 0.0
    for threshold in sorted(set(level), reverse=True):
        said = level >= threshold
        recall = weight[said & fires].sum() / total
        area += (recall - before) * weight[said & fires].sum() / weight[said].sum()
        before = recall
    return float(area)


@pytest.mark.parametrize("seed", SEEDS)
def test_r_is_that_of_statsmodels_and_numpy(seed: int) -> None:
    truth, level, weight = _data(seed)
    reference = DescrStatsW(np.column_stack([truth, level]), weights=weight).corrcoef[0, 1]
    assert weighted_r(truth, level, weight) == pytest.approx(reference, abs=EXACT)
    covariance = np.cov(truth, level, aweights=weight)
    numpys = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert rows_r(Rows.of_words(truth), level, weight) == pytest.approx(numpys, abs=EXACT)


@pytest.mark.parametrize("seed", SEEDS)
def test_r_over_tokens_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 4, 80)
    word_of = np.repeat(np.arange(80), counts)
    values, weight = rng.exponential(1, len(word_of)), rng.uniform(1, 20, 80)
    reports = rng.integers(0, 11, (3, 80)).astype(float)
    found = rows_r_matrix([Rows.of_tokens(values, word_of, 80)], reports, weight)[0]
    tokens = np.column_stack([values, *(report[word_of] for report in reports)])
    reference = DescrStatsW(tokens, weights=weight[word_of]).corrcoef[0, 1:]
    np.testing.assert_allclose(found, reference, atol=EXACT)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("threshold", [1.0, 3.0, 5.5])
def test_base_rate_metrics_are_those_of_scikit_learn_and_of_their_definitions(seed: int, threshold: float) -> None:
    truth, level, weight = _data(seed)
    fires, said = truth > 0, level >= threshold
    graded = grade_pool(Rows.of_words(truth), level, weight, threshold)
    base = base_rate_metrics(fires, level, threshold, weight)
    for found in (graded, base):
        assert found.auprc == pytest.approx(average_precision_score(fires, level, sample_weight=weight), abs=EXACT)
        assert found.f1 == pytest.approx(f1_score(fires, said, sample_weight=weight), abs=EXACT)
        assert found.precision == pytest.approx(precision_score(fires, said, sample_weight=weight), abs=EXACT)
    hit, false, missed = (weight[each].sum() for each in (fires & said, ~fires & said, fires & ~said))
    assert graded.precision == pytest.approx(hit / (hit + false), abs=EXACT)
    assert graded.f1 == pytest.approx(2 * hit / (2 * hit + false + missed), abs=EXACT)
    kept = weight > 0
    assert graded.auprc == pytest.approx(_average_precision(fires[kept], level[kept], weight[kept]), abs=EXACT)
    assert graded.predicted_rate == pytest.approx(np.average(said, weights=weight), abs=EXACT)
    assert graded.r == pytest.approx(DescrStatsW(np.column_stack([truth, level]), weight).corrcoef[0, 1], abs=EXACT)


@pytest.mark.parametrize("seed", SEEDS)
def test_own_items_are_graded_as_scikit_learn_grades_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    passages = Passages.of(["one two three four"] * 60)
    strata = tuple(np.repeat(STRATA, 20))
    values = np.zeros(240)
    values[4 * np.arange(20) + rng.integers(0, 4, 20)] = rng.uniform(0.5, 10, 20)
    items = Items(passages, values, strata, rng.uniform(1, 20, 60))
    level = np.where(rng.random(240) < 0.6, values, rng.uniform(0, 8, 240))
    fires, said = (each.reshape(60, 4).max(1) for each in (values > 0, level >= 7))
    found = simulate(items, level, 7.0)
    assert found.accuracy == pytest.approx(balanced_accuracy_score(fires, said), abs=EXACT)
    assert found.recall == pytest.approx(recall_score(fires, said), abs=EXACT)
    assert found.specificity == pytest.approx(recall_score(~fires, ~said), abs=EXACT)
    reference = DescrStatsW(np.column_stack([values, level]), weights=np.repeat(items.weight, 4)).corrcoef[0, 1]
    assert weighted_items_r(items, level) == pytest.approx(reference, abs=EXACT)


@pytest.mark.parametrize("seed", SEEDS)
def test_rates_and_effective_sizes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    passages = Passages.of(["one two three four"] * 30)
    values, weight = np.where(rng.random(120) < 0.2, 1.0, 0.0), rng.uniform(1, 20, 30)
    pool = Pool(passages, weight, {"u": Rows.of_words(values)})
    assert pool.firing_rate("u") == pytest.approx(np.average(values, weights=np.repeat(weight, 4)), abs=EXACT)
    # The variance of a weighted mean of noise of variance 1 is one over the effective size.
    share = weight / weight.sum()
    assert 1 / effective_sample_size(weight) == pytest.approx(float(share @ share), abs=EXACT)


def _graded(truth: Floats, level: Floats, weight: Floats, threshold: float = 3.0) -> PoolGrade:
    return grade_pool(Rows.of_words(truth), level, weight, threshold)


def _same(one: PoolGrade, other: PoolGrade) -> None:
    assert astuple(one) == pytest.approx(astuple(other), abs=EXACT)


seeds = st.integers(0, 10_000)


@settings(max_examples=40)
@given(seeds, st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_r_does_not_change_with_scale_or_shift(seed: int, scale: float, shift: float) -> None:
    truth, level, weight = _data(seed, 60)
    r = weighted_r(truth, level, weight)
    assert weighted_r(scale * truth + shift, level, weight) == pytest.approx(r, abs=EXACT)
    assert weighted_r(truth, scale * level + shift, weight) == pytest.approx(r, abs=EXACT)
    assert weighted_r(truth, -scale * level + shift, weight) == pytest.approx(-r, abs=EXACT)
    rows = Rows.of_words(scale * truth + shift)
    assert rows_r(rows, level, weight) == pytest.approx(r, abs=1e-7)
    assert weighted_r(level, truth, weight) == pytest.approx(r, abs=EXACT)


@settings(max_examples=40)
@given(seeds, st.floats(1e-3, 1e3))
def test_grades_do_not_change_with_the_scale_of_weights_or_levels(seed: int, scale: float) -> None:
    truth, level, weight = _data(seed, 60)
    found = _graded(truth, level, weight)
    _same(_graded(truth, level, scale * weight), found)
    # A power of two, so that no level slips past the threshold by rounding.
    _same(_graded(8 * truth, 4 * level, weight, 12.0), found)


@settings(max_examples=40)
@given(seeds)
def test_grades_do_not_change_with_the_order(seed: int) -> None:
    truth, level, weight = _data(seed, 60)
    order = np.random.default_rng(seed).permutation(60)
    _same(_graded(truth[order], level[order], weight[order]), _graded(truth, level, weight))


@settings(max_examples=40)
@given(seeds)
def test_duplicates_with_halved_weights_change_nothing(seed: int) -> None:
    truth, level, weight = _data(seed, 60)
    doubled = (np.tile(truth, 2), np.tile(level, 2), np.tile(weight / 2, 2))
    _same(_graded(*doubled), _graded(truth, level, weight))
    assert weighted_r(*doubled) == pytest.approx(weighted_r(truth, level, weight), abs=EXACT)
    some = np.random.default_rng(seed).random(60) < 0.5
    split = np.where(some, weight / 2, weight)
    partly = (np.append(truth, truth[some]), np.append(level, level[some]), np.append(split, weight[some] / 2))
    _same(_graded(*partly), _graded(truth, level, weight))


@settings(max_examples=25)
@given(seeds)
def test_duplicates_without_halving_do_change_grades(seed: int) -> None:
    truth, level, weight = _data(seed, 60)
    silent = truth == 0
    more = (np.append(truth, truth[silent]), np.append(level, level[silent]), np.append(weight, weight[silent]))
    if 0 < _graded(truth, level, weight).precision < 1:
        assert _graded(*more).precision < _graded(truth, level, weight).precision
