"""Control: another unit's report, so fluency and length are real and the content is not."""

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory


class Placebo:
    """Hands in a stranger's report.

    Args:
        report: a report written about another unit; whoever builds the placebo sees to it that the two units are
            unrelated (METHOD.md section 1, mask of the null bank).
    """

    name: str = "placebo"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, report: Report) -> None:
        self._report = report

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The stranger's report, unchanged; spends nothing."""
        journal.note("submission", self._report.text, report=self._report.to_json())
        return self._report
