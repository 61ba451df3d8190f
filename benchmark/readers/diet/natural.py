"""Natural windows for the diet: WordNet's teach and training shares, cut like a suite's windows; nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmark.readers.diet.division import is_held_out
from benchmark.subjects.corpus import wordnet_parts
from benchmark.subjects.text_sources import Document
from benchmark.units.split import overlapping
from synthetic_neurons.passages import Passages, word_spans

# Shares of WordNet that no suite examines, practises or calibrates on.
OPEN_PARTS = ("teach", "sae")
# Words of a window; 32 of the subject's tokens are about 24.
WORDS = (9, 28)
# Windows that hold a word are listed so many times at most.
MOST_LISTED = 60


def cut(text: str, rng: np.random.Generator) -> list[str]:
    """A document as windows of 9 to 28 words, end to end; a shorter rest is left out."""
    spans, windows, at = word_spans(text), [], 0
    while at + WORDS[0] <= len(spans):
        last = min(at + int(rng.integers(WORDS[0], WORDS[1] + 1)), len(spans))
        windows.append(text[spans[at][0] : spans[last - 1][1]])
        at = last
    return windows


@dataclass(frozen=True, eq=False)
class Corpus:
    """Windows, and where each word stands.

    Attributes:
        texts: the windows.
        staged: how many of them claims are tried on, from the first.
    """

    texts: tuple[str, ...]
    staged: int
    _holding: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[str], staged: int) -> "Corpus":
        """Index windows by word, case aside."""
        holding: dict[str, list[int]] = defaultdict(list)
        passages = Passages.of(texts)
        for word, text in zip(passages.words, passages.text_of.tolist(), strict=True):
            found = holding[word.lower()]
            if len(found) < MOST_LISTED and (not found or found[-1] != text):
                found.append(text)
        return cls(tuple(texts), min(staged, len(texts)), dict(holding))

    def holding(self, words: Iterable[str], count: int, rng: np.random.Generator) -> list[str]:
        """At most `count` windows that hold one of the words, the words taking turns."""
        lists = [found for word in words if (found := self._holding.get(word.lower()))]
        chosen: dict[str, None] = {}
        for at in rng.permutation(len(lists) * MOST_LISTED)[: 8 * count] if lists else ():
            found = lists[at % len(lists)]
            chosen[self.texts[found[int(at) // len(lists) % len(found)]]] = None
            if len(chosen) == count:
                break
        return list(chosen)

    def any(self, count: int, rng: np.random.Generator) -> list[str]:
        """`count` windows, or all if there are fewer."""
        return [self.texts[i] for i in rng.permutation(len(self.texts))[:count].tolist()]

    def knows(self, word: str) -> bool:
        """Whether some window holds the word."""
        return word.lower() in self._holding


def open_documents(root: Path) -> list[Document]:
    """WordNet's documents that the diet may use, of both sides."""
    parts = wordnet_parts(root)
    return [document for part in OPEN_PARTS for document in parts[part]]


def shut_texts(root: Path) -> list[str]:
    """WordNet's documents that suites examine, practise or calibrate on."""
    parts = wordnet_parts(root)
    return [document.text for part in parts if part not in OPEN_PARTS for document in parts[part]]


def corpora(
    documents: Sequence[Document], forbidden: frozenset[int], staged: int, seed: int, most: int | None = None
) -> tuple[Corpus, Corpus, int]:
    """Windows to train on and windows to judge on, of different documents; and how many were dropped.

    Args:
        documents: the open ones.
        forbidden: hashes of the eight-word runs that no window may have.
        staged: windows that claims are tried on.
        seed: of the cuts.
        most: windows of each side; None for all.
    """
    rng, dropped = np.random.default_rng([seed, 1]), 0
    sides: dict[bool, list[str]] = {False: [], True: []}
    for document in documents:
        windows = cut(document.text, rng)
        kept = [text for text, bad in zip(windows, overlapping(windows, forbidden), strict=True) if not bad]
        dropped += len(windows) - len(kept)
        sides[is_held_out(f"document/{document.identifier}")] += kept
    mixed = [[side[i] for i in rng.permutation(len(side))[:most].tolist()] for side in (sides[False], sides[True])]
    return Corpus.of(mixed[0], staged), Corpus.of(mixed[1], staged), dropped
