"""Hands in explanations that exist already: of an export, of a person, of any other tool."""

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory


class Recorded:
    """Hands in what a file says of the unit; it never looks at the laboratory.

    Args:
        report: the unit's, read by `benchmark.recordings`; None where the file has none of it.
    """

    name: str = "recorded"
    needs_model: bool = False
    declares_predicates: bool = False

    def __init__(self, report: Report | None) -> None:
        self._report = report

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The file's report, unchanged; spends nothing.

        Raises:
            NoReport: "no_report" where the file has no explanation of this unit, or a blank one.
        """
        if self._report is None:
            raise NoReport("no_report", "the file of explanations has none of this unit")
        journal.note("submission", self._report.text, report=self._report.to_json())
        return self._report
