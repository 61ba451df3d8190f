"""Intervals over units (METHOD.md section 3).

The unit is what is sampled, so it is what is resampled; an explainer's seeds stay together within their unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthetic_neurons.passages import Floats

FEWEST_UNITS = 10


@dataclass(frozen=True)
class Interval:
    """A mean with its percentile bootstrap interval.

    Attributes:
        mean: over all values; 0 of none.
        low, high: None for fewer than 10 units.
        n: units, the denominator.
    """

    mean: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, eq=False)
class _Clusters:
    """A sample by units: the mean over all values, and each unit's total and count."""

    mean: float
    totals: Floats
    counts: Floats


def _clustered(array: Floats, units: Sequence[str] | None) -> _Clusters:
    _, of = np.unique(np.arange(len(array)) if units is None else np.asarray(units), return_inverse=True)
    if len(of) != len(array):
        raise ValueError(f"{len(of)} unit names for {len(array)} values; name the unit of each value")
    mean = float(array.mean()) if len(array) else 0.0
    return _Clusters(mean, np.bincount(of, array).astype(float), np.bincount(of).astype(float))


def _resampled_means(totals: Floats, counts: Floats, resamples: int, seed: int) -> Floats:
    """float64 [resamples]: the mean over all values of as many units, drawn with replacement."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = rng.integers(len(totals), size=(resamples, len(totals)))
    means: Floats = totals[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means


def interval(
    values: Sequence[float] | Floats,
    *,
    units: Sequence[str] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int,
) -> Interval:
    """Percentile cluster bootstrap of the mean over units (Efron and Tibshirani 1993, chapter 13).

    Args:
        values: one value a unit, or several with `units` naming the unit of each.
        units: the cluster of each value; None if each value is a unit of its own.
        level: coverage.
        resamples: how many.
        seed: of the resampling.
    """
    side = _clustered(np.asarray(values, dtype=float), units)
    if len(side.totals) < FEWEST_UNITS:
        return Interval(side.mean, None, None, len(side.totals))
    tail = 50 * (1 - level)
    low, high = np.percentile(_resampled_means(side.totals, side.counts, resamples, seed), [tail, 100 - tail])
    return Interval(side.mean, float(low), float(high), len(side.totals))


def difference(
    values: Sequence[float] | Floats,
    others: Sequence[float] | Floats,
    *,
    units: Sequence[str] | None = None,
    other_units: Sequence[str] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int,
) -> Interval:
    """Difference of the means of two independent samples of units, with its percentile cluster bootstrap.

    Each side's units are drawn with replacement, apart from the other's (Efron and Tibshirani 1993, section 8.3): units
    of two tiers are not paired. `benchmark.statistics.paired` is for units that are.

    Args:
        values: one value a unit, or several with `units` naming the unit of each.
        others: what is taken off, likewise with `other_units`.
        units: the cluster of each value; None if each value is a unit of its own.
        other_units: of each of the others.
        level: coverage.
        resamples: how many.
        seed: of the resampling.

    Returns:
        the mean is that of `values` less that of `others`; no interval where either side has fewer than ten units; n is
        the smaller side's.
    """
    seeds = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    sides = [_clustered(np.asarray(side, dtype=float), of) for side, of in ((values, units), (others, other_units))]
    apart = sides[0].mean - sides[1].mean
    least = min(len(side.totals) for side in sides)
    if least < FEWEST_UNITS:
        return Interval(apart, None, None, least)
    drawn = [
        _resampled_means(side.totals, side.counts, resamples, int(own)) for side, own in zip(sides, seeds, strict=True)
    ]
    tail = 50 * (1 - level)
    low, high = np.percentile(drawn[0] - drawn[1], [tail, 100 - tail])
    return Interval(apart, float(low), float(high), least)
