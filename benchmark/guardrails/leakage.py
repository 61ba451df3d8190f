"""Guardrail: against quoting exemplars. A list of the words that were shown fails where the unit fires on others.

Two things must hold before a report is called a quotation. It fails on trigger-free positives (`P-free`: the unit fires
there, on no word on which it was seen to fire), and it does better where known words come back than chance allows. A
report that is weak everywhere is not leakage: the other guardrails see to that.
"""

from math import comb

from benchmark.exam.trigger_free import FreeGrade
from benchmark.explainers.explainer import Journal
from benchmark.guardrails.guardrail import APPROVED, Objection, Submission, Verdict
from benchmark.guardrails.options import Count, Share
from benchmark.laboratory import PRACTICE_ITEMS, Laboratory, ReservedPractice

SLICE = "P-free"
# Twenty firing items each of P0 and P-ood, and the forty silent and near-miss items of P-ood.
MOST_ITEMS = PRACTICE_ITEMS // 3 * 4


def chance_of_so_few(grade: FreeGrade) -> float:
    """One-sided exact test of Fisher (1935): the chance of so few hits among trigger-free positives.

    It is computed as if both kinds of positives were met alike, their sum of hits given; 1 where a kind is missing.
    """
    free, ordinary, hits = grade.items.free, grade.items.ordinary, grade.free + grade.ordinary
    ways = sum(comb(free, k) * comb(ordinary, hits - k) for k in range(grade.free + 1) if hits >= k)
    return ways / comb(free + ordinary, hits)


class Leakage:
    """Objects where the report fails on trigger-free positives, and not merely as it fails on all.

    With few such positives there is nothing to be told apart, and the guardrail lets the report pass without a look.

    Args:
        practice: the guardrails' practice slices.
        least_accuracy: balanced accuracy on P-free from which a report is no quotation; chance is 0.5.
        least_positives: the fewest trigger-free positives that make an examination.
        least_share: the share of all positives that must be trigger-free for one. At 0.5 a list is let pass where most
            positives come back with a known word, so that it is an account of most of what the unit does.
        most_chance: how likely the difference from ordinary positives may be by chance and still count.
    """

    name: str = "leakage"
    cost: int = MOST_ITEMS

    def __init__(
        self,
        practice: ReservedPractice,
        least_accuracy: Share = 0.6,
        least_positives: Count = 5,
        least_share: Share = 0.0,
        most_chance: Share = 0.05,
    ) -> None:
        self._practice, self._least_accuracy = practice, least_accuracy
        self._least_positives, self._least_share, self._most_chance = least_positives, least_share, most_chance

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve where the report holds on new words, or where too few can show it."""
        items = self._practice.free_items()
        if items.free < max(self._least_positives, self._least_share * (items.free + items.ordinary)):
            text = f"{SLICE}: not applicable, {items.free} of {items.free + items.ordinary} positives are trigger-free"
            journal.note("practice", text, guardrail=self.name, cost=0, slice=SLICE, positives=items.free)
            return APPROVED
        grade = self._practice.grade_free(submission.report)
        chance = chance_of_so_few(grade)
        figures = (
            f"fires on {grade.free} of {items.free} positives without a word on which the unit was seen to fire, "
            f"on {grade.ordinary} of {items.ordinary} with one; balanced accuracy on the former {grade.accuracy:.2f}"
        )
        note = {"slice": SLICE, "accuracy": grade.accuracy, "chance": chance, "positives": items.free}
        note |= {"hits": grade.free, "ordinary": items.ordinary, "ordinary_hits": grade.ordinary}
        journal.note("practice", f"{SLICE}: {figures}", guardrail=self.name, cost=items.total, **note)
        if grade.accuracy >= self._least_accuracy or chance >= self._most_chance:
            return APPROVED
        return Verdict(Objection(f"quotes its exemplars: {figures}; say what the words have in common"))
