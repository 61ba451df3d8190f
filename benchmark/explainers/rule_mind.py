"""The mind of rule induction: searches the predicate language; cuts experiments from the exemplars. No model."""

from collections.abc import Callable, Sequence

from benchmark.explainers.experiments import Prediction, Read, chosen, predictions, proposals
from benchmark.explainers.mind import Evidence, Idea
from benchmark.explainers.rule_search import cross_validated_r
from benchmark.explainers.shared_search import shared_search
from benchmark.explainers.word_data import Data, predicted
from synthetic_neurons.predicate import Always, Never


class RuleMind:
    """Hypotheses are what the search returns, experiments what tells its first two apart.

    Args:
        charge: is told the seconds of searches that another arm has made (`benchmark.explainers.shared_search`).
        read: predicts levels from a report.
    """

    def __init__(self, charge: Callable[[float], None], read: Read = predicted) -> None:
        self.read, self._search = read, shared_search(charge)

    async def ideas(self, evidence: Evidence) -> list[Idea]:
        """What the search finds in teach windows and measured texts."""
        data = Data.of(evidence.exemplars, list(evidence.measured.values()))
        return [Idea(each.report, each.score) for each in self._search(data)]

    async def experiments(self, ideas: Sequence[Idea], evidence: Evidence, limit: int) -> list[Prediction]:
        """Counterfactuals of the strongest windows, most of them such that the first two hypotheses differ."""
        if len(ideas) < 2:
            return []
        trials = proposals([*evidence.exemplars, *evidence.measured.values()], frozenset(evidence.measured))
        top, runner_up = (each.report for each in ideas[:2])
        return chosen(predictions(trials, top, runner_up, self.read), limit) if trials else []

    def trivial(self, ideas: Sequence[Idea]) -> bool:
        """Whether the one hypothesis is that the unit never fires, or always."""
        return len(ideas) == 1 and isinstance(ideas[0].report.claims[0].predicate, Always | Never)

    def held_out_r(self, evidence: Evidence) -> float:
        """Two-fold r on the teach windows."""
        return cross_validated_r(Data.of(evidence.exemplars), self._search)
