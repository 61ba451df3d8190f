"""Intervals over units."""

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.paired import paired_differences


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
    assert _bounds(interval(paired_differences(first, second), seed=1))[0] > 0.03
    assert _bounds(interval(paired_differences(second, first), seed=1))[1] < -0.03
    apart = [_bounds(interval(list(row.values()), seed=1)) for row in (first, second)]
    assert apart[0][0] < apart[1][1]
