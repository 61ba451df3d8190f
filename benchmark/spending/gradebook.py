"""The r on the pool of every report that was held on the way, each graded once."""

import json
from collections.abc import Sequence

from benchmark.exam.cross_examination import quantise
from benchmark.examiner import Examiner
from benchmark.explainers.report import Report
from benchmark.spending.sessions import Session
from benchmark.statistics.weighted import rows_r
from benchmark.units.unit import Unit

EXECUTABLE, PROSE = "executable", "embedding"


def reader_of(own: Sequence[Session]) -> str:
    """Who reads an explainer: its predicates where it declares them, else its prose; one reader for all its reports."""
    return EXECUTABLE if any(each.declares_predicates for each in own) else PROSE


class Gradebook:
    """Scores by unit, report and reader.

    Args:
        examiner: of the suite that the logs are of.
    """

    def __init__(self, examiner: Examiner) -> None:
        self._examiner = examiner
        self._scores: dict[tuple[str, str, str], float] = {}

    @property
    def graded(self) -> int:
        """How many different reports were graded here or taken from the logs."""
        return len(self._scores)

    def enter(self, session: Session, reader: str) -> None:
        """Take over what the session's own exam says of the report that was handed in."""
        if session.report is not None and reader in session.scores:
            self._scores[_key(session.unit, session.report, reader)] = session.scores[reader]

    def r(self, identifier: str, report: Report, reader: str) -> float:
        """The r of a report on its unit's pool; 0 for an abstention, and for what the reader cannot read."""
        key = _key(identifier, report, reader)
        if key not in self._scores:
            self._scores[key] = self._grade(self._examiner.suite.unit(identifier), report, reader)
        return self._scores[key]

    def _grade(self, unit: Unit, report: Report, reader: str) -> float:
        if report.abstained or not report.claims:
            return 0.0
        pool = self._examiner.suite.pool(unit.pool)
        levels = self._examiner.readers[reader].read(report, pool.passages)
        return 0.0 if levels is None else rows_r(pool.rows[unit.identifier], quantise(levels), pool.word_weight)


def _key(unit: str, report: Report, reader: str) -> tuple[str, str, str]:
    """Two reports are the same to a reader where their claims are; how confident they are it is not told."""
    claims = [claim.to_json() for claim in report.claims]
    return unit, json.dumps([report.text, claims, report.abstained], sort_keys=True), reader
