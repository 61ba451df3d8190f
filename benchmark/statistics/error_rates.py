"""How often a test rejects what it should not: exact one-sided bounds, clusters, and a verdict (METHOD.md section 4).

A rate is bounded from both sides by Clopper and Pearson (1934). Decisions that share a unit or a report are worth fewer
than they number: their variance is that of clusters in one or two ways (Cameron, Gelbach and Miller 2011, equation
2.11), and the bounds are taken at the effective number of Korn and Graubard (1998, section 2).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from synthetic_neurons.passages import Floats, Ints

Bools = NDArray[np.bool_]
Verdict = Literal["passes", "fails", "too few"]

FAMILY_LEVEL = 0.99
MOST_TIMES_ALPHA = 3.0


@dataclass(frozen=True)
class Effective:
    """What clustered decisions are worth.

    Attributes:
        number: of independent decisions of the same variance; at most as many as there are.
        freedom: degrees of freedom of that estimate; None where decisions are independent and nothing was estimated.
        least: what they are worth for sure, whatever was estimated.
    """

    number: float
    freedom: int | None = None
    least: float = 0.0


@dataclass(frozen=True)
class RateBound:
    """A rate of false rejections with its bounds.

    Attributes:
        alpha: the level that the test promises.
        rejected, decisions: what was counted.
        effective: decisions that count as independent, after the correction for their estimated variance.
        rate: rejected / decisions; 0 of none.
        lower, upper: one-sided bounds, each at `level`.
        level: 1 - (1 - 0.99) / family.
        family: how many bounds hold together with 99%.
        verdict: "passes" where upper is at most 3 alpha and lower at most alpha; "too few" where upper would exceed 3
            alpha even without a rejection, and lower does not show more than alpha; else "fails".
    """

    alpha: float
    rejected: int
    decisions: int
    effective: float
    rate: float
    lower: float
    upper: float
    level: float
    family: int
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def clopper_pearson(rejected: float, number: float, level: float) -> tuple[float, float]:
    """One-sided exact bounds of a share (Clopper and Pearson 1934); counts need not be whole.

    Args:
        rejected: 0 to `number`.
        number: of decisions; of none nothing is known, and the bounds are 0 and 1.
        level: that each of the two bounds keeps by itself.
    """
    if number <= 0:
        return 0.0, 1.0
    tail = 1 - level
    low = 0.0 if rejected <= 0 else float(stats.beta.ppf(tail, rejected, number - rejected + 1))
    high = 1.0 if rejected >= number else float(stats.beta.isf(tail, rejected + 1, number - rejected))
    return low, high


def fewest_decisions(alpha: float, family: int) -> int:
    """How many decisions without a rejection put the upper bound at 3 alpha."""
    level = 1 - (1 - FAMILY_LEVEL) / family
    return int(np.ceil(np.log1p(-level) / np.log1p(-min(MOST_TIMES_ALPHA * alpha, 1 - 1e-12))))


def _sums(residual: Floats, cluster: Ints) -> tuple[float, int]:
    """Sum of squared cluster sums, corrected for their number; and that number."""
    _, of = np.unique(cluster, return_inverse=True)
    count = int(of.max()) + 1
    squares = float((np.bincount(of, residual) ** 2).sum())
    return squares * count / max(1, count - 1), count


def _variance(rejected: Bools, first: Ints, second: Ints | None) -> tuple[float, int]:
    """Variance of the mean with clusters in one or two ways, and the least number of clusters."""
    residual = rejected - rejected.mean()
    squares, count = _sums(residual, first)
    if second is not None:
        more, others = _sums(residual, second)
        both = _sums(residual, first * (int(second.max()) + 1) + second)[0]
        squares, count = max(squares + more - both, squares, more), min(count, others)
    return squares / len(rejected) ** 2, count


def effective_number(rejected: Bools, first: Ints, second: Ints | None = None, least: float = 1.0) -> Effective:
    """How many independent decisions have the variance that clustered ones have.

    Args:
        rejected: bool [decisions].
        first: int64 [decisions], the cluster of each.
        second: int64 [decisions], the cluster in another way, crossed with the first.
        least: what they are worth for sure, whatever was estimated: the lesser number of clusters of two ways, since
            unit and report together make up the variance; or groups that share nothing (Hoeffding 1948).

    Returns:
        p (1 - p) / variance, between `least` and the number of decisions. Where all decisions are alike, or all of
        one cluster, there is no variance to go by, and only `least` is claimed.
    """
    rate = float(rejected.mean()) if len(rejected) else 0.0
    sure = float(min(least, len(rejected)))
    if not 0 < rate < 1:
        return Effective(sure, None, sure)
    variance, clusters = _variance(rejected, first, second)
    if clusters < 2:
        # One cluster has nothing to vary against.
        return Effective(sure, None, sure)
    number = rate * (1 - rate) / variance if variance > 0 else len(rejected)
    return Effective(float(np.clip(number, sure, len(rejected))), max(1, clusters - 1), sure)


def _corrected(effective: Effective, decisions: int, level: float) -> float:
    """The effective number, less what is lost as it was estimated from few clusters (Korn and Graubard 1998)."""
    if effective.freedom is None:
        return effective.number
    known = stats.norm.ppf(level) if decisions <= 1 else stats.t.ppf(level, decisions - 1)
    corrected = effective.number * float(known / stats.t.ppf(level, effective.freedom)) ** 2
    return max(corrected, effective.least)


def rate_bound(rejected: Bools, alpha: float, family: int, effective: Effective | None = None) -> RateBound:
    """A rate of false rejections, bounded and judged.

    Args:
        rejected: bool [decisions].
        alpha: the level that the test promises.
        family: how many bounds are to hold together with 99%.
        effective: what the decisions are worth; None where they are independent.
    """
    if family < 1:
        raise ValueError(f"a family of {family} bounds; give 1 or more")
    level = 1 - (1 - FAMILY_LEVEL) / family
    decisions, hits = len(rejected), int(np.sum(rejected))
    rate = hits / decisions if decisions else 0.0
    worth = _corrected(effective or Effective(float(decisions)), decisions, level)
    lower, upper = clopper_pearson(rate * worth, worth, level)
    return RateBound(
        alpha, hits, decisions, worth, rate, lower, upper, level, family, _verdict(alpha, worth, lower, upper, level)
    )


def _verdict(alpha: float, worth: float, lower: float, upper: float, level: float) -> Verdict:
    most = MOST_TIMES_ALPHA * alpha
    if lower > alpha:
        return "fails"
    if upper <= most:
        return "passes"
    return "too few" if clopper_pearson(0.0, worth, level)[1] > most else "fails"


def rejections(ps: Sequence[float] | Floats, alpha: float) -> Bools:
    """bool: p at most alpha, as every decision of ours reads it."""
    return np.asarray(ps, dtype=float) <= alpha
