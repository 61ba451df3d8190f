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
    array = np.asarray(values, dtype=float)
    _, of = np.unique(np.arange(len(array)) if units is None else np.asarray(units), return_inverse=True)
    if len(of) != len(array):
        raise ValueError(f"{len(of)} unit names for {len(array)} values; name the unit of each value")
    totals, counts = np.bincount(of, array).astype(float), np.bincount(of).astype(float)
    mean = float(array.mean()) if len(array) else 0.0
    if len(totals) < FEWEST_UNITS:
        return Interval(mean, None, None, len(totals))
    tail = 50 * (1 - level)
    low, high = np.percentile(_resampled_means(totals, counts, resamples, seed), [tail, 100 - tail])
    return Interval(mean, float(low), float(high), len(totals))
