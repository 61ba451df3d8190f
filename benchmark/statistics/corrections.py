"""From rank p to decisions: best-of-k, Holm for claims, Benjamini-Hochberg for lists (METHOD.md section 4).

A test that could not have been significant, whatever its unit had shown, reads "not resolvable" and never "not
significant".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import fdrcorrection

from benchmark.statistics.headline import THREE_SIGMA
from benchmark.statistics.ranks import best_of_correction
from synthetic_neurons.passages import Floats

Method = Literal["holm", "benjamini_hochberg"]
Verdict = Literal["significant", "not significant", "not resolvable"]
Bools = NDArray[np.bool_]

# Lists of p held at once while it is asked what each test could have been.
_CHUNK_VALUES = 2**20


@dataclass(frozen=True)
class Test:
    """One test as a decision needs it.

    Attributes:
        p: in (0, 1]; a p by rank or by resampling is never 0.
        smallest_p: the smallest p that this test could have had.

    Raises:
        ValueError: p is 0 or less, above 1, not finite, or below what is attainable.
    """

    # Not a test case, whatever pytest makes of its name.
    __test__ = False

    p: float
    smallest_p: float

    def __post_init__(self) -> None:
        if not 0 < self.smallest_p <= self.p <= 1:
            raise ValueError(
                f"p = {self.p} with a smallest attainable p of {self.smallest_p}; a p counts the observation itself, "
                "(b + 1) / (n + 1), so it lies above 0, at or above the smallest, and at or below 1"
            )


@dataclass(frozen=True)
class Decision:
    """What became of one test among others.

    Attributes:
        verdict: "not resolvable" where even `smallest_p` would not have been rejected, the other tests as they are.
        p: as given, corrected for best-of-k if anything was.
        adjusted: Holm's or Benjamini and Hochberg's; the test is significant where it is at most alpha.
        smallest_p: as given.
    """

    verdict: Verdict
    p: float
    adjusted: float
    smallest_p: float


def rank_test(as_good: int, null_draws: int, submitted: int = 1) -> Test:
    """The test of a rank among draws of a null, the observation counted among them.

    Args:
        as_good: draws at least as good as what was observed, ties among them.
        null_draws: all draws.
        submitted: k, how many candidates were submitted, of which this is the best (METHOD.md section 4).

    Returns:
        p = 1 - (1 - (b + 1) / (n + 1))^k (Sidak 1967). It is exact for independent candidates and too careful for
        candidates that resemble one another, as the drafts of one explainer do.

    Raises:
        ValueError: the counts contradict one another, or nothing was submitted.
    """
    if not 0 <= as_good <= null_draws:
        raise ValueError(f"{as_good} of {null_draws} draws are as good; a count lies between 0 and the draws")
    total = null_draws + 1
    return Test(best_of_correction((as_good + 1) / total, submitted), best_of_correction(1 / total, submitted))


def _holm_adjusted(ps: Floats) -> Floats:
    """Holm's adjusted p; statsmodels' own collects the garbage at every call, which takes a hundred times longer."""
    order = np.argsort(ps, kind="stable")
    steps = np.maximum.accumulate(ps[order] * np.arange(len(ps), 0, -1))
    adjusted = np.empty(len(ps))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def _holm_could(ps: Floats, smallest: Floats, rejected: Bools, alpha: float) -> Bools:
    """Which tests Holm would reject at their smallest p: all below it must be rejected, and it meets its own step."""
    ordered = np.sort(ps)
    steps = ordered * np.arange(len(ps), 0, -1)
    below = np.searchsorted(ordered, smallest, side="left")
    reached = np.concatenate([[True], np.logical_and.accumulate(steps <= alpha)])
    return np.asarray(rejected | (reached[below] & (smallest * (len(ps) - below) <= alpha)), dtype=bool)


def _bh_could(ps: Floats, smallest: Floats, rejected: Bools, alpha: float) -> Bools:
    """Which tests Benjamini and Hochberg would reject at their smallest p, the others as they are."""
    found = rejected.copy()
    asked = np.flatnonzero(~rejected & (smallest <= alpha))
    for some in np.array_split(asked, max(1, len(asked) * len(ps) // _CHUNK_VALUES)):
        lists = np.tile(ps, (len(some), 1))
        lists[np.arange(len(some)), some] = smallest[some]
        adjusted = false_discovery_control(lists, axis=1, method="bh")
        found[some] = adjusted[np.arange(len(some)), some] <= alpha
    return found


def decide(tests: Sequence[Test], *, method: Method, alpha: float = THREE_SIGMA) -> list[Decision]:
    """Correct a family of tests for their number, and say which could never have been significant.

    Args:
        tests: one family: the claims that are made together, or a list.
        method: "holm" keeps the family-wise error at alpha (Holm 1979), "benjamini_hochberg" the false-discovery rate
            (Benjamini and Hochberg 1995).
        alpha: the level.

    Returns:
        one decision a test, in their order.
    """
    if not tests:
        return []
    ps, smallest = np.array([test.p for test in tests]), np.array([test.smallest_p for test in tests])
    adjusted = _holm_adjusted(ps) if method == "holm" else np.asarray(fdrcorrection(ps, alpha)[1], dtype=float)
    rejected = adjusted <= alpha
    resolvable = (_holm_could if method == "holm" else _bh_could)(ps, smallest, rejected, alpha)
    verdicts: list[Verdict] = [
        "significant" if yes else "not significant" if could else "not resolvable"
        for yes, could in zip(rejected, resolvable, strict=True)
    ]
    return [
        Decision(verdict, test.p, float(p), test.smallest_p)
        for verdict, test, p in zip(verdicts, tests, adjusted, strict=True)
    ]
