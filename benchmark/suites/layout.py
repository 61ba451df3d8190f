"""Where the tokens of some windows lie, so that a unit's values are laid over thousands of windows at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import Rows
from synthetic_neurons.passages import Floats, Ints


@dataclass(frozen=True, eq=False)
class Layout:
    """The subject's tokens of some windows, end to end.

    Attributes:
        windows: int64 [windows], window numbers; one may stand twice.
        per_word: int64 [words], tokens in each word; 0 for one that shares its token with the next.
        first: int64 [windows + 1], where each window's tokens begin; the last entry is the number of tokens.
        read: bool [tokens], those that the homes of latents read.
    """

    windows: Ints
    per_word: Ints
    first: Ints
    read: NDArray[np.bool_]

    @classmethod
    def of(cls, windows: Ints, tokens: Sequence[Sequence[int]], unread: Mapping[int, Sequence[int]]) -> "Layout":
        """Lay windows end to end.

        Args:
            windows: their numbers.
            tokens: by window number, tokens in each of its words.
            unread: by window number, places of tokens that no latent is read on.
        """
        counts = [np.asarray(tokens[window], dtype=np.int64) for window in windows]
        per_word = np.concatenate(counts) if counts else np.zeros(0, np.int64)
        first = np.cumsum([0, *(int(each.sum()) for each in counts)], dtype=np.int64)
        read = np.ones(int(first[-1]), dtype=bool)
        for start, window in zip(first, windows, strict=False):
            read[[int(start) + token for token in unread.get(int(window), ())]] = False
        return cls(windows, per_word, first, read)

    @cached_property
    def word_of(self) -> Ints:
        """int64 [tokens]: the word each token belongs to."""
        return np.repeat(np.arange(len(self.per_word)), self.per_word)

    @cached_property
    def _order(self) -> Ints:
        return np.argsort(self.windows, kind="stable")

    @cached_property
    def tokens_a_word(self) -> Floats:
        """float64 [words]: all tokens of each word."""
        return self.per_word.astype(float)

    @cached_property
    def read_a_word(self) -> Floats:
        """float64 [words]: the tokens of each word that latents are read on."""
        return np.bincount(self.word_of[self.read], minlength=len(self.per_word)).astype(float)

    @cached_property
    def begun(self) -> Floats:
        """float64 [words]: 1 where a word has a token that begins in it, else 0."""
        return (self.per_word > 0).astype(float)

    def lay(self, window: Ints, token: Ints, value: Floats) -> Floats:
        """float64 [tokens]: the entries of a sparse table where they belong, 0 elsewhere.

        Args:
            window: int64 [entries], window numbers; entries of windows that are not here are left out.
            token: int64 [entries], places in the window.
            value: float64 [entries].
        """
        ordered = self.windows[self._order]
        low, high = (np.searchsorted(ordered, window, side=side) for side in ("left", "right"))
        laid = np.zeros(int(self.first[-1]))
        # A window that stands twice is filled twice; one that is not here has low == high.
        for again in range(int((high - low).max(initial=0))):
            some = np.flatnonzero(low + again < high)
            laid[self.first[self._order[low[some] + again]] + token[some]] = value[some]
        return laid

    def words(self, values: Floats) -> Floats:
        """float64 [words]: the greatest value among each word's tokens."""
        best = np.zeros(len(self.per_word))
        some = np.flatnonzero(values)
        np.maximum.at(best, self.word_of[some], values[some])
        return best

    def rows(self, values: Floats) -> Rows:
        """Truth of a latent on the tokens that it is read on; all latents share one array of counts."""
        some = np.flatnonzero((values != 0) & self.read)
        word, fired, size = self.word_of[some], values[some], len(self.per_word)
        total, square = (np.bincount(word, each, minlength=size).astype(float) for each in (fired, fired**2))
        return Rows.of(self.read_a_word, total, square)
