"""What the diet must not hold: texts that a suite examines with, and units that a suite's readers are judged on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import benchmark.suites
from benchmark.ladder.scores import planted_units
from benchmark.readers.diet.division import DietError
from benchmark.suites.suite import Suite, available
from benchmark.units.split import overlapping, shingles
from synthetic_neurons.ladder.agreement import standardised
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Predicate

OPEN = "teach"
# A claim that agrees so far with a suite's unit on the stage is that unit's, for our purpose.
ALIKE = 0.8


def dev_suites() -> list[Suite]:
    """The suites that ship; only their texts and their planted units' truths are looked at, to stay clear of them."""
    folder = Path(benchmark.suites.__file__).parent
    return [Suite(folder / name, verify=False) for name in available()]


def shut_windows(suites: Iterable[Suite]) -> list[str]:
    """Every window of the suites that is not for teaching: exam, practice, shifted and out-of-distribution."""
    return [text for suite in suites for text, part in suite.parts() if part != OPEN]


def runs(texts: Iterable[str]) -> frozenset[int]:
    """Hashes of all runs of eight words of some texts."""
    return frozenset().union(*map(shingles, texts))


def assert_apart(texts: Sequence[str], forbidden: frozenset[int]) -> None:
    """No text shares a run of eight words with a forbidden one.

    Raises:
        DietError: one does.
    """
    for text, bad in zip(texts, overlapping(texts, forbidden), strict=True):
        if bad:
            raise DietError(f"a text of the diet shares eight words with one that is examined with: {text[:80]!r}")


@dataclass(frozen=True, eq=False)
class Shut:
    """Planted units that no training claim may be alike to, over the windows that claims are tried on.

    Attributes:
        units: of the dev suites.
        stage: the windows.
    """

    units: tuple[PlantedUnit, ...]
    stage: Passages

    @classmethod
    def of(cls, suites: Iterable[Suite], stage: Passages) -> "Shut":
        """The planted units of some suites, each truth once."""
        found = {unit.predicate: unit for suite in suites for unit in planted_units(suite)}
        return cls(tuple(found.values()), stage)

    @cached_property
    def _trees(self) -> frozenset[Predicate]:
        return frozenset(unit.predicate for unit in self.units)

    @cached_property
    def _columns(self) -> NDArray[np.float32]:
        """float32 [words, units], standardised, so that a column times another's is their r."""
        columns = np.zeros((len(self.stage.words), len(self.units)), dtype=np.float32)
        for i, unit in enumerate(self.units):
            columns[:, i] = standardised(unit.values(self.stage))
        return columns

    def greatest(self, values: Floats) -> float:
        """The greatest r of some values on the stage with a unit; 0 where they are constant."""
        spread = float(np.sqrt(len(values)) * values.std())
        if not self.units or spread < 1e-9:
            return 0.0
        some = np.flatnonzero(values)
        return float((values[some].astype(np.float32) @ self._columns[some]).max() / spread)

    def admits(self, predicate: Predicate, values: Floats) -> bool:
        """Whether a claim may be trained on."""
        return predicate not in self._trees and self.greatest(values) < ALIKE
