"""Coverage of the bootstrap over units, by simulation, where each unit has several seeds."""

import numpy as np
import pytest

from benchmark.statistics.bootstrap import interval
from benchmark.statistics.paired import paired_differences

TRIALS, UNITS, SEEDS, MEAN = 400, 40, 3, 0.3


def _covered(low: float | None, high: float | None, truth: float) -> bool:
    assert low is not None
    assert high is not None
    return low <= truth <= high


def _values(trial: int, skewed: bool) -> np.ndarray:
    """float64 [units, seeds]: what a unit adds is shared by its seeds."""
    rng = np.random.default_rng(trial)
    # A beta with mean 0.3, as r has it: bounded, skewed, much at the low end.
    of_unit = rng.beta(0.6, 1.4, UNITS) if skewed else rng.normal(MEAN, 0.2, UNITS)
    return np.asarray(of_unit[:, None] + rng.normal(0, 0.05, (UNITS, SEEDS)))


@pytest.mark.parametrize("skewed", [False, True])
def test_over_units_it_covers_and_over_values_it_does_not(skewed: bool) -> None:
    names = [f"u{i}" for i in range(UNITS) for _ in range(SEEDS)]
    clustered, naive = [], []
    for trial in range(TRIALS):
        values = _values(trial, skewed).ravel()
        over_units = interval(values, units=names, resamples=400, seed=trial)
        over_values = interval(values, resamples=400, seed=trial)
        clustered.append(_covered(over_units.low, over_units.high, MEAN))
        naive.append(_covered(over_values.low, over_values.high, MEAN))
    # Percentile intervals of 40 units are short by about 0.01; four binomial standard deviations are 0.044.
    assert np.mean(clustered) == pytest.approx(0.94, abs=0.05)
    assert np.mean(naive) < 0.85


def test_a_paired_difference_is_covered() -> None:
    covered = []
    for trial in range(TRIALS):
        rng = np.random.default_rng(1_000 + trial)
        hard = rng.normal(0.5, 0.3, UNITS)
        first, second = hard + 0.05 + rng.normal(0, 0.1, UNITS), hard + rng.normal(0, 0.1, UNITS)
        rows = [{f"u{i}": float(value) for i, value in enumerate(each)} for each in (first, second)]
        found = interval(paired_differences(rows[0], rows[1]), resamples=400, seed=trial)
        covered.append(_covered(found.low, found.high, 0.05))
    assert np.mean(covered) == pytest.approx(0.94, abs=0.05)
