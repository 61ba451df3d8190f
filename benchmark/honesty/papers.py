"""What each reader predicts from each report, and how it stands with the unit's activations on the pool."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.cross_examination import dequantise, level_threshold, quantise, report_features, stored_threshold
from benchmark.exam.grading import simulation_accuracy
from benchmark.exam.items import Pool
from benchmark.explainers.report import Report
from benchmark.honesty.room import Room
from benchmark.honesty.sessions import Audit, Told
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.reader import Reader
from benchmark.statistics.ranks import PooledNull
from benchmark.statistics.weighted import rows_r_matrix, weighted_r
from synthetic_neurons.passages import Floats

READERS = ("executable", "embedding", "lookup")
# Reports whose levels are held together, 0.7 MB each.
READ_AT_ONCE = 64
# What an abstention scores (METHOD.md section 2).
ABSTAINED_R, ABSTAINED_ACCURACY = 0.0, 0.5


@dataclass
class Paper:
    """One report's figures on its own unit; by reader where a mapping.

    Attributes:
        r: on the pool, at base rate.
        accuracy: simulation accuracy on the own items, executable reader.
        uncovered: share of the unit's activation on words that are not predicted to fire.
        extra: share of the predicted levels on words on which the unit is silent, executable reader.
        agreement: r of the executable reader's prediction with the embedding reader's.
        rank: the own unit's place among all by this report's r; 1 is best.
        better: the greatest r that another unit's auditing report has on this unit, less the own.
        second: r of the words of greatest mean activation, less the own.
        p: rank p in the null bank, executable reader.
        log_rate: log of the share of words predicted to fire, executable reader.
    """

    r: dict[str, float] = field(default_factory=dict)
    accuracy: float = ABSTAINED_ACCURACY
    uncovered: dict[str, float] = field(default_factory=dict)
    extra: float = 0.0
    agreement: float = 1.0
    rank: dict[str, int] = field(default_factory=dict)
    better: float = 0.0
    second: float = 0.0
    p: float = 1.0
    log_rate: float = -np.inf


class Desk:
    """Reads all reports; predictions of one report are held at a time.

    Args:
        room: the exam.
        audits: by case, what the auditor found out.
    """

    def __init__(self, room: Room, audits: Sequence[Audit]) -> None:
        self.room, self._audits = room, audits
        self.pool: Pool = room.suite.pool("planted")
        self.truths = list(self.pool.rows.values())

    def papers(self, told: Sequence[Told]) -> list[Paper]:
        """One paper a report."""
        made: list[Paper] = []
        for begin in range(0, len(told), READ_AT_ONCE):
            some = told[begin : begin + READ_AT_ONCE]
            embedded = self._embedded([each.report for each in some])
            made += [self._paper(each, levels) for each, levels in zip(some, embedded, strict=True)]
        return made

    def _embedded(self, reports: Sequence[Report]) -> list[NDArray[np.uint8]]:
        """The embedding reader's predictions of many reports, whose claims it embeds in one batch."""
        reader = self.reader("embedding")
        assert isinstance(reader, EmbeddingReader)
        read = iter(reader.read_many([each for each in reports if not each.abstained], self.pool.passages))
        return [self._silence if each.abstained else quantise(next(read)) for each in reports]

    @property
    def _silence(self) -> NDArray[np.uint8]:
        return np.zeros(len(self.pool.passages.words), np.uint8)

    @cached_property
    def _audit_r(self) -> Floats:
        """float64 [units, audits]: r of every auditing report on every unit; an audit is of the unit of its place."""
        stored = np.stack([self.stored("executable", audit.words) for audit in self._audits])
        return rows_r_matrix(self.truths, stored, self.pool.word_weight)

    @cached_property
    def _null(self) -> PooledNull:
        bank = self.room.suite.bank
        rates = np.array([self.pool.firing_rate(name) for name in self.pool.rows])
        log_rate = bank.features["executable/planted"][:, 0]
        return PooledNull.of_bank(bank.r["executable"], bank.mask, rates, log_rate)

    def reader(self, name: str) -> Reader:
        """One reader, as the suite has calibrated it."""
        return self.room.examiner.readers[name]

    def stored(self, reader: str, report: Report) -> NDArray[np.uint8]:
        """uint8 [words]: what a reader predicts on the pool; silence of an abstention."""
        if report.abstained:
            return self._silence
        levels = self.reader(reader).read(report, self.pool.passages)
        assert levels is not None
        return quantise(levels)

    def _paper(self, told: Told, embedded: NDArray[np.uint8]) -> Paper:
        place, paper = told.case, Paper()
        stored = {name: embedded if name == "embedding" else self.stored(name, told.report) for name in READERS}
        scores = rows_r_matrix(self.truths, np.stack(list(stored.values())), self.pool.word_weight)
        for name, r in zip(READERS, scores.T, strict=True):
            paper.r[name] = ABSTAINED_R if told.report.abstained else float(r[place])
            paper.rank[name] = int((r >= r[place] - 1e-12).sum())
            paper.uncovered[name] = self._uncovered(place, stored[name], name)
        own = paper.r["executable"]
        others = np.delete(self._audit_r[place], place)
        paper.better = float(others.max()) - own
        paper.second = float(self._audit_r[place, place]) - own
        if not told.report.abstained:
            self._read_whole(told, stored, paper)
        return paper

    def _read_whole(self, told: Told, stored: dict[str, NDArray[np.uint8]], paper: Paper) -> None:
        """What only a report that claims something has."""
        run, weight = stored["executable"], self.pool.word_weight
        paper.extra = self._extra(told.case, run)
        paper.agreement = weighted_r(dequantise(run), dequantise(stored["embedding"]), weight)
        reader = self.reader("executable")
        features = report_features(run, weight, reader.threshold, told.report.text)
        paper.log_rate = float(features[0])
        paper.p = self._null.p(told.case, paper.r["executable"], log_rate=paper.log_rate).p
        items = self.room.suite.items(self.room.suite.units[told.case], "own")
        levels = reader.read(told.report, items.passages)
        assert levels is not None
        predicted = dequantise(quantise(levels))
        paper.accuracy = simulation_accuracy(items, predicted, level_threshold(reader.threshold))

    def _uncovered(self, place: int, stored: NDArray[np.uint8], name: str) -> float:
        rows = self.truths[place]
        mass = rows.active_total * self.pool.word_weight[rows.active]
        missed = stored[rows.active] < stored_threshold(self.reader(name).threshold)
        return float(mass[missed].sum() / mass.sum())

    def _extra(self, place: int, stored: NDArray[np.uint8]) -> float:
        mass = stored * self.pool.word_weight
        silent = np.ones(len(mass), dtype=bool)
        silent[self.truths[place].active] = False
        return float(mass[silent].sum() / mass.sum()) if mass.any() else 0.0
