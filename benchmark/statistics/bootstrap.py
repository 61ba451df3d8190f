"""Intervals over units, and ranks with their ties (METHOD.md section 3).

The unit is what is sampled, so it is what is resampled; an explainer's seeds stay together within their unit.
"""

from collections.abc import Mapping, Sequence
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

    @property
    def excludes_zero(self) -> bool:
        """Whether there is an interval and 0 lies outside it."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


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


def paired_difference(
    first: Mapping[str, float],
    second: Mapping[str, float],
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int,
) -> Interval:
    """`interval` of first minus second over the units that both have, each unit paired with itself."""
    shared = sorted(first.keys() & second.keys())
    return interval([first[unit] - second[unit] for unit in shared], level=level, resamples=resamples, seed=seed)


def rank_with_ties(values: Mapping[str, Mapping[str, float]], *, seed: int) -> dict[str, tuple[int, int]]:
    """Best and worst rank of each row of a board; two rows tie if the interval of their paired difference holds 0.

    A row's best rank is one more than the rows that are surely better, its worst leaves room for all but the rows that
    are surely worse. Rows that share fewer than 10 units cannot be told apart, so they tie.

    Args:
        values: row to unit to r.
        seed: of the resampling.

    Returns:
        row to (best, worst), in the order of mean r, rows of equal mean by name.
    """

    def mean(row: str) -> float:
        return float(np.mean(list(values[row].values()))) if values[row] else 0.0

    order = sorted(values, key=lambda row: (-mean(row), row))
    better, worse = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    for place, upper in enumerate(order):
        for lower in order[place + 1 :]:
            difference = paired_difference(values[upper], values[lower], seed=seed)
            if difference.excludes_zero:
                winner, loser = (upper, lower) if difference.mean > 0 else (lower, upper)
                better[loser] += 1
                worse[winner] += 1
    return {row: (1 + better[row], len(order) - worse[row]) for row in order}
