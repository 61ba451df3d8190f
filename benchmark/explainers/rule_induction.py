"""Rule induction: hypothesis search in the predicate language, in three arms that share it. Needs no model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.loop import LEAST_HELD_OUT_R, Loop, is_trivial
from benchmark.explainers.report import Report
from benchmark.explainers.rule_search import cross_validated_r
from benchmark.explainers.shared_search import shared_search
from benchmark.explainers.word_data import Data, teach_exemplars
from benchmark.guardrails.guardrail import Guardrail
from benchmark.laboratory import Laboratory

Arm = Literal["single_pass", "agentic", "guardrailed"]
NAMES: dict[Arm, str] = {
    "single_pass": "rule_induction",
    "agentic": "rule_induction_agentic",
    "guardrailed": "rule_induction_guardrailed",
}


class RuleInduction:
    """Searches for the rule that the exemplars suggest.

    Args:
        arm: `single_pass` searches once; `agentic` experiments and refines; `guardrailed` submits to guardrails too.
        guardrails: for the guardrailed arm, which must be given them (an empty list is none of them).
        least_r: the two-fold cross-validated r on the exemplars below which the single pass abstains.
        stop_r: the r on P0 above which a looped arm is content.

    Raises:
        ValueError: guardrails were given to an arm that has none, or not given to the one that has.
    """

    name: str
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(
        self,
        arm: Arm = "single_pass",
        guardrails: Sequence[Guardrail] | None = None,
        least_r: float = LEAST_HELD_OUT_R,
        stop_r: float = 0.7,
    ) -> None:
        if arm != "guardrailed" and guardrails:
            raise ValueError(f"arm {arm!r} has no guardrails; choose arm 'guardrailed' or leave guardrails out")
        if arm == "guardrailed" and guardrails is None:
            raise ValueError("arm 'guardrailed' needs guardrails; give those of `select`, or choose arm 'agentic'")
        self.name, self._arm, self._least_r, self._stop_r = NAMES[arm], arm, least_r, stop_r
        self._guardrails = tuple(guardrails or ())

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """A report whose every claim has a predicate, or an abstention."""
        if self._arm == "single_pass":
            return self._once(laboratory, journal)
        report = await Loop(laboratory, journal, self._guardrails, self._stop_r).run()
        journal.note("submission", report.text, report=report.to_json(), last=True)
        return report

    def _once(self, laboratory: Laboratory, journal: Journal) -> Report:
        laboratory.check_time()
        data, searching = Data.of(teach_exemplars(laboratory)), shared_search(laboratory.charge_seconds)
        hypotheses = searching(data)
        for rank, each in enumerate(hypotheses):
            journal.note("hypothesis", each.report.text, rank=rank, score=each.score, report=each.report.to_json())
        best = hypotheses[0].report
        if is_trivial(hypotheses):
            return best
        held_out = cross_validated_r(data, searching)
        journal.note("observation", f"held-out r {held_out:.2f} on the exemplars", held_out_r=held_out)
        if held_out < self._least_r:
            return Report.abstain(f"no rule holds from one half of the exemplars to the other (r {held_out:.2f})")
        return replace(best, confidence=min(1.0, max(0.0, held_out)))
