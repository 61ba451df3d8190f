"""Items and pools: the texts a reader predicts, with truth and base-rate weights."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from synthetic_neurons.passages import Floats, Ints, Passages

Stratum = Literal["firing", "near_miss", "silent"]
STRATA: tuple[Stratum, ...] = ("firing", "near_miss", "silent")


@dataclass(frozen=True, eq=False)
class Rows:
    """Truth at the resolution where it sits, folded to words so that word-level predictions can be correlated exactly.

    A planted unit has one value a word. A found unit has one value a token; a word-level prediction is written to all
    tokens of its word, so per-word counts, sums and sums of squares are all that a correlation needs.

    Attributes:
        count: float64 [words], tokens in the word (planted: 1).
        total: float64 [words], sum of the unit's values over the word's tokens.
        square: float64 [words], sum of the squared values.
    """

    count: Floats
    total: Floats
    square: Floats

    @classmethod
    def of_words(cls, values: Floats) -> "Rows":
        """Planted truth: one value a word."""
        return cls(np.ones_like(values), values, values**2)

    @classmethod
    def of_tokens(cls, values: Floats, word_of: Ints, words: int) -> "Rows":
        """Token values with the word each token belongs to."""
        return cls(
            np.bincount(word_of, minlength=words).astype(float),
            np.bincount(word_of, values, minlength=words).astype(float),
            np.bincount(word_of, values**2, minlength=words).astype(float),
        )


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

    @property
    def word_weight(self) -> Floats:
        """float64 [words]: each word carries its window's weight."""
        return self.weight[self.passages.text_of]

    def firing_rate(self, identifier: str) -> float:
        """The weighted share of words on which a unit fires."""
        return float(self.word_weight @ (self.rows[identifier].total > 0)) / float(self.word_weight.sum())
