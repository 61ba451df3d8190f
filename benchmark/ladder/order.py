"""Does a reader order the ladder? Kendall's tau by unit, and whether a missing or an extra concept costs anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import kendalltau

from benchmark.ladder.scores import Point
from benchmark.statistics.bootstrap import Interval, interval

ALL = "all"
# Truth that differs by less than this is a tie: equal up to rounding.
DIGITS = 6
CHECKS = {"missing_label": "missing_concept", "extra_label": "extra_concept"}
VALID, NOT_VALID, UNRESOLVED = "valid", "not valid", "not resolvable"
# The executable reader's r is what true agreement is: that it orders the ladder says nothing (METHOD.md section 3).
BY_CONSTRUCTION = "by construction"
TRUTH = ("executable", "r")
# Rungs that a reader need not understand to put last: tau is over the others.
OUTSIDE = ("placebo", "constant")
# A reader that orders the ladder less well than this is not validated, however sure it is that it orders it somewhat.
LEAST_TAU = 0.8


@dataclass(frozen=True)
class Summary:
    """One reader and metric over one family, or over all of them.

    Attributes:
        reader, metric, family: what is summed up; family "all" takes every unit.
        tau: mean over units of Kendall's tau-b between true agreement and score over the unit's rungs, the placebo and
            the constant left out.
        missing_label, extra_label: the share of units whose score falls when a concept is left out, or one too many is
            said; units without that rung are left out.
        verdict: "valid" where tau is 0.8 or more and the intervals of both shares lie above one half, "not valid" where
            one does not, "not resolvable" under ten units; "by construction" for the executable reader's r.
    """

    reader: str
    metric: str
    family: str
    tau: Interval
    missing_label: Interval
    extra_label: Interval
    verdict: str

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def summaries(found: Sequence[Point], seed: int) -> list[Summary]:
    """One summary for each reader, metric and family, all families together first.

    Args:
        found: all points of a suite.
        seed: of the bootstrap over units.
    """
    readers = list(found[0].scores) if found else []
    metrics = list(next(iter(found[0].scores.values()))) if readers else []
    families = [ALL, *sorted({point.family for point in found})]
    return [
        _summary(reader, metric, family, [each for each in found if family in (ALL, each.family)], seed)
        for reader in readers
        for metric in metrics
        for family in families
    ]


def _summary(reader: str, metric: str, family: str, found: Sequence[Point], seed: int) -> Summary:
    by_unit: dict[str, dict[str, Point]] = {}
    for point in found:
        by_unit.setdefault(point.unit, {})[point.rung] = point
    tau = interval([unit_tau(rungs.values(), reader, metric) for rungs in by_unit.values()], seed=seed)
    shares = {
        check: interval([falls(rungs, rung, reader, metric) for rungs in by_unit.values() if rung in rungs], seed=seed)
        for check, rung in CHECKS.items()
    }
    verdict = BY_CONSTRUCTION if (reader, metric) == TRUTH else _verdict(tau, shares)
    return Summary(reader, metric, family, tau, **shares, verdict=verdict)


def unit_tau(rungs: Iterable[Point], reader: str, metric: str) -> float:
    """Kendall's tau-b over one unit's rungs but for those outside; 0 where every rung has the same score."""
    return tau_of((each.agreement, each.scores[reader][metric]) for each in rungs if each.rung not in OUTSIDE)


def tau_of(pairs: Iterable[tuple[float, float]]) -> float:
    """Kendall's tau-b of (true agreement, score), equal up to rounding; 0 where one of them does not vary."""
    truth, score = zip(*((round(a, DIGITS), round(s, DIGITS)) for a, s in pairs), strict=True)
    if len(set(truth)) < 2 or len(set(score)) < 2:
        return 0.0
    return float(kendalltau(truth, score).statistic)


def falls(rungs: Mapping[str, Point], rung: str, reader: str, metric: str) -> float:
    """1 where the rung's score is below the exact report's, else 0."""
    exact, other = (round(rungs[name].scores[reader][metric], DIGITS) for name in ("exact", rung))
    return float(other < exact)


def _verdict(tau: Interval, shares: Mapping[str, Interval]) -> str:
    lows = [share.low for share in shares.values()]
    if tau.low is None or None in lows:
        return UNRESOLVED
    falls_more_often = all(low is not None and low > 0.5 for low in lows)
    return VALID if tau.mean >= LEAST_TAU and falls_more_often else NOT_VALID
