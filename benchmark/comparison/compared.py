"""Delphi's figures and ours side by side: correlations, mean steps, and the units that differ most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmark.comparison.cases import Case
from benchmark.comparison.gap import Chain, f1_chain, r_chain
from benchmark.statistics.association import correlated, pearson, spearman
from synthetic_neurons.passages import Floats

LARGEST = 5
ALL_SILENT = ("near_miss", "silent")
# Ways to run delphi. "default" and "random" have its default of five windows a prompt (`config.py:216`), "random" also
# the kind of silent windows that it takes by default (`config.py:60`); "seven" does not divide 60 windows.
PROCEDURES: tuple[dict[str, Any], ...] = (
    {"name": "default", "shown": 5, "silent_strata": ALL_SILENT},
    {"name": "one", "shown": 1, "silent_strata": ALL_SILENT},
    {"name": "random", "shown": 5, "silent_strata": ("silent",)},
    {"name": "seven", "shown": 7, "silent_strata": ALL_SILENT},
)
CHAINS = {"r": r_chain, "f1": f1_chain}


@dataclass(frozen=True)
class Pair:
    """Two scores of the same reports.

    Attributes:
        name: short.
        procedure: of delphi.
        theirs: delphi's figure.
        ours: ours.
        words: what is beside what.
    """

    name: str
    procedure: str
    theirs: str
    ours: str
    words: str


PAIRS = (
    Pair("accuracy", "default", "accuracy", "simulation_accuracy", "accuracy beside simulation accuracy"),
    Pair("accuracy_one", "one", "accuracy", "simulation_accuracy", "accuracy, one window a prompt, beside the same"),
    Pair(
        "accuracy_random", "random", "accuracy", "simulation_accuracy", "accuracy without near misses beside the same"
    ),
    Pair("accuracy_seven", "seven", "accuracy", "simulation_accuracy", "accuracy, seven a prompt, beside the same"),
    Pair("r", "default", "accuracy", "r", "accuracy beside r"),
    Pair("r_random", "random", "accuracy", "r", "accuracy without near misses beside r"),
    Pair("f1", "default", "f1_score", "f1", "F1 beside F1 at base rate"),
    Pair("f1_random", "random", "f1_score", "f1", "F1 without near misses beside F1 at base rate"),
)


@dataclass(frozen=True, eq=False)
class Beside:
    """One reader's cases with delphi's figures of each.

    Attributes:
        cases: one a unit.
        theirs: procedure to delphi's figures, one mapping a case.
        together: procedure to delphi's figures over the windows of all cases.
    """

    cases: tuple[Case, ...]
    theirs: Mapping[str, Sequence[Mapping[str, float]]]
    together: Mapping[str, Mapping[str, float]]

    def values(self, pair: Pair) -> tuple[Floats, Floats]:
        """float64 [units] each: theirs and ours."""
        theirs = np.array([figures[pair.theirs] for figures in self.theirs[pair.procedure]], dtype=float)
        return theirs, np.array([case.ours[pair.ours] for case in self.cases], dtype=float)

    @cached_property
    def chains(self) -> dict[str, list[Chain]]:
        """From delphi's default to "r" and to "f1", one a case."""
        pairs = list(zip(self.theirs["default"], self.cases, strict=True))
        return {to: [chain(figures, case.seen) for figures, case in pairs] for to, chain in CHAINS.items()}

    def largest(self, to: str) -> list[int]:
        """Places of the cases that differ most, greatest difference first; ties in the cases' order."""
        gaps = [abs(chain.gap) for chain in self.chains[to]]
        return sorted(range(len(gaps)), key=lambda place: -gaps[place])[:LARGEST]


def by_reader(cases: Sequence[Case], answered: Mapping[str, Any]) -> dict[str, Beside]:
    """Reader to its cases with what `delphi_scores` wrote about their sheets, which have the cases' order."""
    found = {}
    for reader in dict.fromkeys(case.reader for case in cases):
        places = [place for place, case in enumerate(cases) if case.reader == reader]
        theirs = {each["name"]: [each["sheets"][place] for place in places] for each in answered["procedures"]}
        together = {each["name"]: each["together"][reader] for each in answered["procedures"]}
        found[reader] = Beside(tuple(cases[place] for place in places), theirs, together)
    return found


def summary(beside: Beside, seed: int) -> dict[str, Any]:
    """All of one reader, as a plain JSON value."""
    return {
        "threshold": beside.cases[0].threshold,
        "pairs": {pair.name: _pair(beside, pair, seed) for pair in PAIRS},
        "together": {name: dict(figures) for name, figures in beside.together.items()},
        "steps": {to: _steps(beside.chains[to]) for to in CHAINS},
        "largest": {to: [_difference(beside, to, place) for place in beside.largest(to)] for to in CHAINS},
        "units": [_unit(beside, place) for place in range(len(beside.cases))],
    }


def _pair(beside: Beside, pair: Pair, seed: int) -> dict[str, Any]:
    theirs, ours = beside.values(pair)
    return {
        "what": pair.words,
        "pearson": correlated(pearson, theirs, ours, seed=seed).to_json(),
        "spearman": correlated(spearman, theirs, ours, seed=seed).to_json(),
        "mean_theirs": float(theirs.mean()),
        "mean_ours": float(ours.mean()),
        "largest_difference": float(np.abs(theirs - ours).max()),
    }


def _steps(chains: Sequence[Chain]) -> dict[str, Any]:
    """The mean of each step, the mean gap, and on how many units which step is the cause."""
    means = {name: float(np.mean([chain.steps[name] for chain in chains])) for name in chains[0].names}
    causes = Counter(chain.cause for chain in chains)
    return {"mean": means, "mean_gap": float(np.mean([chain.gap for chain in chains])), "causes": dict(causes)}


def _difference(beside: Beside, to: str, place: int) -> dict[str, Any]:
    case, chain = beside.cases[place], beside.chains[to][place]
    return {
        "unit": case.unit,
        "theirs": chain.values[0],
        "ours": chain.values[-1],
        "gap": chain.gap,
        "cause": chain.cause,
        "steps": chain.steps,
        **case.facts,
        "precision": case.ours["precision"],
        "report": case.text,
    }


def _unit(beside: Beside, place: int) -> dict[str, Any]:
    case = beside.cases[place]
    names = ("accuracy", "f1_score", "precision", "recall", "given", "unanswered", "failed_count")
    theirs = {name: {each: rows[place][each] for each in names} for name, rows in beside.theirs.items()}
    chains = {f"{to}_steps": beside.chains[to][place].steps for to in CHAINS}
    return {"unit": case.unit, "theirs": theirs, "ours": case.ours, "facts": case.facts, **chains}
