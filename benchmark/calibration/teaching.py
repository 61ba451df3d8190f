"""What a calibration's explainers are shown: the suite's own teach windows, with any unit's values on them."""

import asyncio
from dataclasses import dataclass

import numpy as np

from benchmark.exam.items import STRATA
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Report
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.rule_search import search
from benchmark.explainers.top_tokens import TopTokens
from benchmark.explainers.word_data import Data, teach_exemplars
from benchmark.laboratory import Budget, Exemplar, Laboratory, PracticeGrade, computed
from benchmark.readers.encoder import Encoder
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import Population, TypeSimilarity, deal, likeness
from benchmark.suites.suite import Suite
from synthetic_neurons.passages import Floats, Passages

TEACH = Recipe("calibration", seed=0).teach
LEAST_FIRING = 10
_SECONDS = 600.0


class _NoPractice:
    """Single passes practise nothing."""

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Never called by a single pass."""
        raise RuntimeError("a single pass does not practise")


@dataclass(frozen=True)
class Search:
    """What a single pass of rule induction came to.

    Attributes:
        best: its best hypothesis, whether or not it handed it in.
        hypotheses: how many reports it ranked and chose the best of.
        submitted: how many candidates were handed in: 1, or 0 for an abstention.
        held_out_r: the cross-validated r that decides on abstaining; 1 for a report on a unit that looks constant.
    """

    best: Report
    hypotheses: int
    submitted: int
    held_out_r: float


class Teaching:
    """The natural teach windows that a suite ships, dealt to a unit as `viva freeze` deals them.

    Args:
        suite: whose windows.
        encoder: of word types, for near-misses.
    """

    def __init__(self, suite: Suite, encoder: Encoder) -> None:
        windows = np.unique(
            np.concatenate([suite.item_windows(unit, "teach")[0] for unit in suite.units if unit.pool == "natural"])
        )
        self.passages: Passages = suite.passages(windows)
        types = sorted({word.lower() for word in self.passages.vocabulary})
        self._similarity = TypeSimilarity(types, np.asarray(encoder.word_types(types), dtype=np.float32))

    def exemplars(self, values: Floats, seed: tuple[int, ...]) -> list[Exemplar]:
        """A unit's teach windows, strongest first; empty where it fires in fewer than ten of them.

        Args:
            values: float64 [words of `passages`], the unit's values.
            seed: of the draw.
        """
        return dealt(self.passages, values, self._similarity, seed)


def dealt(passages: Passages, values: Floats, similarity: TypeSimilarity, seed: tuple[int, ...]) -> list[Exemplar]:
    """A unit's exemplars among any windows, as `viva freeze` deals them; empty where it fires in fewer than ten.

    Args:
        passages: the windows.
        values: float64 [words], the unit's values.
        similarity: embeddings of the windows' word types.
        seed: of the draw.
    """
    peak = passages.per_text_max(values)
    if (peak > 0).sum() < LEAST_FIRING:
        return []
    drawn = Population(np.arange(len(peak)), peak, likeness(passages, values, similarity))
    rng, scale, made = np.random.default_rng(seed), float(values.max()), list[Exemplar]()
    for stratum in STRATA:
        places, weight = deal(drawn, TEACH[stratum], 1, rng)[0][stratum]
        for place in places:
            a, b = passages.first[place], passages.first[place + 1]
            levels = np.clip(10 * values[a:b] / scale, 0, 10)
            made.append(Exemplar(passages.texts[place], passages.words[a:b], levels, stratum, weight))
    return sorted(made, key=lambda exemplar: -exemplar.peak)


def _laboratory(exemplars: list[Exemplar]) -> Laboratory:
    return Laboratory(exemplars, computed(lambda texts: []), _NoPractice(), Budget(seconds=_SECONDS))


def searched(exemplars: list[Exemplar]) -> Search:
    """A single pass of `rule_induction`, its best hypothesis kept where it abstains."""
    journal = Journal()
    report = asyncio.run(RuleInduction("single_pass").explain(_laboratory(exemplars), journal))
    ranked = [entry for entry in journal.entries if entry.kind == "hypothesis"]
    seen = [float(entry.data["held_out_r"]) for entry in journal.entries if "held_out_r" in entry.data]
    best = Report.from_json(ranked[0].data["report"])
    return Search(best, len(ranked), int(not report.abstained), seen[0] if seen else 1.0)


def ranked(exemplars: list[Exemplar]) -> list[Report]:
    """The hypotheses of one search of rule induction, best first."""
    data = Data.of(teach_exemplars(_laboratory(exemplars)))
    return [hypothesis.report for hypothesis in search(data)]


def top_tokens(exemplars: list[Exemplar]) -> Report | None:
    """The report of `top_tokens`; None for an abstention."""
    report = asyncio.run(TopTokens().explain(_laboratory(exemplars), Journal()))
    return None if report.abstained else report
