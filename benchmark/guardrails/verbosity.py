"""Guardrail: against naming everything. A claim is charged by how often it fires, and must earn that in r."""

from collections.abc import Sequence

from benchmark.exam.claim_gains import ClaimGrade
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Report
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.guardrails.options import Amount
from benchmark.laboratory import OPEN_SLICE, PRACTICE_ITEMS, Laboratory, ReservedPractice

# As much of a claim as an objection quotes, and how many claims.
LONGEST_QUOTE = 80
MOST_QUOTED = 5


class Verbosity:
    """Objects where a claim's gain in r is below its charge, on P0.

    The gain is the report's r less its r without the claim; the charge is `price` times the share of words on which the
    claim alone is predicted to fire, at base rate. A claim that fires on nothing there costs nothing and is let pass; a
    second claim that says what another says gains nothing and is not. A unit that is constant on P0 correlates with
    nothing, and no claim of it is charged.

    Args:
        practice: the guardrails' practice slices.
        price: r that a claim must add for each unit of the share of words that it claims.
    """

    name: str = "verbosity"
    cost: int = PRACTICE_ITEMS

    def __init__(self, practice: ReservedPractice, price: Amount = 1.0) -> None:
        self._practice, self._price = practice, price

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve where every claim earns its charge; every claim's account goes into the journal."""
        grades = self._practice.grade_claims(submission.report)
        lacking = [at for at, grade in enumerate(grades) if grade.gain < self._price * grade.share]
        figures = f"{len(lacking)} of {len(grades)} claims earn less r than they are charged" if grades else "constant"
        account = [{"gain": grade.gain, "share": grade.share} for grade in grades]
        note = {"slice": OPEN_SLICE, "claims": account, "price": self._price}
        journal.note("practice", f"{OPEN_SLICE}: {figures}", guardrail=self.name, cost=self.cost, **note)
        if not lacking:
            return APPROVED
        lacking.sort(key=lambda at: grades[at].gain - self._price * grades[at].share)
        return Verdict(Objection(f"{figures}; drop or narrow {_quoted(submission.report, lacking, grades)}"))


def _quoted(report: Report, lacking: Sequence[int], grades: Sequence[ClaimGrade]) -> str:
    """The worst claims with their accounts; a report without claims is one."""
    texts = [claim.text for claim in report.claims] or [report.text]
    told = "; ".join(
        f'"{_short(texts[at])}" (adds r {grades[at].gain:.3f}, fires on {grades[at].share:.2%} of words)'
        for at in lacking[:MOST_QUOTED]
    )
    more = len(lacking) - MOST_QUOTED
    return f"{told}; and {more} more" if more > 0 else told


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_QUOTE else f"{flat[:LONGEST_QUOTE]}…"
