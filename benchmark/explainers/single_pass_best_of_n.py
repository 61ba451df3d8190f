"""Best of n single passes: the compute-matched rival of `agentic` (METHOD.md section 5), best of n as in Bills et al.

Each pass is `single_pass` on other exemplars: the strongest first, then seeded draws, so that greedy models differ too.
"""

from collections.abc import Sequence
from itertools import count

import numpy as np

from benchmark.explainers.contest import Allowance, Contest
from benchmark.explainers.explainer import Ask, Journal, NoReport
from benchmark.explainers.replies import asked, phrase
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.single_pass import MOST_EXEMPLARS, prompt_for
from benchmark.laboratory import BudgetExceeded, Exemplar, Laboratory

# Passes in a row that bring nothing new, after which a model has said what it can.
MOST_REPEATS = 6


class SinglePassBestOfN:
    """As many single passes as `agentic` has spent tokens and queries for on the same unit, the best by P0.

    Args:
        allowance: what `agentic` spent.
    """

    name: str = "single_pass_best_of_n"
    needs_model: bool = True
    declares_predicates: bool = False

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The best phrase by practice, or an abstention.

        Raises:
            ValueError: `ask` is missing.
            NoReport: the first pass cannot be read.
        """
        if ask is None:
            raise ValueError(f"explainer {self.name!r} needs a model and none was given: set model=…")
        firing = laboratory.exemplars("firing")
        journal.note("observation", f"{len(firing)} firing exemplars")
        if not firing:
            return Report.abstain("no exemplar fires")
        contest = Contest(laboratory, journal, self._allowance)
        await self._passes(laboratory, journal, ask, contest)
        report = contest.winner()
        journal.note("submission", report.text, report=report.to_json(), candidates=contest.entered)
        return report

    async def _passes(self, laboratory: Laboratory, journal: Journal, ask: Ask, contest: Contest) -> None:
        """Pass after pass, while another one like the dearest so far fits into the allowance."""
        firing, repeats, dearest = laboratory.exemplars("firing"), 0, 0
        for ordinal in count():
            before, entered = laboratory.spend.tokens, contest.entered
            if ordinal and (not contest.open or before + dearest > self._allowance.tokens or repeats >= MOST_REPEATS):
                return
            try:
                text = await asked(ask, prompt_for(shown(firing, ordinal)), phrase, journal)
                contest.enter(Report(text, (Claim(text),)))
            except NoReport as error:
                if not ordinal:
                    raise
                journal.note("observation", f"a pass without an answer: {error}", failed=error.kind)
            except BudgetExceeded as error:
                if not ordinal:
                    raise
                journal.note("observation", f"the budget has ended: {error}")
                return
            dearest = max(dearest, laboratory.spend.tokens - before)
            repeats = 0 if contest.entered > entered else repeats + 1


def shown(firing: Sequence[Exemplar], ordinal: int) -> list[Exemplar]:
    """The exemplars of one pass: the strongest, or a draw by the pass's number."""
    if not ordinal or len(firing) <= 1:
        return sorted(firing, key=lambda each: -each.peak)[:MOST_EXEMPLARS]
    drawn = np.random.default_rng(ordinal).permutation(len(firing))[:MOST_EXEMPLARS]
    return [firing[int(place)] for place in drawn]
