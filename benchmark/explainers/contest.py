"""Best of n: candidates practised on P0 within what a loop has spent, the best handed in (METHOD.md section 5).

A ceiling is not a spend: a loop that hands in early has used less than its ceiling, and its rival gets no more than it.
"""

from dataclasses import dataclass, replace

from benchmark.explainers.explainer import Journal
from benchmark.explainers.loop import LEAST_PRACTICE_R
from benchmark.explainers.mind import key
from benchmark.explainers.report import Report
from benchmark.laboratory import PRACTICE_ITEMS, Laboratory, PracticeGrade


@dataclass(frozen=True)
class Allowance:
    """What the looped rival spent on the same unit.

    Attributes:
        tokens: model tokens.
        unit_queries: texts measured, practice items included.
    """

    tokens: int
    unit_queries: int


class Contest:
    """Grades candidates until the allowance's queries are used up; the first is free if it stays the only one.

    Args:
        laboratory: the unit.
        journal: receives each candidate and its grade.
        allowance: what may be spent.
        least_r: the r on P0 below which nothing is claimed, as in the loops.
    """

    def __init__(
        self, laboratory: Laboratory, journal: Journal, allowance: Allowance, least_r: float = LEAST_PRACTICE_R
    ) -> None:
        self._laboratory, self._journal, self.allowance, self._least_r = laboratory, journal, allowance, least_r
        self._graded: dict[str, tuple[Report, PracticeGrade]] = {}
        self._first: Report | None = None

    @property
    def open(self) -> bool:
        """Whether another candidate can be graded."""
        return self._laboratory.spend.unit_queries + PRACTICE_ITEMS <= self.allowance.unit_queries

    def enter(self, report: Report) -> None:
        """Grade one candidate; one that was graded already, or that cannot be paid for, is passed over."""
        self._first = self._first or report
        if not self.open or key(report) in self._graded:
            return
        grade = self._laboratory.practise(report)
        self._graded[key(report)] = (report, grade)
        note = {"slice": "P0", "r": grade.r, "accuracy": grade.simulation_accuracy, "passed": grade.passed}
        text = f"P0: r {grade.r:.2f}, simulation accuracy {grade.simulation_accuracy:.2f}: {report.text}"
        self._journal.note("practice", text, **note, report=report.to_json())

    @property
    def entered(self) -> int:
        """How many candidates have been graded."""
        return len(self._graded)

    def winner(self) -> Report:
        """The best by r, its confidence that r; an abstention where the best is not worth a claim.

        Without a query to spend the first candidate stands, ungraded.
        """
        if not self._graded:
            return self._first or Report.abstain("no candidate")
        best, grade = max(self._graded.values(), key=lambda pair: (pair[1].r, pair[1].simulation_accuracy))
        if grade.r < self._least_r:
            return Report.abstain(f"none of {len(self._graded)} candidates predicts this unit on held-out text")
        return replace(best, confidence=min(1.0, max(0.0, grade.r)))
