"""Surveys: how often a home's units fire, and how far words alone say when. Neither looks at practice nor the exam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.suites.homes import Dwelling
from benchmark.suites.recipe import Recipe
from synthetic_neurons.passages import Floats, Ints, Passages

# Of so many units at most the values on all of a suite's text are read; a seeded draw where a home has more.
MOST_LATENTS = 4096
MOST_DENSE = 512
MOST_TRIVIAL = 20
SHRINK = 2.0


@dataclass(frozen=True, eq=False)
class Survey:
    """A home's units by how often they fire on calibration.

    Attributes:
        columns: numbers of the units that were looked at, ascending.
        offsets: float64 [columns], the value above which each fires.
        rates: float64 [columns], the share of calibration tokens on which each fires.
        width: how many units the home has.
    """

    columns: tuple[int, ...]
    offsets: Floats
    rates: Floats
    width: int

    def between(self, low: float, high: float) -> list[int]:
        """Units whose rate is at least `low` and below `high`."""
        return [self.columns[place] for place in np.flatnonzero((self.rates >= low) & (self.rates < high))]

    @property
    def dead(self) -> list[int]:
        """Units that never fire on calibration."""
        return [self.columns[place] for place in np.flatnonzero(self.rates == 0)]

    def always_on(self, least: float) -> list[int]:
        """Units that fire on at least this share of calibration's tokens."""
        return [self.columns[place] for place in np.flatnonzero(self.rates >= least)]

    def rate(self, column: int) -> float:
        """One unit's rate."""
        return float(self.rates[np.searchsorted(self.columns, column)])

    def offset(self, column: int) -> float:
        """The value above which one unit fires."""
        return float(self.offsets[np.searchsorted(self.columns, column)])

    def only(self, columns: Sequence[int]) -> "Survey":
        """The same of some units."""
        kept = sorted(columns)
        places = np.searchsorted(self.columns, kept)
        return Survey(tuple(kept), self.offsets[places], self.rates[places], self.width)

    def counts(self, recipe: Recipe) -> dict[str, Any]:
        """How many units there are of each kind, and by which thresholds."""
        strata = {name: len(self.between(*bounds)) for name, bounds in recipe.strata.items()}
        dead, always = len(self.dead), len(self.always_on(recipe.always_on))
        return {
            "units": self.width,
            "surveyed": len(self.columns),
            "strata": {name: {"rate": list(recipe.strata[name]), "units": n} for name, n in strata.items()},
            "dead": dead,
            "always_on": {"least_rate": recipe.always_on, "units": always},
            "outside_the_strata": len(self.columns) - sum(strata.values()) - dead - always,
        }


def survey(dwelling: Dwelling, recipe: Recipe, calibration: Sequence[str]) -> Survey:
    """Firing rates of a home's units on calibration.

    Of neurons and directions a seeded draw is looked at, since each has a value on every token.
    """
    width, rng = dwelling.width, np.random.default_rng(recipe.seed + 13)
    columns = list(range(width))
    if dwelling.home.dense and width > MOST_DENSE:
        columns = sorted(int(each) for each in rng.choice(width, MOST_DENSE, replace=False))
    offsets = dwelling.quantiles(calibration, columns)
    found = dwelling.read(calibration, columns, offsets)
    return Survey(tuple(columns), offsets, found.firing_rates(), width)


def candidates(found: Survey, recipe: Recipe) -> Survey:
    """The survey of the units that are read on all of a suite's text: all of a home that is small enough.

    Of a larger one it is a seeded draw from the strata.
    """
    if len(found.columns) <= MOST_LATENTS:
        return found
    rng = np.random.default_rng(recipe.seed + 14)
    share = MOST_LATENTS // len(recipe.strata)
    drawn: list[int] = []
    for bounds in recipe.strata.values():
        drawn += [int(each) for each in rng.permutation(found.between(*bounds))[:share]]
    # Dead and always-on units have a place in the trivial tier; a dead one may yet fire elsewhere, so several are read.
    for trivial in (found.dead, found.always_on(recipe.always_on)):
        drawn += [int(each) for each in rng.permutation(trivial)[:MOST_TRIVIAL]]
    return found.only(list(dict.fromkeys(drawn)))


class Lexicon:
    """How well a unit's mean over each word of one text predicts it on another: the words' part in when it fires.

    Args:
        learned: the text whose means are taken (teach).
        tried: the text that is predicted (calibration).
    """

    def __init__(self, learned: Passages, tried: Passages) -> None:
        index: dict[str, int] = {}
        self._learned, self._tried = (_types(passages, index) for passages in (learned, tried))
        self._count = np.bincount(self._learned, minlength=len(index)) + SHRINK

    def r(self, learned: Floats, tried: Floats) -> float:
        """Pearson r of the prediction with `tried`; 0 where either is constant.

        Args:
            learned: float64 [words of `learned`], the unit's values.
            tried: float64 [words of `tried`].
        """
        means = np.bincount(self._learned, learned, minlength=len(self._count)) / self._count
        predicted = means[self._tried]
        if not predicted.std() or not tried.std():
            return 0.0
        return float(np.corrcoef(predicted, tried)[0, 1])


def _types(passages: Passages, index: dict[str, int]) -> Ints:
    """int64 [words]: each word's number, lower case; new words are entered into `index`."""
    numbers = np.array([index.setdefault(word.lower(), len(index)) for word in passages.vocabulary], dtype=np.int64)
    return numbers[passages.type_of]


def stated(counts: Mapping[str, Any]) -> str:
    """The counts of a survey in a line."""
    strata = ", ".join(f"{name} {each['units']:,}" for name, each in counts["strata"].items())
    return (
        f"{counts['surveyed']:,} of {counts['units']:,} units surveyed: {strata}; dead {counts['dead']:,}, "
        f"always on {counts['always_on']['units']:,}, outside the strata {counts['outside_the_strata']:,}"
    )
