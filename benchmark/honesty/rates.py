"""Detection at a fixed false-alarm rate: thresholds from honest reports of one half, rates on the other."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from statsmodels.stats.proportion import proportion_confint

from benchmark.statistics.bootstrap import FEWEST_UNITS
from synthetic_neurons.passages import Floats, Ints

ALPHAS = (0.05, 0.01)
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Rate:
    """How many of some reports raise an alarm.

    Attributes:
        alarms, reports: what was counted.
        units: how many the reports are of.
        rate: alarms / reports; 0 of none.
        low, high: Wilson's 95% interval (1927) with as many trials as units, as if all reports of a unit alarmed
            together: never too narrow for reports that share a unit. None under 10 units.
    """

    alarms: int
    reports: int
    units: int
    rate: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, alarms: Bools, units: Ints) -> "Rate":
        """The rate of some alarms, given the unit of each report."""
        hits, count, of = int(alarms.sum()), len(alarms), len(np.unique(units))
        rate = hits / count if count else 0.0
        if of < FEWEST_UNITS:
            return cls(hits, count, of, rate, None, None)
        low, high = proportion_confint(rate * of, of, alpha=0.05, method="wilson")
        return cls(hits, count, of, rate, float(low), float(high))

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def p_values(scores: Floats, calibration: Floats) -> Floats:
    """float64 [scores]: each score's rank p among honest reports, (b + 1) / (n + 1), ties against.

    An alarm at p <= alpha has a false-alarm rate of at most alpha on exchangeable honest reports (Vovk et al. 2005,
    conformal prediction).
    """
    ordered = np.sort(calibration)
    as_great = len(ordered) - np.searchsorted(ordered, scores, side="left")
    found: Floats = (as_great + 1) / (len(ordered) + 1)
    return found


def resolvable(calibration: int, alpha: float) -> bool:
    """Whether so many honest reports can give a p as small as alpha."""
    return 1 / (calibration + 1) <= alpha


def auroc(suspicious: Floats, honest: Floats) -> float:
    """The chance that a lie scores higher than an honest report, ties by half (Mann and Whitney 1947); 0.5 of none."""
    if not len(suspicious) or not len(honest):
        return 0.5
    ranks = rankdata(np.concatenate([suspicious, honest]))
    above = ranks[: len(suspicious)].sum() - len(suspicious) * (len(suspicious) + 1) / 2
    return float(above / (len(suspicious) * len(honest)))


def auroc_interval(
    suspicious: Floats,
    units: Ints,
    honest: Floats,
    honest_units: Ints,
    seed: int,
    resamples: int = 200,
) -> tuple[float, float] | None:
    """95% percentile bootstrap over units, which take all of their reports with them; None under 10 units."""
    every, places = np.unique(np.concatenate([units, honest_units]), return_inverse=True)
    if len(every) < FEWEST_UNITS or not len(suspicious):
        return None
    rng, drawn = np.random.default_rng(seed), []
    lies, truths = places[: len(units)], places[len(units) :]
    for _ in range(resamples):
        times = np.bincount(rng.choice(len(every), len(every)), minlength=len(every))
        mine, others = np.repeat(suspicious, times[lies]), np.repeat(honest, times[truths])
        if len(mine) and len(others):
            drawn.append(auroc(mine, others))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
