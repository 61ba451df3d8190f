"""Control: another unit's report, so fluency and length are real and the content is not."""

from collections.abc import Callable

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

    @classmethod
    def of(cls, for_unit: Callable[[str], Report], identifier: str) -> "Placebo":
        """The placebo of one unit, its report looked up by `for_unit`."""
        return cls(for_unit(identifier))

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The stranger's report, unchanged; spends nothing."""
        journal.note("submission", self._report.text, report=self._report.to_json())
        return self._report
