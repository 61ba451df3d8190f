"""Texts as flat arrays of words: the one view that planted truth, readers and students share.

A word is a run of ASCII letters and digits (with inner apostrophes or hyphens), or any other single character that
is not white space. No tokenizer is involved, so planted truth is the same for every subject.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[A-Za-z0-9]+(?:['-][A-Za-z0-9]+)*|[^\sA-Za-z0-9]")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Character spans of the words of `text`, in order."""
    return [match.span() for match in _WORD.finditer(text)]


@dataclass(frozen=True, eq=False)
class Passages:
    """A sequence of texts, their words laid end to end.

    Attributes:
        texts: the texts.
        words: every word of every text, in order.
        text_of: int64 [words], the text a word stands in (ascending).
        place: int64 [words], a word's place within its text, from 0.
        start, end: int64 [words], a word's character span within its text.
    """

    texts: tuple[str, ...]
    words: tuple[str, ...]
    text_of: Ints
    place: Ints
    start: Ints
    end: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Passages":
        """Split `texts` into words."""
        spans = [word_spans(text) for text in texts]
        counts = [len(each) for each in spans]
        flat = np.array([span for each in spans for span in each], dtype=np.int64).reshape(-1, 2)
        return cls(
            texts=tuple(texts),
            words=tuple(text[a:b] for text, each in zip(texts, spans, strict=True) for a, b in each),
            text_of=np.repeat(np.arange(len(texts), dtype=np.int64), counts),
            place=np.concatenate([np.arange(count, dtype=np.int64) for count in counts] or [np.zeros(0, np.int64)]),
            start=flat[:, 0],
            end=flat[:, 1],
        )

    def __len__(self) -> int:
        """How many texts."""
        return len(self.texts)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The distinct words, sorted."""
        return tuple(sorted(set(self.words)))

    @cached_property
    def type_of(self) -> Ints:
        """int64 [words]: each word's index in `vocabulary`."""
        index = {word: i for i, word in enumerate(self.vocabulary)}
        return np.fromiter((index[word] for word in self.words), dtype=np.int64, count=len(self.words))

    @cached_property
    def hashed(self) -> tuple[bytes, ...]:
        """Every word as a hash takes it; words hold no white space, so a blank after each tells "a b" from "ab"."""
        return tuple(word.encode("utf-8", "surrogatepass") + b" " for word in self.words)

    @cached_property
    def first(self) -> Ints:
        """int64 [texts + 1]: where each text's words begin; the last entry is the number of words."""
        return np.searchsorted(self.text_of, np.arange(len(self.texts) + 1))

    def per_text_max(self, values: Floats) -> Floats:
        """The greatest value among each text's words; 0 for a text without words."""
        best = np.zeros(len(self.texts))
        np.maximum.at(best, self.text_of, values)
        return best
