"""Intervals over units and ranks with ties."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.bootstrap import Interval, interval, paired_difference, rank_with_ties


def _bounds(of: Interval) -> tuple[float, float]:
    assert of.low is not None
    assert of.high is not None
    return of.low, of.high


def test_agrees_with_scipy() -> None:
    values = np.random.default_rng(1).exponential(1.0, 60)
    ours = interval(values, resamples=20_000, seed=1)
    reference = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=2).confidence_interval
    # The Monte Carlo error of a 2.5% quantile at 20,000 resamples is about 0.02 standard errors.
    assert ours.low == pytest.approx(reference.low, abs=0.02)
    assert ours.high == pytest.approx(reference.high, abs=0.02)
    assert ours.mean == pytest.approx(values.mean())
    assert ours.n == 60


def test_covers_about_95_percent() -> None:
    rng = np.random.default_rng(2)
    bounds = [_bounds(interval(rng.normal(0.3, 0.2, 60), resamples=400, seed=trial)) for trial in range(600)]
    covered = np.mean([low <= 0.3 <= high for low, high in bounds])
    # Percentile intervals are slightly short at n = 60; four binomial standard deviations are 0.036.
    assert 0.91 < covered < 0.98


def test_clusters_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    units = [f"u{index // 5}" for index in range(200)]
    values = np.repeat(rng.normal(0, 1, 40), 5) + rng.normal(0, 0.1, 200)
    clustered, naive = interval(values, units=units, seed=1), interval(values, seed=1)
    assert clustered.n == 40
    assert clustered.mean == pytest.approx(values.mean())
    assert np.ptp(_bounds(clustered)) > 1.8 * np.ptp(_bounds(naive))


def test_none_under_ten_units() -> None:
    few = interval([0.5] * 9, seed=1)
    assert (few.low, few.high, few.n, few.mean) == (None, None, 9, 0.5)
    ten = interval([0.5] * 10, seed=1)
    assert (ten.low, ten.high) == (0.5, 0.5)
    assert interval([], seed=1).mean == 0.0
    # Fifty values of nine units are nine units.
    assert interval(np.arange(50.0), units=[str(index % 9) for index in range(50)], seed=1).low is None


def test_pairing_sees_what_independent_intervals_miss() -> None:
    rng = np.random.default_rng(4)
    hard = rng.normal(0.5, 0.3, 40)
    first = {f"u{i}": value + 0.05 + rng.normal(0, 0.02) for i, value in enumerate(hard)}
    second = {f"u{i}": float(value) for i, value in enumerate(hard)}
    assert _bounds(paired_difference(first, second, seed=1))[0] > 0.03
    assert _bounds(paired_difference(second, first, seed=1))[1] < -0.03
    apart = [_bounds(interval(list(row.values()), seed=1)) for row in (first, second)]
    assert apart[0][0] < apart[1][1]


def test_ranks_with_ties() -> None:
    rng = np.random.default_rng(5)
    base = {f"u{i}": float(value) for i, value in enumerate(rng.normal(0.5, 0.2, 40))}
    noisy = {unit: value + rng.normal(0, 0.05) for unit, value in base.items()}
    worse = {unit: value - 0.3 for unit, value in base.items()}
    better = {unit: value + 0.3 for unit, value in base.items()}
    ranks = rank_with_ties({"worse": worse, "base": base, "better": better, "noisy": noisy}, seed=1)
    assert ranks["better"] == (1, 1)
    assert ranks["base"] == ranks["noisy"] == (2, 3)
    assert ranks["worse"] == (4, 4)
    assert next(iter(ranks)) == "better"
    assert list(ranks)[-1] == "worse"


def test_too_few_shared_units_tie() -> None:
    rows = {"a": {f"u{i}": 1.0 for i in range(9)}, "b": {f"u{i}": 0.0 for i in range(9)}}
    assert rank_with_ties(rows, seed=1) == {"a": (1, 2), "b": (1, 2)}
