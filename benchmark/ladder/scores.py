"""Every rung of every planted unit of a frozen suite, with its true agreement and what each text reader gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.exam.cross_examination import (
    Levels,
    dequantise,
    discrimination,
    level_threshold,
    quantise,
    stored_threshold,
)
from benchmark.exam.grading import simulation_accuracy
from benchmark.exam.items import Pool
from benchmark.explainers.report import Claim, Report
from benchmark.readers.reader import Reader
from benchmark.statistics.weighted import base_rate_metrics, rows_r, rows_r_matrix
from benchmark.suites.suite import Suite
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.planted import PlantedClaim, PlantedUnit

METRICS = ("r", "auprc", "f1", "precision", "simulation_accuracy", "discrimination")
# Of these, what needs the pool alone.
POOL_METRICS = ("r", "auprc", "f1", "precision")


@dataclass(frozen=True)
class Point:
    """One rung of one unit.

    Attributes:
        unit, family: whose ladder.
        rung, error: the rung's name and its type of error.
        agreement: true agreement with the unit, r on the pool at base rate.
        text: the report.
        scores: reader to metric to score, as on the board: on the pool at base rate, simulation accuracy on the own
            items; discrimination as the share of the other units on which the report's r is lower, so that more is
            better.
    """

    unit: str
    family: str
    rung: str
    error: str
    agreement: float
    text: str
    scores: Mapping[str, Mapping[str, float]]


def planted_units(suite: Suite) -> tuple[PlantedUnit, ...]:
    """The planted units of a frozen suite, as far as their ladders need them: truth and the oracle's claims."""
    made = []
    for unit in suite.units:
        if unit.tier == "planted" and unit.report is not None:
            report = Report.from_json(unit.report)
            claims = tuple(PlantedClaim(c.text, c.predicate, c.level) for c in report.claims if c.predicate is not None)
            made.append(PlantedUnit.of_truth(unit.identifier, unit.family, unit.truth, claims))
    return tuple(made)


def points(suite: Suite, readers: Sequence[Reader]) -> list[Point]:
    """Score the ladder of every planted unit on the suite's planted pool.

    Args:
        suite: a frozen suite.
        readers: text readers as the suite calibrated them. The executable reader's r is the true agreement itself.

    Returns:
        One point a rung, unit by unit, in the order of the rungs.
    """
    units = planted_units(suite)
    pool = suite.pool("planted")
    ladder, examined = Ladder(units, pool.passages, pool.word_weight), Examined(suite, pool, units)
    return [examined.point(unit, rung, readers) for unit in units for rung in ladder.rungs(unit)]


def report_of(rung: Rung) -> Report:
    """A rung as a reader gets it."""
    return Report(rung.text, tuple(Claim(claim.text, claim.predicate, claim.level) for claim in rung.claims))


def point_of(unit: PlantedUnit, rung: Rung, pool: Pool, readers: Sequence[Reader]) -> Point:
    """One rung with its agreement as the ladder has it, and what each reader gives it on a pool."""
    report = report_of(rung)
    scores = {reader.name: score_of(reader, _stored(reader, report, pool), unit.identifier, pool) for reader in readers}
    return _point(unit, rung, scores)


def _point(unit: PlantedUnit, rung: Rung, scores: Mapping[str, Mapping[str, float]]) -> Point:
    assert rung.agreement is not None
    return Point(unit.identifier, unit.family, rung.name, rung.error, rung.agreement, rung.text, scores)


def _stored(reader: Reader, report: Report, pool: Pool) -> Levels:
    """uint8 [words of the pool]: what the reader predicts, as the board stores it."""
    levels = reader.read(report, pool.passages)
    assert levels is not None, f"the {reader.name} reader cannot read a rung of the ladder"
    return quantise(levels)


def score_of(reader: Reader, stored: Levels, unit: str, pool: Pool) -> dict[str, float]:
    """`POOL_METRICS` of a stored prediction."""
    rows = pool.rows[unit]
    found = base_rate_metrics(rows.total > 0, stored, stored_threshold(reader.threshold), pool.word_weight)
    r = rows_r(rows, stored, pool.word_weight)
    return {"r": r, "auprc": found.auprc, "f1": found.f1, "precision": found.precision}


class Examined:
    """A suite's planted units, as boards examine them: by every metric of `METRICS`.

    Args:
        suite: a frozen suite.
        pool: its planted pool.
        units: its planted units; a report is told apart among them.
    """

    def __init__(self, suite: Suite, pool: Pool, units: Sequence[PlantedUnit]) -> None:
        self._pool, self._names = pool, [unit.identifier for unit in units]
        self._rows = [pool.rows[name] for name in self._names]
        self._items = {
            unit.identifier: suite.items(unit, "own") for unit in suite.units if unit.identifier in self._names
        }

    def point(self, unit: PlantedUnit, rung: Rung, readers: Sequence[Reader]) -> Point:
        """One rung, with what each reader gives it."""
        report = report_of(rung)
        return _point(unit, rung, {reader.name: self.scores(reader, report, unit.identifier) for reader in readers})

    def scores(self, reader: Reader, report: Report, unit: str) -> dict[str, float]:
        """A report's scores on one unit, by metric."""
        stored, items = _stored(reader, report, self._pool), self._items[unit]
        own = reader.read(report, items.passages)
        assert own is not None, f"the {reader.name} reader cannot read a rung of the ladder"
        accuracy = simulation_accuracy(items, dequantise(quantise(own)), level_threshold(reader.threshold))
        return score_of(reader, stored, unit, self._pool) | {
            "simulation_accuracy": accuracy,
            "discrimination": self._discrimination(stored, self._names.index(unit)),
        }

    def _discrimination(self, stored: Levels, own: int) -> float:
        r = rows_r_matrix(self._rows, stored[None], self._pool.word_weight)
        rank = int(discrimination(r, np.array([own]))[0])
        return (len(self._rows) - rank) / max(1, len(self._rows) - 1)
