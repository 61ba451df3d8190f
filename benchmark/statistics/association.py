"""How two scores go together over units: Pearson's and Spearman's correlation, with intervals over units."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from scipy.stats import rankdata

from benchmark.statistics.bootstrap import FEWEST_UNITS
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Floats

RESAMPLES = 1_000


@dataclass(frozen=True)
class Correlation:
    """A correlation over units with its percentile bootstrap interval.

    Attributes:
        value: 0 where a side is constant.
        low, high: 95%; None for fewer than ten units.
        n: units.
    """

    value: float
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, float | None]:
        """A plain JSON value."""
        return asdict(self)


def pearson(first: Floats, second: Floats) -> float:
    """Pearson's r of two float64 [units]; 0 where a side is constant."""
    return weighted_r(first, second, np.ones(len(first)))


def spearman(first: Floats, second: Floats) -> float:
    """Spearman's rho, Pearson's r of the ranks with ties at their mean; 0 where a side is constant."""
    return pearson(rankdata(first), rankdata(second))


def correlated(
    measure: Callable[[Floats, Floats], float], first: Floats, second: Floats, *, seed: int, resamples: int = RESAMPLES
) -> Correlation:
    """A correlation over units and its interval; units are drawn with replacement, each with both its scores.

    A resample in which a side is constant counts as 0, as everywhere in this project. (Efron and Tibshirani 1993,
    section 6.2 and chapter 13.)

    Args:
        measure: `pearson` or `spearman`.
        first: float64 [units], one value a unit.
        second: the same of the other score.
        seed: of the resampling.
        resamples: how many.
    """
    value, units = measure(first, second), len(first)
    if units < FEWEST_UNITS:
        return Correlation(value, None, None, units)
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = rng.integers(units, size=(resamples, units))
    low, high = np.percentile([measure(first[each], second[each]) for each in drawn], [2.5, 97.5])
    return Correlation(value, float(low), float(high), units)
