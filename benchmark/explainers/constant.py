"""Control: a report that is true of no unit in particular."""

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import Laboratory
from synthetic_neurons.predicate import parse


class Constant:
    """Says that the unit fires on every word: a constant prediction, so its r is 0 by rule (METHOD.md section 2)."""

    name: str = "constant"
    needs_model: bool = False
    declares_predicates: bool = True

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The same report whatever the unit; spends nothing."""
        text = "fires on every word"
        report = Report(text, (Claim(text, parse({"op": "always"}), MAX_LEVEL),), confidence=0.0)
        journal.note("submission", text, report=report.to_json())
        return report
