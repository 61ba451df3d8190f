"""Score at spend: the mean r of what explainers would have handed in, had their budget ended earlier.

A looped explainer that is stopped hands in the best report by P0 that it holds; before its first grade it holds none,
which scores 0. When it ends, its score is that of what it did hand in: an abstention is 0, whatever it held. So a curve
ends at the board's mean.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.spending.gradebook import Gradebook, reader_of
from benchmark.spending.sessions import Session
from benchmark.statistics.bootstrap import Interval, interval
from synthetic_neurons.passages import Floats

SPENDS = ("unit_queries", "tokens")
# Nulls have no score to rise; trivial units are right or wrong.
TIERS = ("planted", "probed", "found", "randomised")
GRID = 100
SEED = 0


@dataclass(frozen=True)
class Step:
    """From this spend on, a session's score is this."""

    at: float
    r: float


@dataclass(frozen=True)
class Curve:
    """One explainer on one tier, by one reader, against one currency.

    Attributes:
        explainer, model, tier, reader, currency: which.
        units: the denominator of every mean.
        looped: whether it held reports on the way; else there is one point, at its mean spend.
        spent: the mean over units, in the end.
        untold: grades on P0 without a report in the journal, which are not on the curve.
        at: spends, ascending.
        r: the mean at each, with its 95% cluster bootstrap over units; no bounds for fewer than 10 units.
    """

    explainer: str
    model: str
    tier: str
    reader: str
    currency: str
    units: int
    looped: bool
    spent: float
    untold: int
    at: tuple[float, ...]
    r: tuple[Interval, ...]

    @property
    def contestant(self) -> tuple[str, str]:
        """Explainer and model."""
        return self.explainer, self.model

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value, the bounds as lists beside the means."""
        bounds = {"r": "mean", "r_low": "low", "r_high": "high"}
        lists = {name: [getattr(each, part) for each in self.r] for name, part in bounds.items()}
        return {**{key: value for key, value in asdict(self).items() if key != "r"}, **lists}


def rounded_up(spend: float) -> float:
    """The next half of a power of ten: 1,416 to 1,500; 0 stays 0."""
    half = 10 ** np.floor(np.log10(spend)) / 2 if spend > 0 else 1.0
    return float(np.ceil(spend / half) * half)


def steps(session: Session, currency: str, reader: str, book: Gradebook) -> list[Step]:
    """The score of one session as it spends: 0, then each better report's by P0, at last what was handed in."""
    found, best = [Step(0.0, 0.0)], None
    for moment in session.moments:
        if best is None or moment.grade > best:
            best = moment.grade
            found.append(Step(moment.spend.get(currency, 0.0), book.r(session.unit, moment.report, reader)))
    last = 0.0 if session.report is None else book.r(session.unit, session.report, reader)
    return [*found, Step(max(session.spend.get(currency, 0.0), found[-1].at), last)]


def score_at(taken: Sequence[Step], spend: float) -> float:
    """The last step's score among those that the spend covers."""
    return [each.r for each in taken if each.at <= spend][-1]


def curves(sessions: Sequence[Session], book: Gradebook, reader: str | None = None) -> list[Curve]:
    """Every explainer on every tier with a score, against unit queries and against tokens.

    Args:
        sessions: of all explainers.
        book: grades what was held on the way.
        reader: one for all; None for each explainer's own (`reader_of`).
    """
    mine: dict[tuple[str, str], list[Session]] = defaultdict(list)
    for each in sessions:
        mine[each.contestant].append(each)
    ends = {spend: rounded_up(max(each.spend.get(spend, 0.0) for each in sessions)) for spend in SPENDS}
    return [curve for own in mine.values() for curve in _of_explainer(own, book, reader or reader_of(own), ends)]


def _of_explainer(own: Sequence[Session], book: Gradebook, reader: str, ends: Mapping[str, float]) -> list[Curve]:
    for each in own:
        book.enter(each, reader)
    found = []
    for tier in (name for name in TIERS if any(each.tier == name for each in own)):
        members = [each for each in own if each.tier == tier]
        found += [_curve(members, book, reader, currency, ends[currency]) for currency in SPENDS]
    return found


def _curve(members: Sequence[Session], book: Gradebook, reader: str, currency: str, end: float) -> Curve:
    looped = any(each.moments for each in members)
    taken = [steps(each, currency, reader, book) for each in members]
    lasts = np.array([each[-1].at for each in taken])
    # Who spends nothing of a currency is a point on its axis, loop or not.
    if looped and lasts.any():
        at = np.linspace(0.0, end, GRID + 1)
        scores = np.array([[score_at(each, float(spend)) for spend in at] for each in taken])
    else:
        at, scores = np.array([lasts.mean()]), np.array([[each[-1].r] for each in taken])
    first = members[0]
    return Curve(
        explainer=first.explainer,
        model=first.model,
        tier=first.tier,
        reader=reader,
        currency=currency,
        units=len(members),
        looped=len(at) > 1,
        spent=float(lasts.mean()),
        untold=sum(each.untold for each in members),
        at=tuple(at.tolist()),
        r=_means(scores, [each.unit for each in members]),
    )


def _means(scores: Floats, units: Sequence[str]) -> tuple[Interval, ...]:
    """The mean of each column of float64 [sessions, spends], resampled by units."""
    return tuple(interval(column, units=units, seed=SEED) for column in scores.T)
