"""Sessions as logs tell them, and a book whose scores stand in the reports' texts."""

from collections.abc import Sequence
from typing import Any

from benchmark.explainers.report import Claim, Report
from benchmark.spending.gradebook import Gradebook
from benchmark.spending.sessions import Moment, Session

CEILINGS = {
    "unit_queries": 1500.0,
    "rounds": 8.0,
    "tokens": 20_000.0,
    "calls": 60.0,
    "generated": 10_000.0,
    "seconds": 120.0,
}
NOTHING = dict.fromkeys(CEILINGS, 0.0)


def report(r: float) -> Report:
    """A report with this r on the pool, by `Book`."""
    return Report(str(r), (Claim(str(r)),))


def moment(queries: float, p0: float, r: float, accuracy: float = 0.8, tokens: float = 0.0) -> Moment:
    return Moment({"unit_queries": queries, "tokens": tokens}, report(r), (p0, accuracy))


def session(unit: str, explainer: str = "loop", **more: Any) -> Session:
    """A session that hands in its last report, unless it is told otherwise."""
    spend = NOTHING | more.pop("spend", {})
    stated = {"model": "none", "tier": "planted", "ceilings": CEILINGS, "outcome": "report", "report": None}
    stated |= {"declares_predicates": True, "scores": {}, "moments": (), "untold": 0}
    return Session(explainer=explainer, unit=unit, spend=spend, **(stated | more))


class Book(Gradebook):
    """Scores read off the reports; each is counted."""

    def __init__(self, sessions: Sequence[Session] = ()) -> None:
        self.asked: list[str] = []
        self._scores = {}

    def _grade(self, unit: Any, report: Report, reader: str) -> float:
        self.asked.append(report.text)
        return float(report.text)

    def r(self, identifier: str, report: Report, reader: str) -> float:
        return self._grade(identifier, report, reader)
