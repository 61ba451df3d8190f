"""Items and pools: the texts a reader predicts, with truth and base-rate weights."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from synthetic_neurons.passages import Floats, Ints, Passages

Stratum = Literal["firing", "near_miss", "silent"]
STRATA: tuple[Stratum, ...] = ("firing", "near_miss", "silent")


@dataclass(frozen=True, eq=False)
class Rows:
    """Truth at the resolution where it sits, folded to words so that word-level predictions can be correlated exactly.

    A planted unit has one value a word. A found unit has one value a token; a word-level prediction is written to all
    tokens of its word, so per-word counts, sums and sums of squares are all that a correlation needs. Most units are
    silent on most words, and only the others are kept.

    Attributes:
        count: float64 [words], tokens in the word (planted: 1); units read on the same tokens share the array.
        active: int64 [active], words on which a value is not zero, ascending.
        active_total: float64 [active], sum of the unit's values over such a word's tokens.
        active_square: float64 [active], sum of the squared values.
    """

    count: Floats
    active: Ints
    active_total: Floats
    active_square: Floats

    @classmethod
    def of(cls, count: Floats, total: Floats, square: Floats) -> "Rows":
        """Truth from counts, sums and sums of squares, float64 [words] each."""
        active = np.flatnonzero(square)
        return cls(count, active, total[active], square[active])

    @classmethod
    def of_words(cls, values: Floats) -> "Rows":
        """Planted truth: one value a word."""
        return cls.of(np.broadcast_to(np.float64(1.0), values.shape), values, values**2)

    @classmethod
    def of_tokens(cls, values: Floats, word_of: Ints, words: int) -> "Rows":
        """Token values with the word each token belongs to."""
        count, total, square = (np.bincount(word_of, each, minlength=words) for each in (None, values, values**2))
        return cls.of(count.astype(float), total.astype(float), square.astype(float))

    @property
    def total(self) -> Floats:
        """float64 [words], sum of the unit's values over the word's tokens; laid out anew every time."""
        return self._laid(self.active_total)

    @property
    def square(self) -> Floats:
        """float64 [words], sum of the squared values; laid out anew every time."""
        return self._laid(self.active_square)

    def on(self, words: Ints) -> "Rows":
        """The truth on some words, in their order."""
        return Rows.of(self.count[words], self.total[words], self.square[words])

    def _laid(self, values: Floats) -> Floats:
        laid = np.zeros(len(self.count))
        laid[self.active] = values
        return laid


@dataclass(frozen=True, eq=False)
class Items:
    """A unit's items in strata: own items of the exam, or one practice slice.

    Attributes:
        passages: the windows.
        values: float64 [words], the unit's value on each word (a found unit: the greatest among the word's tokens).
        strata: one name a window.
        weight: float64 [windows], what restores the base rate among windows.
    """

    passages: Passages
    values: Floats
    strata: tuple[Stratum, ...]
    weight: Floats


@dataclass(frozen=True, eq=False)
class Pool:
    """One shared pool of windows, drawn with known inclusion probabilities (METHOD.md section 1).

    Attributes:
        passages: the windows.
        weight: float64 [windows], 1/pi.
        rows: unit identifier to its truth.
    """

    passages: Passages
    weight: Floats
    rows: dict[str, Rows]

    @cached_property
    def word_weight(self) -> Floats:
        """float64 [words]: each word carries its window's weight."""
        return self.weight[self.passages.text_of]

    def firing_rate(self, identifier: str) -> float:
        """The weighted share of words on which a unit fires."""
        return float(self.word_weight @ (self.rows[identifier].total > 0)) / float(self.word_weight.sum())
