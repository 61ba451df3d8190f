"""The difference of two independent means: against scipy's bootstrap, and its coverage by simulation."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from benchmark.statistics.bootstrap import difference, interval
from synthetic_neurons.passages import Floats


def samples(rng: np.random.Generator, units: int, others: int) -> tuple[Floats, Floats]:
    """Scores like those of two tiers: of unequal size, skewed, with many zeros; true means 0.25 and 0.06."""
    one = np.where(rng.random(units) < 0.5, rng.beta(4, 4, units), 0.0)
    other = np.where(rng.random(others) < 0.2, rng.beta(3, 7, others), 0.0)
    return one, other


def test_as_scipy_draws_it() -> None:
    one, other = samples(np.random.default_rng(0), 24, 12)

    def apart(a: Floats, b: Floats, axis: int = -1) -> Floats:
        found: Floats = a.mean(axis=axis) - b.mean(axis=axis)
        return found

    rng = np.random.default_rng(1)
    theirs = bootstrap((one, other), apart, method="percentile", n_resamples=20_000, rng=rng).confidence_interval
    found = difference(one, other, resamples=20_000, seed=3)
    assert found.mean == pytest.approx(one.mean() - other.mean(), abs=1e-12)
    assert found.low is not None
    assert found.high is not None
    np.testing.assert_allclose([found.low, found.high], [theirs.low, theirs.high], atol=0.006)


def test_it_covers() -> None:
    """95% nominal over 400 worlds of 48 and 24 units: at least 91% and at most 98% cover the true difference."""
    rng = np.random.default_rng(2)
    hits = 0
    for world in range(400):
        one, other = samples(rng, 48, 24)
        found = difference(one, other, resamples=400, seed=world)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.25 - 0.06 <= found.high
    assert 0.91 <= hits / 400 <= 0.98


def test_seeds_of_a_unit_stay_together() -> None:
    """Ten copies of each unit's score say no more than one: the interval is as wide."""
    one, other = samples(np.random.default_rng(4), 30, 20)
    names = [f"u{i}" for i in range(30)]
    single = difference(one, other, resamples=8000, seed=1)
    many = difference(np.repeat(one, 10), other, units=list(np.repeat(names, 10)), resamples=8000, seed=1)
    assert many.mean == pytest.approx(single.mean)
    for a, b in ((single.low, many.low), (single.high, many.high)):
        assert a is not None
        assert b is not None
        assert a == pytest.approx(b, abs=0.01)


def test_both_sides_are_drawn_apart() -> None:
    """The same scores on both sides differ by nothing in the mean and by much in the draws."""
    one, _ = samples(np.random.default_rng(5), 40, 10)
    found, alone = difference(one, one, seed=7), interval(one, seed=7)
    assert found.low is not None
    assert found.high is not None
    assert alone.low is not None
    assert alone.high is not None
    assert found.mean == 0
    assert found.high - found.low == pytest.approx(np.sqrt(2) * (alone.high - alone.low), rel=0.15)


def test_few_units_on_either_side() -> None:
    assert difference(np.ones(9), np.zeros(40), seed=0).low is None
    assert difference(np.ones(40), np.zeros(9), seed=0).low is None
    found = difference(np.ones(40), np.zeros(10), seed=0)
    assert (found.mean, found.low, found.high, found.n) == (1, 1, 1, 10)
    assert difference([], [], seed=0).mean == 0
    with pytest.raises(ValueError, match="unit names"):
        difference(np.ones(12), np.ones(12), units=["a"], seed=0)
