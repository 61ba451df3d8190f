"""Ceiling: the truth's own report, where there is one."""

from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory


class Oracle:
    """Hands in the truth.

    Args:
        truth: a planted unit's report; None where truth is not known.
    """

    name: str = "oracle"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, truth: Report | None) -> None:
        self._truth = truth

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The truth's report; spends nothing.

        Raises:
            NoReport: "no_report" where the unit's truth is not known.
        """
        if self._truth is None:
            raise NoReport(
                "no_report", "the oracle knows planted units only: this unit has no truth; choose another arm"
            )
        journal.note("submission", self._truth.text, report=self._truth.to_json())
        return self._truth
