"""Guardrail: the report must beat strangers' reports at 3 sigma, with the error spread over repeated submissions."""

from math import pi

from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.guardrails.options import Share
from benchmark.laboratory import PRACTICE_ITEMS, SUBMISSION_SLICES, Laboratory, ReservedPractice

ALPHA = 0.00135
MOST_SUBMISSIONS = len(SUBMISSION_SLICES)


def alpha(ordinal: int, total: float = ALPHA) -> float:
    """The level of submission `ordinal` (from 1): total * 6 / (pi^2 k^2), which sums to `total` (METHOD.md section 6).

    Raises:
        ValueError: `ordinal` below 1.
    """
    if ordinal < 1:
        raise ValueError(f"submission {ordinal}: submissions are counted from 1")
    return total * 6 / (pi**2 * ordinal**2)


class Significance:
    """Pays per submission: the k-th is graded on its own slice Pk against alpha(k); the fourth failure is the last.

    Args:
        practice: the guardrails' practice slices.
        total: one-sided error over all submissions; 0.00135 is 3 sigma.
    """

    name: str = "significance"
    cost: int = PRACTICE_ITEMS

    def __init__(self, practice: ReservedPractice, total: Share = ALPHA) -> None:
        self._practice, self._total = practice, total

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve where p < alpha(k); p and alpha go into the journal, won or lost."""
        k = submission.ordinal
        if k > MOST_SUBMISSIONS:
            return Verdict(Objection(f"{MOST_SUBMISSIONS} submissions are used up: abstain", final=True))
        level = alpha(k, self._total)
        name = SUBMISSION_SLICES[k - 1]
        grade = self._practice.grade(submission.report, name)
        note = {"guardrail": self.name, "cost": self.cost, "slice": name, "p": grade.p, "alpha": level}
        journal.note("practice", f"{name}: p {grade.p:.2g} against {level:.2g}", **note)
        if grade.p < level:
            return APPROVED
        text = f"not distinguishable from a stranger's report: p {grade.p:.2g}, {level:.2g} needed"
        return Verdict(Objection(text, final=k == MOST_SUBMISSIONS))
