"""Control: says nothing, so that everything said is measured against silence."""

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory


class NoExplanation:
    """Abstains on every unit: r 0 on a real one, and right on every null one by construction (METHOD.md section 2)."""

    name: str = "none"
    needs_model: bool = False
    declares_predicates: bool = True

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """An abstention whatever the unit; spends nothing."""
        report = Report.abstain("this control explains nothing", confidence=0.0)
        journal.note("submission", report.text, report=report.to_json())
        return report
