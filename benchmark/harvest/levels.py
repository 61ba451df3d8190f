"""Levels of activation: fixed edges, evenly spaced in the logarithm, on both sides of zero.

Fixed before the first token is seen, so that shards count in the same bins whatever they hold.
"""

import sys
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Ints

STEPS_AN_OCTAVE = 2
LOWEST, HIGHEST = -10, 14
# Finer edges could lie two between numbers that share the upper half of their bits, a 128th of their octave.
FINEST = 64
# Which half of a float32 is its sign, exponent and first bits.
_UPPER = 1 if sys.byteorder == "little" else 0


@dataclass(frozen=True)
class Levels:
    """Magnitudes between 2 ** lowest and 2 ** highest in steps of 2 ** (1 / steps); beyond them, one bin each.

    Bin b holds the values v with `edges[b - 1] <= v < edges[b]`; an edge lies at 0, and no activation is 0.
    """

    lowest: int = LOWEST
    highest: int = HIGHEST
    steps: int = STEPS_AN_OCTAVE

    def __post_init__(self) -> None:
        """Refuse steps finer than what `_cells` can tell apart."""
        if not 1 <= self.steps <= FINEST:
            raise ValueError(f"{self.steps} levels an octave; mend: from 1 to {FINEST}")

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
        lowest, following = self._cells
        bins = lowest[np.ascontiguousarray(values, np.float32).view(np.uint16)[_UPPER::2]]
        return bins + (values >= following[bins])

    @cached_property
    def _cells(self) -> tuple[Ints, NDArray[np.float32]]:
        """Bins by the upper half of a number's bits, in less than half the time of a search.

        Numbers that share it lie within a 128th of one another, so that one edge at most is among them: int64 [65536],
        the bin of the least of them, and float32 [bins], the edge at which each bin ends, no number for the last.
        """
        upper = np.arange(2**16, dtype=np.uint32) << 16
        with np.errstate(invalid="ignore"):
            ends = np.stack([upper, upper | 0xFFFF]).view(np.float32)
            least = np.fmin(*ends)
        lowest: Ints = np.asarray(np.searchsorted(self.edges, least, side="right"), dtype=np.int64)
        return lowest, np.append(self.edges, np.float32(np.nan))
