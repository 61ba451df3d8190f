"""The fourth table: do readers agree on found units as they do on planted ones, whose truth is known?

The same explainers without a model report on both tiers from the same kind of teach windows, so that what differs
between the tables is the units.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from benchmark.calibration.evidence import Room
from benchmark.calibration.teaching import ranked, top_tokens
from benchmark.explainers.report import Report
from benchmark.statistics.bootstrap import FEWEST_UNITS
from benchmark.suites.suite import Suite
from synthetic_neurons.passages import Floats, Ints

Say = Callable[[str], None]
TIERS = ("planted", "found")
RESAMPLES = 1_000


@dataclass(frozen=True)
class OwnReport:
    """A report on one unit of the suite, by an explainer that was shown the unit's own teach windows."""

    unit: str
    tier: str
    writer: str
    report: Report


@dataclass(frozen=True)
class Agreement:
    """Two readers on one tier.

    Attributes:
        tier, first, second: which.
        rho: Spearman's rank correlation of their r over reports; 0 where a reader gives all the same.
        low, high: 95% by a bootstrap over units; None under ten units.
        reports, units: how many.
    """

    tier: str
    first: str
    second: str
    rho: float
    low: float | None
    high: float | None
    reports: int
    units: int

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def own_reports(suite: Suite, say: Say = lambda line: None, limit: int | None = None) -> list[OwnReport]:
    """Rule induction's hypotheses (up to four) and the top tokens of every planted and found unit.

    Args:
        suite: a frozen suite.
        say: told of progress.
        limit: at most so many units of each tier; None for all.
    """
    made: list[OwnReport] = []
    for tier in TIERS:
        units = [unit for unit in suite.units if unit.tier == tier][:limit]
        for unit in units:
            exemplars = suite.exemplars(unit)
            table = top_tokens(exemplars)
            told = [("rule_induction", each) for each in ranked(exemplars)]
            told += [("top_tokens", table)] if table is not None else []
            made += [OwnReport(unit.identifier, tier, writer, report) for writer, report in told]
        say(f"{len(units)} {tier} units reported on")
    return made


def own_scores(room: Room, found: Sequence[OwnReport]) -> dict[str, Floats]:
    """Reader to r of every report on its own unit; all of them are of the room's pool."""
    place = {unit.identifier: i for i, unit in enumerate(room.units)}
    rows = np.array([place[each.unit] for each in found], dtype=np.int64)
    reports = [each.report for each in found]
    return {name: room.examine(name, reports, room.rows)[0][rows, np.arange(len(found))] for name in room.readers}


def _rho(first: Floats, second: Floats) -> float:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(spearmanr(first, second).statistic)


def _resampled(first: Floats, second: Floats, of: Ints, seed: int) -> Floats:
    rng, members = np.random.default_rng(seed), [np.flatnonzero(of == each) for each in range(int(of.max()) + 1)]
    drawn = rng.integers(len(members), size=(RESAMPLES, len(members)))
    chosen = (np.concatenate([members[each] for each in row]) for row in drawn)
    return np.array([_rho(first[each], second[each]) for each in chosen])


def agreement(tier: str, scores: dict[str, Floats], units: Sequence[str], seed: int) -> list[Agreement]:
    """Every pair of readers on the reports of one tier.

    Args:
        tier: its name.
        scores: reader to float64 [reports].
        units: the unit of each report; units are what is resampled.
        seed: of the resampling.
    """
    names, of = np.unique(np.asarray(units), return_inverse=True)
    made = []
    for first, second in combinations(scores, 2):
        rho = _rho(scores[first], scores[second])
        low: float | None = None
        high: float | None = None
        if len(names) >= FEWEST_UNITS:
            low, high = map(float, np.percentile(_resampled(scores[first], scores[second], of, seed), [2.5, 97.5]))
        made.append(Agreement(tier, first, second, rho, low, high, len(units), len(names)))
    return made


def transfer(rooms: dict[str, Room], found: Sequence[OwnReport], seed: int) -> list[Agreement]:
    """The table: every pair of readers on planted units, then on found ones."""
    made = []
    for tier, kind in zip(TIERS, ("planted", "natural"), strict=True):
        mine = [each for each in found if each.tier == tier]
        if mine:
            made += agreement(tier, own_scores(rooms[kind], mine), [each.unit for each in mine], seed)
    return made
