"""A warning: metrics that the field uses and that fail, on the same reports, units and windows as ours.

All are computed from the executable reader's predictions, so what fails is the metric and not the reader.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import mannwhitneyu, norm

from benchmark.calibration.evidence import Bools, Levels, Room, read
from benchmark.calibration.power import LadderReport, ladder_places
from benchmark.exam.cross_examination import dequantise, level_threshold
from benchmark.exam.grading import simulate
from benchmark.exam.items import Items, Rows
from benchmark.explainers.report import Report
from benchmark.ladder.order import OUTSIDE, tau_of
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r, weighted_r
from synthetic_neurons.passages import Floats, Ints, Passages

# A score that says "this explains the unit": the field's 90% rule for shares, a half for correlations.
GOOD_SHARE, GOOD_R = 0.9, 0.5
WINDOWS_EACH = 10
OVER_BROAD = ("too_broad_1", "too_broad_2", "too_broad_3", "constant")


@dataclass(frozen=True)
class Seen:
    """One report's predictions for one unit: on the pool, and on the unit's own items."""

    rows: Rows
    pool: Floats
    weight: Floats
    items: Items
    own: Floats
    threshold: float


Score = Callable[[Seen], float]
# A metric: what it is called, how it scores, and when it is taken to say that a report explains the unit.
Metric = tuple[str, Score, Callable[[float], bool]]


def recall(seen: Seen) -> float:
    """The share of the unit's firing windows that are predicted to fire."""
    return simulate(seen.items, seen.own, seen.threshold).recall


def plain_accuracy(seen: Seen) -> float:
    """The share of words at base rate on which "fires" or "does not" is right."""
    right = (seen.rows.total > 0) == (seen.pool >= seen.threshold)
    return float(seen.weight @ right / seen.weight.sum())


def _top_and_random(seen: Seen) -> tuple[Floats, Floats]:
    """Truth and prediction on the words of ten strongest and ten silent windows, as in Bills et al. (2023)."""
    strata = np.array(seen.items.strata)
    chosen = [*np.flatnonzero(strata == "firing")[:WINDOWS_EACH], *np.flatnonzero(strata == "silent")[:WINDOWS_EACH]]
    words = np.isin(seen.items.passages.text_of, chosen)
    return seen.items.values[words], seen.own[words]


def top_and_random(seen: Seen) -> float:
    """Correlation without weights on the words of top and random windows."""
    truth, level = _top_and_random(seen)
    return weighted_r(truth, level, np.ones(len(truth)))


def parametric_p(seen: Seen) -> float:
    """P of the r on the pool's words, as if words were independent and normal."""
    words = int((seen.rows.count > 0).sum())
    return float(norm.sf(rows_r(seen.rows, seen.pool, seen.weight) * np.sqrt(words)))


def windows_p(seen: Seen) -> float:
    """P of a one-sided Mann-Whitney test: predictions on firing words against those on silent words of own items."""
    fires = seen.items.values > 0
    if not fires.any() or fires.all() or np.ptp(seen.own) == 0:
        return 1.0
    return float(mannwhitneyu(seen.own[fires], seen.own[~fires], alternative="greater").pvalue)


def our_r(seen: Seen) -> float:
    """Weighted r at base rate: what ranks the board."""
    return rows_r(seen.rows, seen.pool, seen.weight)


def _at_least(least: float) -> Callable[[float], bool]:
    return lambda value: value >= least


def _significant(p: float) -> bool:
    return p < THREE_SIGMA


METRICS: tuple[Metric, ...] = (
    ("recall", recall, _at_least(GOOD_SHARE)),
    ("plain accuracy", plain_accuracy, _at_least(GOOD_SHARE)),
    ("top-and-random correlation", top_and_random, _at_least(GOOD_R)),
    ("parametric 3σ of r over words", parametric_p, _significant),
    ("Mann–Whitney 3σ over words of own items", windows_p, _significant),
    ("r at base rate (ours)", our_r, _at_least(GOOD_R)),
)
TESTS = ("parametric 3σ of r over words", "Mann–Whitney 3σ over words of own items", "rank 3σ (ours)")


