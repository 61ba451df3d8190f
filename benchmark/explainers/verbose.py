"""Control: the right answer, buried in a list of other things."""

from collections.abc import Sequence

import numpy as np

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory

SEED = 0


def buried(right: Report, strangers: Sequence[Report]) -> Report:
    """All claims of all reports as one report, in an order drawn with a fixed seed."""
    claims = [claim for report in (right, *strangers) for claim in report.claims]
    order = np.random.default_rng(SEED).permutation(len(claims))
    mixed = tuple(claims[place] for place in order)
    return Report("; ".join(claim.text for claim in mixed), mixed)


class Verbose:
    """Names everything, and the truth among it: it misses nothing, and what it says is worth little.

    Measures that reward what is found and forgive what is said in vain (recall, plain accuracy) are high for it, and r
    at base rate is low.

    Args:
        right: the truth's report, or the best there is.
        strangers: reports about other things.
    """

    name: str = "verbose"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, right: Report, strangers: Sequence[Report]) -> None:
        self._right, self._strangers = right, tuple(strangers)

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The right claims among the strangers'; spends nothing."""
        report = buried(self._right, self._strangers)
        right = [report.claims.index(claim) for claim in self._right.claims]
        journal.note("observation", f"the right claims are {len(right)} of {len(report.claims)}", places=right)
        journal.note("submission", report.text, report=report.to_json())
        return report
