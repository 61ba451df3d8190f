"""The second table: which explanations are found at 3 sigma, by how many windows examine them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.calibration.evidence import Evidence, Levels, Room, read
from benchmark.exam.cross_examination import report_features
from benchmark.exam.items import Rows
from benchmark.explainers.report import Report
from benchmark.ladder.scores import planted_units, report_of
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.suites.suite import Suite
from synthetic_neurons.ladder.rungs import Ladder
from synthetic_neurons.passages import Floats, Ints

WINDOWS = (60, 125, 250, 500, 1_000)
LEAST_AGREEMENT = 0.5
DRAWS = 3


@dataclass(frozen=True)
class LadderReport:
    """One rung of one unit: its report, its name and its true agreement; `unit` counts the planted units of a suite."""

    unit: int
    rung: str
    agreement: float
    report: Report


@dataclass(frozen=True)
class Power:
    """What one reader finds with some windows.

    Attributes:
        reader: its name.
        windows: of the pool, drawn at random.
        share: rungs of true agreement 0.5 or more with a per-unit p below 0.00135, over units, with its interval.
        rungs: how many.
        smallest_p: the smallest p attainable.
    """

    reader: str
    windows: int
    share: Interval
    rungs: int
    smallest_p: float

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def ladder_reports(suite: Suite) -> list[LadderReport]:
    """Every rung of every planted unit of a suite."""
    pool, units = suite.pool("planted"), planted_units(suite)
    ladder = Ladder(units, pool.passages, pool.word_weight)
    return [
        LadderReport(place, rung.name, float(rung.agreement or 0.0), report_of(rung))
        for place, unit in enumerate(units)
        for rung in ladder.rungs(unit)
    ]


def ladder_places(room: Room, found: Sequence[LadderReport]) -> Ints:
    """int64 [reports]: each report's unit among the room's."""
    names = [unit.identifier for unit in planted_units(room.suite)]
    place = {unit.identifier: i for i, unit in enumerate(room.units)}
    return np.array([place[names[each.unit]] for each in found], dtype=np.int64)


def _some(room: Room, rows: Sequence[Rows], count: int, seed: int) -> tuple[Ints, list[Rows], Floats]:
    """The words of some windows, the units' truth there, and the words' weights."""
    rng, passages = np.random.default_rng([seed, count]), room.passages
    chosen = np.sort(rng.permutation(len(passages))[:count])
    words = np.flatnonzero(np.isin(passages.text_of, chosen))
    weight = room.pool.word_weight[words]
    return words, [each.on(words) for each in rows], weight


def _examined(
    levels: Levels, reports: Sequence[Report], rows: Sequence[Rows], weight: Floats, threshold: float
) -> tuple[Floats, Floats]:
    """R [units, reports], and log predicted firing rates [reports]."""
    rates = [
        report_features(row, weight, threshold, report.text)[0] for row, report in zip(levels, reports, strict=True)
    ]
    return rows_r_matrix(rows, levels, weight), np.array(rates)


def power(
    room: Room,
    reader: str,
    bank: tuple[Levels, Ints],
    found: Sequence[LadderReport],
    seed: int,
    windows: Sequence[int] = WINDOWS,
    draws: int = DRAWS,
) -> list[Power]:
    """The share of good rungs that a reader finds at 3 sigma, with the bank examined on the same windows.

    Args:
        room: of the planted pool.
        reader: its name.
        bank: `benchmark.calibration.work.read_bank` of this room.
        found: the ladder.
        seed: of the windows.
        windows: how many; the whole pool comes last by itself.
        draws: of each number; their mean is what one unit's rung scores.
    """
    good = [each for each in found if each.agreement >= LEAST_AGREEMENT]
    levels, own = read(room.readers[reader], [each.report for each in good], room.passages), ladder_places(room, good)
    bank_levels, able = bank
    strangers = [room.suite.bank.reports[i].report for i in able]
    allowed, threshold = room.bank(reader)[1][:, able], room.readers[reader].threshold
    made = []
    for count in (*[each for each in windows if each < len(room.passages)], len(room.passages)):
        hits, smallest = np.zeros(len(good)), 0.0
        repeats = 1 if count == len(room.passages) else draws
        for repeat in range(repeats):
            words, rows, weight = _some(room, room.rows, count, seed + repeat)
            bank_r, bank_rate = _examined(bank_levels[:, words], strangers, rows, weight, threshold)
            r, rate = _examined(levels[:, words], [each.report for each in good], rows, weight, threshold)
            null = PooledNull.of_bank(bank_r, allowed, room.rates(), bank_rate)
            ranks = [null.p(int(u), float(r[u, j]), log_rate=float(rate[j])) for j, u in enumerate(own)]
            hits += np.array([rank.p < THREE_SIGMA for rank in ranks]) / repeats
            smallest = max(rank.smallest_p for rank in ranks)
        share = interval(hits, units=[str(unit) for unit in own], seed=seed)
        made.append(Power(reader, count, share, len(good), smallest))
    return made


def ladder_evidence(room: Room, reader: str, found: Sequence[LadderReport]) -> Evidence:
    """The ladder on all planted units; every rung counts as related to its own unit alone."""
    allowed = np.ones((len(room.units), len(found)), dtype=bool)
    allowed[ladder_places(room, found), np.arange(len(found))] = False
    return room.evidence(reader, [each.report for each in found], allowed)
