"""Best of n searches: the compute-matched rival of `rule_induction_agentic` (METHOD.md section 5). Needs no model."""

from collections.abc import Iterator
from itertools import chain

import numpy as np

from benchmark.explainers.contest import Allowance, Contest
from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.loop import DOUBTED_PRACTICE_R, LEAST_HELD_OUT_R, LEAST_PRACTICE_R, is_trivial
from benchmark.explainers.report import Report
from benchmark.explainers.rule_search import cross_validated_r, search
from benchmark.explainers.shared_search import shared_search
from benchmark.explainers.word_data import Data, teach_exemplars
from benchmark.laboratory import Laboratory

# Searches of resampled exemplars, at most: beyond these they bring nothing new.
MOST_RESAMPLES = 32


class RuleInductionBestOfN:
    """As many candidates of the single pass as the loop has spent queries for on the same unit, the best by P0.

    Candidates are all hypotheses of the search on the exemplars, then those of searches on resampled exemplars.

    Args:
        allowance: what `rule_induction_agentic` spent.
    """

    name: str = "rule_induction_best_of_n"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The best rule by practice, or an abstention."""
        data = Data.of(teach_exemplars(laboratory))
        searching = shared_search(laboratory.charge_seconds)
        hypotheses = searching(data)
        if is_trivial(hypotheses):
            return hypotheses[0].report
        doubted = cross_validated_r(data, searching) < LEAST_HELD_OUT_R
        least_r = DOUBTED_PRACTICE_R if doubted else LEAST_PRACTICE_R
        contest = Contest(laboratory, journal, self._allowance, least_r)
        # One after another: what is resampled depends on what the others left to spend.
        for report in chain((each.report for each in hypotheses), self._resampled(laboratory, contest)):
            laboratory.check_time()
            contest.enter(report)
        report = contest.winner()
        journal.note("submission", report.text, report=report.to_json(), candidates=contest.entered)
        return report

    def _resampled(self, laboratory: Laboratory, contest: Contest) -> Iterator[Report]:
        exemplars = teach_exemplars(laboratory)
        for seed in range(MOST_RESAMPLES):
            if not contest.open:
                return
            drawn = np.random.default_rng(seed).integers(len(exemplars), size=len(exemplars))
            found = search(Data.of([exemplars[place] for place in sorted(map(int, drawn))]))
            yield from (each.report for each in found)