@dataclass(frozen=True)
class Exhibit:
    """One metric.

    Attributes:
        metric: its name.
        passes_placebo: the share of unrelated reports that it takes for an explanation.
        tau: mean over units of Kendall's tau-b with true agreement over rungs, constant and placebo left out; None for
            a test, whose p says nothing about quality.
        over_broad_wins: the share of units on which an over-broad rung or the constant scores at least as high as the
            exact report; for a test, on which it passes as well.
        units, placebos: the denominators; placebos are pairs of a report and a unit.
    """

    metric: str
    passes_placebo: float
    tau: float | None
    over_broad_wins: float
    units: int
    placebos: int

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


class Exhibition:
    """The ladder and some placebos, read once.

    Args:
        room: of the planted pool.
        ladder: every rung.
        placebos: reports, and `allowed` bool [units, placebos]: on which units they are unrelated.
        seed: of the choice of five units for each placebo.
    """

    def __init__(
        self, room: Room, ladder: Sequence[LadderReport], placebos: Sequence[Report], allowed: Bools, seed: int
    ) -> None:
        self.room, self.ladder = room, ladder
        reader = room.readers["executable"]
        self._items = [room.suite.items(unit, "own") for unit in room.units]
        texts = [text for items in self._items for text in items.passages.texts]
        self._ends = np.cumsum([0, *(len(items.passages.words) for items in self._items)])
        reports = [*(each.report for each in ladder), *placebos]
        self._pool: Levels = read(reader, reports, room.passages)
        self._own: Levels = read(reader, reports, Passages.of(texts))
        self._threshold = level_threshold(reader.threshold)
        rng = np.random.default_rng([seed, 5])
        self._strange = [
            (int(unit), len(ladder) + place)
            for place in range(len(placebos))
            for unit in rng.permutation(np.flatnonzero(allowed[:, place]))[:5]
        ]
        self._units: Ints = ladder_places(room, ladder)

    def seen(self, unit: int, place: int) -> Seen:
        """One report on one unit."""
        a, b = self._ends[unit], self._ends[unit + 1]
        pool, own = dequantise(self._pool[place]), dequantise(self._own[place, a:b])
        rows, weight = self.room.rows[unit], self.room.pool.word_weight
        return Seen(rows, pool, weight, self._items[unit], own, self._threshold)

    def show(self, metric: Metric) -> Exhibit:
        """One metric on all of it."""
        name, score, good = metric
        strange = [good(score(self.seen(unit, place))) for unit, place in self._strange]
        scores = np.array([score(self.seen(int(unit), place)) for place, unit in enumerate(self._units)])
        return self._exhibit(name, float(np.mean(strange)) if strange else 0.0, scores, good)

    def ranks(self, null: PooledNull, r: Floats, log_rate: Floats, placebo_share: float) -> Exhibit:
        """Our own test beside them.

        Args:
            null: the pooled null of the planted units.
            r: float64 [rungs], each on its own unit.
            log_rate: float64 [rungs], their log predicted firing rates.
            placebo_share: the share of placebos with a p below 0.00135, from the first table.
        """
        p = np.array(
            [null.p(int(u), float(x), log_rate=float(b)).p for u, x, b in zip(self._units, r, log_rate, strict=True)]
        )
        return self._exhibit("rank 3σ (ours)", placebo_share, p, _significant)

    def _exhibit(self, name: str, passes: float, scores: Floats, good: Callable[[float], bool]) -> Exhibit:
        taus, wins = [], []
        for unit in np.unique(self._units):
            mine = {
                self.ladder[i].rung: (self.ladder[i].agreement, float(scores[i]))
                for i in np.flatnonzero(self._units == unit).tolist()
            }
            taus.append(_tau(mine))
            wins.append(_over_broad(mine, good if name in TESTS else None))
        tau = None if name in TESTS else float(np.mean(taus))
        return Exhibit(name, passes, tau, float(np.mean(wins)), len(taus), len(self._strange))


def _tau(rungs: Mapping[str, tuple[float, float]]) -> float:
    return tau_of(pair for name, pair in rungs.items() if name not in OUTSIDE)


def _over_broad(rungs: Mapping[str, tuple[float, float]], good: Callable[[float], bool] | None) -> bool:
    """Whether a broader report does as well as the exact one: by its score, or by passing a test."""
    agreement, exact = rungs["exact"]
    broad = [score for name, (low, score) in rungs.items() if name in OVER_BROAD and low < agreement - 0.05]
    if good is not None:
        return any(good(score) for score in broad)
    return any(score >= exact - 1e-9 for score in broad)


def exhibit(exhibition: Exhibition) -> list[Exhibit]:
    """All known-bad metrics, and ours."""
    return [exhibition.show(metric) for metric in METRICS]
