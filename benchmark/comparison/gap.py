"""From another project's score to ours, one thing changed at a time, so that each step's share is computed.

Both scores are made of the same decisions of one reader. What lies between them is what is counted and with which
weight, so a gap is taken apart exactly: the steps add up to it (`Chain.steps`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import Items, Rows
from benchmark.statistics.weighted import rows_r, weighted_r
from synthetic_neurons.passages import Floats, Passages

Bools = NDArray[np.bool_]

UNANSWERED = "unanswered windows"
NEAR_MISSES = "near misses"
BASE_RATE = "base rate"
OTHER_WINDOWS = "other windows"
WORDS = "words for windows"
LEVELS = "levels for decisions"
NONE = "no difference"
ROUNDING = 1e-9
MEANING = {
    UNANSWERED: "windows that delphi asked about and has no answer for, which it leaves out",
    NEAR_MISSES: "half of the silent windows are near misses there; here they weigh what they are in text",
    BASE_RATE: "a third of the windows fires there; here as many as fire in text (for r: Pearson's r of the decisions "
    "in place of recall + specificity - 1)",
    OTHER_WINDOWS: "the unit's 60 windows there; here all windows of the shared pool",
    WORDS: "a window is right if the unit fires anywhere in it; here each word must be right",
    LEVELS: "fires or not there; here the levels predicted and the values measured",
}


@dataclass(frozen=True, eq=False)
class Decisions:
    """What a reader said of some windows or words, with what is true and what each weighs.

    Attributes:
        fires, said: bool [rows].
        weight: float64 [rows], not negative.
    """

    fires: Bools
    said: Bools
    weight: Floats

    @property
    def informedness(self) -> float:
        """Recall + specificity - 1 (Youden's J): balanced accuracy, put so that chance is 0; 0 without both classes."""
        firing, silent = self.weight[self.fires].sum(), self.weight[~self.fires].sum()
        if not (firing > 0 and silent > 0):
            return 0.0
        said = self.weight * self.said
        return float(said[self.fires].sum() / firing - said[~self.fires].sum() / silent)

    @property
    def r(self) -> float:
        """Weighted Pearson r of the decisions with the truth (Matthews' correlation); 0 if either is constant."""
        return weighted_r(self.fires.astype(float), self.said.astype(float), self.weight)

    @property
    def f1(self) -> float:
        """F1 with weights; 0 if nothing fires or nothing is said to."""
        both = 2 * float(self.weight[self.fires & self.said].sum())
        either = float(self.weight[self.fires].sum() + self.weight[self.said].sum())
        return both / either if either > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Views:
    """The same reader's decisions, seen ever more as the exam sees them.

    Attributes:
        equal: the unit's own windows, each weighing the same.
        even: the same, the silent strata weighing as in text, all silent windows together as before.
        own: the same at base rate.
        windows: the pool's windows at base rate.
        words: the pool's words at base rate.
        r: of levels with values on the pool, what orders the board.
    """

    equal: Decisions
    even: Decisions
    own: Decisions
    windows: Decisions
    words: Decisions
    r: float


@dataclass(frozen=True)
class Chain:
    """Scores from theirs to ours, and what each step is.

    Attributes:
        values: theirs first, ours last.
        names: of the steps between; one fewer.
    """

    values: tuple[float, ...]
    names: tuple[str, ...]

    @property
    def gap(self) -> float:
        """Theirs less ours."""
        return self.values[0] - self.values[-1]

    @property
    def steps(self) -> dict[str, float]:
        """What each step takes off; they add up to the gap."""
        falls = zip(self.names, self.values[:-1], self.values[1:], strict=True)
        return {name: before - after for name, before, after in falls}

    @property
    def cause(self) -> str:
        """The step that does most for the gap, in the gap's direction; `NONE` where there is no gap."""
        if abs(self.gap) < ROUNDING:
            return NONE
        side = 1.0 if self.gap >= 0 else -1.0
        return max(self.steps, key=lambda name: side * self.steps[name])


def window_decisions(passages: Passages, truth: Floats, levels: Floats, threshold: float, weight: Floats) -> Decisions:
    """A window fires if a word of it does, and is said to if its greatest level reaches the threshold.

    Args:
        passages: the windows.
        truth: float64 [words]; above 0 is firing.
        levels: float64 [words].
        threshold: of the reader.
        weight: float64 [windows].
    """
    return Decisions(passages.per_text_max(truth) > 0, passages.per_text_max(levels) >= threshold, weight)


def evened(items: Items) -> Floats:
    """float64 [windows]: silent windows in the proportions of text, as heavy together as they are many; the rest 1."""
    silent = np.array([stratum != "firing" for stratum in items.strata], dtype=bool)
    weight = np.ones(len(items.strata))
    total = float(items.weight[silent].sum())
    if total > 0:
        weight[silent] = items.weight[silent] * (silent.sum() / total)
    return weight


def views(
    items: Items,
    own_levels: Floats,
    threshold: float,
    pool: Passages,
    pool_weight: Floats,
    rows: Rows,
    pool_levels: Floats,
) -> Views:
    """All views of one report by one reader.

    Args:
        items: the unit's own.
        own_levels: float64 [words of the items].
        threshold: the reader's, as stored levels meet it.
        pool: the pool's windows.
        pool_weight: float64 [windows of the pool], 1/pi.
        rows: the unit's truth on the pool.
        pool_levels: float64 [words of the pool].
    """
    plain = np.ones(len(items.strata))
    equal = window_decisions(items.passages, items.values, own_levels, threshold, plain)
    word_weight = pool_weight[pool.text_of]
    counted = np.where(rows.count > 0, word_weight, 0.0)
    return Views(
        equal=equal,
        even=Decisions(equal.fires, equal.said, evened(items)),
        own=Decisions(equal.fires, equal.said, items.weight),
        windows=window_decisions(pool, rows.total, pool_levels, threshold, pool_weight),
        words=Decisions(rows.total > 0, pool_levels >= threshold, counted),
        r=rows_r(rows, pool_levels, word_weight),
    )


def r_chain(theirs: Mapping[str, float], seen: Views) -> Chain:
    """From delphi's accuracy to r. The accuracy is put as 2a - 1, so that both are 0 by chance and 1 when all is right.

    Args:
        theirs: delphi's figures; "accuracy" is balanced.
        seen: the views of the same report and reader.
    """
    values = (
        2 * theirs["accuracy"] - 1,
        seen.equal.informedness,
        seen.even.informedness,
        seen.own.r,
        seen.windows.r,
        seen.words.r,
        seen.r,
    )
    return Chain(values, (UNANSWERED, NEAR_MISSES, BASE_RATE, OTHER_WINDOWS, WORDS, LEVELS))


def f1_chain(theirs: Mapping[str, float], seen: Views) -> Chain:
    """From delphi's F1 to the F1 of words at base rate.

    Args:
        theirs: delphi's figures, of which "f1_score".
        seen: the views of the same report and reader.
    """
    decided = (seen.equal, seen.even, seen.own, seen.windows, seen.words)
    values = (theirs["f1_score"], *(each.f1 for each in decided))
    return Chain(values, (UNANSWERED, NEAR_MISSES, BASE_RATE, OTHER_WINDOWS, WORDS))
