"""Guardrail: the report must hold on text of another kind."""

from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.guardrails.options import Share
from benchmark.laboratory import PRACTICE_ITEMS, SHIFTED_SLICE, Laboratory, ReservedPractice


class OutOfDistribution:
    """Objects where simulation accuracy on the shifted slice is low and r there does not make up for it.

    Args:
        practice: the guardrails' practice slices.
        least_accuracy: simulation accuracy (balanced accuracy of fires / does not fire) that suffices; chance is 0.5.
        least_r: r that suffices whatever the accuracy: a level wrong by a constant can fail the one and not the other.
    """

    name: str = "out_of_distribution"
    cost: int = PRACTICE_ITEMS

    def __init__(self, practice: ReservedPractice, least_accuracy: Share = 0.6, least_r: Share = 0.3) -> None:
        self._practice = practice
        self._least_accuracy, self._least_r = least_accuracy, least_r

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve where either figure suffices; both go into the journal."""
        grade = self._practice.grade(submission.report, SHIFTED_SLICE)
        figures = f"simulation accuracy {grade.simulation_accuracy:.2f}, r {grade.r:.2f}"
        note = {"slice": SHIFTED_SLICE, "r": grade.r, "accuracy": grade.simulation_accuracy}
        journal.note("practice", f"{SHIFTED_SLICE}: {figures}", guardrail=self.name, cost=self.cost, **note)
        if grade.simulation_accuracy >= self._least_accuracy or grade.r >= self._least_r:
            return APPROVED
        need = f"{self._least_accuracy:.2f} or r {self._least_r:.2f} needed"
        return Verdict(Objection(f"fails on text of another kind: {figures}; {need}"))
