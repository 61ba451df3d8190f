"""Every rung of every planted unit of a frozen suite, with its true agreement and what each text reader gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.exam.cross_examination import quantise, stored_threshold
from benchmark.exam.items import Pool
from benchmark.explainers.report import Claim, Report
from benchmark.readers.reader import Reader
from benchmark.statistics.weighted import base_rate_metrics, rows_r
from benchmark.suites.suite import Suite
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.planted import PlantedClaim, PlantedUnit

METRICS = ("r", "auprc", "f1")


@dataclass(frozen=True)
class Point:
    """One rung of one unit.

    Attributes:
        unit, family: whose ladder.
        rung, error: the rung's name and its type of error.
        agreement: true agreement with the unit, r on the pool at base rate.
        text: the report.
        scores: reader to metric to score, on the pool at base rate, as on the board.
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
    pool, units = suite.pool("planted"), planted_units(suite)
    ladder = Ladder(units, pool.passages, pool.word_weight)
    return [point_of(unit, rung, pool, readers) for unit in units for rung in ladder.rungs(unit)]


def point_of(unit: PlantedUnit, rung: Rung, pool: Pool, readers: Sequence[Reader]) -> Point:
    """One rung with its agreement as the ladder has it, and what each reader gives it on a pool."""
    claims = tuple(Claim(claim.text, claim.predicate, claim.level) for claim in rung.claims)
    report = Report(rung.text, claims)
    scores = {reader.name: score_of(reader, report, unit.identifier, pool) for reader in readers}
    assert rung.agreement is not None
    return Point(unit.identifier, unit.family, rung.name, rung.error, rung.agreement, rung.text, scores)


def score_of(reader: Reader, report: Report, unit: str, pool: Pool) -> dict[str, float]:
    """A reader's score, from its prediction as the board stores it."""
    levels = reader.read(report, pool.passages)
    assert levels is not None, f"the {reader.name} reader cannot read a rung of the ladder"
    stored, rows = quantise(levels), pool.rows[unit]
    found = base_rate_metrics(rows.total > 0, stored, stored_threshold(reader.threshold), pool.word_weight)
    return {"r": rows_r(rows, stored, pool.word_weight), "auprc": found.auprc, "f1": found.f1}
