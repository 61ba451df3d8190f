"""Reports examined on units by one reader, with the null bank beside them: all that a decision at 3 sigma needs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.cross_examination import quantise, report_features
from benchmark.exam.items import Rows
from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.reader import Reader
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.suites.suite import Suite
from benchmark.units.unit import PoolKind
from synthetic_neurons.passages import Floats, Ints, Passages

Bools = NDArray[np.bool_]
Levels = NDArray[np.uint8]
# Reports whose predictions are held at once: 128 x 120,000 words are 15 MB.
_CHUNK = 128


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one reader makes of some reports on some units.

    Attributes:
        r: float64 [units, reports].
        allowed: bool [units, reports]: the report is unrelated to the unit, by truth and by its own predicate.
        features: float64 [reports, 2]: log predicted firing rate, log length.
        bank_r: float64 [units, bank]; 0 where the reader cannot read the report.
        bank_allowed: bool [units, bank].
        bank_features: float64 [bank, 2].
        rate: float64 [units], firing rates at base rate.
    """

    r: Floats
    allowed: Bools
    features: Floats
    bank_r: Floats
    bank_allowed: Bools
    bank_features: Floats
    rate: Floats

    @property
    def breadth(self) -> Floats:
        """float64 [reports]: the share of words on which each is predicted to fire."""
        return np.exp(self.features[:, 0])

    def on(self, rows: Ints) -> "Evidence":
        """The same on some of the units."""
        return Evidence(
            self.r[rows],
            self.allowed[rows],
            self.features,
            self.bank_r[rows],
            self.bank_allowed[rows],
            self.bank_features,
            self.rate[rows],
        )


def read(reader: Reader, reports: Sequence[Report], passages: Passages) -> Levels:
    """uint8 [reports, words]: what a reader predicts from each report, as a board stores it.

    Raises:
        ValueError: the reader cannot read a report.
    """
    if isinstance(reader, EmbeddingReader):
        return np.stack([quantise(levels) for levels in reader.read_many(reports, passages)])
    found = [reader.read(report, passages) for report in reports]
    if any(levels is None for levels in found):
        raise ValueError(f"the {reader.name} reader cannot read a report without predicates; leave it out")
    return np.stack([quantise(levels) for levels in found if levels is not None])


def _chunks(reports: Sequence[Report]) -> Iterator[slice]:
    return (slice(at, at + _CHUNK) for at in range(0, len(reports), _CHUNK))


class Room:
    """One pool of a suite and the readers that examine on it.

    Args:
        suite: a frozen suite.
        kind: which pool.
        readers: as the suite calibrated them.
    """

    def __init__(self, suite: Suite, kind: PoolKind, readers: Mapping[str, Reader]) -> None:
        self.suite, self.kind, self.readers = suite, kind, readers
        self.pool = suite.pool(kind)
        self.units = [unit for unit in suite.units if unit.pool == kind]

    @property
    def passages(self) -> Passages:
        """The pool's windows."""
        return self.pool.passages

    @cached_property
    def rows(self) -> list[Rows]:
        """The truth of each of the suite's units on the pool."""
        return [self.pool.rows[unit.identifier] for unit in self.units]

    def bank(self, reader: str) -> tuple[Floats, Bools, Floats]:
        """Bank r and mask on the suite's units, and the bank's features, for one reader (as a board has them)."""
        places = [self.suite.order[unit.identifier] for unit in self.units]
        r, mask = self.suite.bank.r[reader][places], self.suite.bank.mask[places]
        features = self.suite.bank.features[f"{reader}/{self.kind}"].astype(float)
        return np.nan_to_num(r), mask & ~np.isnan(r), np.nan_to_num(features)

    def examine(self, reader: str, reports: Sequence[Report], rows: Sequence[Rows]) -> tuple[Floats, Floats]:
        """Score some reports on units of this pool: r [units, reports] and features [reports, 2]."""
        examiner, weight = self.readers[reader], self.pool.word_weight
        r, features = np.zeros((len(rows), len(reports))), np.zeros((len(reports), 2))
        for some in _chunks(reports):
            levels = read(examiner, reports[some], self.passages)
            r[:, some] = rows_r_matrix(rows, levels, weight)
            features[some] = [
                report_features(row, weight, examiner.threshold, report.text)
                for row, report in zip(levels, reports[some], strict=True)
            ]
        return r, features

    def rates(self) -> Floats:
        """float64 [units]: firing rates at base rate."""
        return np.array([self.pool.firing_rate(unit.identifier) for unit in self.units])

    def evidence(self, reader: str, reports: Sequence[Report], allowed: Bools) -> Evidence:
        """Some reports on the suite's own units.

        Args:
            reader: its name.
            reports: with predicates for all claims.
            allowed: bool [units, reports], see `Evidence`.
        """
        r, features = self.examine(reader, reports, self.rows)
        return Evidence(r, allowed, features, *self.bank(reader), self.rates())
