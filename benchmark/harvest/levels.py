"""Levels of activation: fixed edges, evenly spaced in the logarithm, on both sides of zero.

Fixed before the first token is seen, so that shards count in the same bins whatever they hold.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Ints

STEPS_AN_OCTAVE = 2
LOWEST, HIGHEST = -10, 14


@dataclass(frozen=True)
class Levels:
    """Magnitudes between 2 ** lowest and 2 ** highest in steps of 2 ** (1 / steps); beyond them, one bin each.

    Bin b holds the values v with `edges[b - 1] <= v < edges[b]`; an edge lies at 0, and no activation is 0.
    """

    lowest: int = LOWEST
    highest: int = HIGHEST
    steps: int = STEPS_AN_OCTAVE

    @cached_property
    def edges(self) -> NDArray[np.float32]:
        """float32 [edges], ascending: negative, 0, positive."""
        powers = np.arange(self.lowest * self.steps, self.highest * self.steps + 1) / self.steps
        above = np.exp2(powers).astype(np.float32)
        return np.concatenate([-above[::-1], np.zeros(1, np.float32), above])

    @property
    def count(self) -> int:
        """How many bins."""
        return len(self.edges) + 1

    @property
    def positive(self) -> int:
        """The first bin of values above 0."""
        return len(self.edges) // 2 + 1

    def of(self, values: NDArray[np.float32]) -> Ints:
        """int64 [values]: the bin of each."""
        if len(values) and values.min() > 0:
            half: Any = np.searchsorted(self.edges[self.positive - 1 :], values, side="right")
            return np.asarray(half + (self.positive - 1), dtype=np.int64)
        return np.searchsorted(self.edges, values, side="right").astype(np.int64)
