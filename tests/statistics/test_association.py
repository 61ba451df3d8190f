"""Correlations over units against scipy, and what their intervals do."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from benchmark.statistics.association import correlated, pearson, spearman


@pytest.mark.parametrize("seed", range(3))
def test_correlations_are_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 6, 40).astype(float)
    second = first**3 + rng.normal(size=40)
    assert pearson(first, second) == pytest.approx(pearsonr(first, second).statistic, abs=1e-9)
    assert spearman(first, second) == pytest.approx(spearmanr(first, second).statistic, abs=1e-9)


def test_a_constant_side_correlates_with_nothing() -> None:
    assert correlated(spearman, np.ones(12), np.arange(12.0), seed=0).value == 0.0


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng, covered = np.random.default_rng(0), 0
    for seed in range(200):
        first, noise = rng.normal(size=(2, 50))
        found = correlated(pearson, first, 0.6 * first + 0.8 * noise, seed=seed, resamples=300)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.6 <= found.high
    assert 0.88 <= covered / 200 <= 0.99


def test_units_stay_paired_and_the_seed_decides() -> None:
    values = np.random.default_rng(0).normal(size=20)
    assert correlated(pearson, values, 2 * values, seed=1).low == pytest.approx(1)
    other = np.random.default_rng(1).normal(size=20)
    assert correlated(pearson, values, other, seed=1) == correlated(pearson, values, other, seed=1)
    assert correlated(pearson, values, other, seed=1) != correlated(pearson, values, other, seed=2)


def test_no_interval_under_ten_units() -> None:
    found = correlated(pearson, np.arange(9.0), np.arange(9.0), seed=0)
    assert (found.value, found.low, found.high, found.n) == (pytest.approx(1), None, None, 9)
