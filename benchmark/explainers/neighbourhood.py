"""What lies next to a concept: the nearest words, lists of words and affixes; for a saboteur's swaps."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from benchmark.readers.encoder import Encoder, Vectors
from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.predicate import (
    Always,
    Graded,
    Infix,
    Never,
    Predicate,
    Prefix,
    Shape,
    Similar,
    Suffix,
    Word,
)
from synthetic_neurons.tables import neighbours

# Rarer words are mostly misspelt or foreign, and their embedding says little.
LEAST_COUNT = 3
# Among so many nearest, the one that is about as common is taken, so that a list stays about as broad.
NEAR = 8
# Cosines are rounded, so that no difference in the last bits decides an order.
DECIMALS = 4
_SHAPES = {"capitalised": "upper", "upper": "capitalised", "mixed": "capitalised", "lower": "capitalised"}
_SHAPES |= {"digit": "punctuation", "punctuation": "digit"}
_SCALES = {"magnitude": "intensity", "intensity": "magnitude"}
Affix = Prefix | Suffix | Infix


class Neighbourhood:
    """Words, lists and affixes in order of nearness.

    Args:
        counts: how often each lower-cased word comes in the text that neighbours are taken from.
        encoder: of words.
    """

    def __init__(self, counts: Mapping[str, int], encoder: Encoder) -> None:
        self._counts, self._encoder = counts, encoder
        self._words = sorted(word for word, count in counts.items() if count >= LEAST_COUNT)
        self._alone: dict[str, Vectors] = {}

    @cached_property
    def _vectors(self) -> Vectors:
        """float32 [words, width]."""
        return self._encoder.word_types(self._words)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self._words)}

    def _vector(self, word: str) -> Vectors:
        """float32 [width]: one word, which need not be among the words."""
        if word in self._place:
            known: Vectors = self._vectors[self._place[word]]
            return known
        if word not in self._alone:
            alone: Vectors = self._encoder.word_types([word])[0]
            self._alone[word] = alone
        return self._alone[word]

    def words(self, word: str) -> list[str]:
        """All words, the nearest to `word` first."""
        cosines = np.round(self._vectors @ self._vector(word), DECIMALS)
        return [self._words[i] for i in np.argsort(-cosines, kind="stable")]

    def word(self, word: str, shut: Collection[str], further: int = 0) -> str | None:
        """A near word that is about as common and not shut; `further` passes over that many times eight."""
        near = [each for each in self.words(word) if each not in shut][further * NEAR : (further + 1) * NEAR]
        common = np.log1p(self._counts.get(word, 0))
        return min(near, key=lambda each: abs(np.log1p(self._counts[each]) - common), default=None)

    @cached_property
    def _lists(self) -> tuple[tuple[Word, ...], ...]:
        """The lists that predicates name, lexicons and markers apart."""
        concepts = tuple(Word(each.words, each.description) for each in map(lexicons.load, lexicons.names()))
        return concepts, tuple(Word(each.words, each.description) for each in wordlists.markers().values())

    @cached_property
    def _centres(self) -> dict[str | None, Vectors]:
        """Each list's name to float32 [width]: the mean of its words' vectors, of length 1."""
        every = [each for kind in self._lists for each in kind]
        told = dict.fromkeys(word for each in every for word in each.words)
        vectors = dict(zip(told, self._encoder.word_types(list(told)), strict=True))
        means = {each.name: np.mean([vectors[word] for word in each.words], axis=0) for each in every}
        return {name: mean / max(float(np.linalg.norm(mean)), 1e-9) for name, mean in means.items()}

    def lists(self, concept: Word) -> list[Word]:
        """Named lists of the same kind without a word in common, the nearest first; none for a list of no such name."""
        for kind in self._lists:
            if concept.name in {each.name for each in kind}:
                apart = [each for each in kind if not set(each.words) & set(concept.words)]
                own = self._centres[concept.name]
                return sorted(apart, key=lambda each: -round(float(self._centres[each.name] @ own), DECIMALS))
        return []

    @cached_property
    def _affixes(self) -> dict[Affix, float]:
        """Every affix that units are made of, to the log of how often words have it."""
        made: list[Affix] = [Infix(text) for text in wordlists.infix_texts()]
        made += [
            Suffix(text[1:]) if text.startswith("-") else Prefix(text[:-1]) for text in (*wordlists.affix_texts(),)
        ]
        return {each: self._commonness(each) for each in made}

    def _commonness(self, affix: Affix) -> float:
        return float(np.log1p(sum(self._counts[word] for word in self._words if _has(word, affix))))

    def affixes(self, affix: Affix) -> list[Affix]:
        """Affixes of the same kind of which neither is part of the other; the one about as common first."""
        own = self._commonness(affix)
        others = [
            each
            for each in self._affixes
            if type(each) is type(affix) and each.text not in affix.text and affix.text not in each.text
        ]
        return sorted(others, key=lambda each: (abs(self._affixes[each] - own), each.text))

    def alike(self, concept: Similar, shut: Collection[str]) -> list[Similar]:
        """The same likeness to other words, the nearest first, without a word that is shut or the concept's own."""
        barred = {*shut, *_likes(concept)}
        known = [word for word in self.words(concept.to) if word in neighbours().nearest]
        made = (Similar(word, concept.nearest, concept.graded) for word in known)
        return [each for each in made if barred.isdisjoint(_likes(each))]


def _likes(concept: Similar) -> tuple[str, ...]:
    word = concept.to.lower()
    return (word, *neighbours().nearest.get(word, ())[: concept.nearest])


def _has(word: str, affix: Affix) -> bool:
    if len(word) <= len(affix.text):
        return False
    if isinstance(affix, Infix):
        return affix.text in word[1:-1]
    return word.startswith(affix.text) if isinstance(affix, Prefix) else word.endswith(affix.text)


class Swapping:
    """Swaps leaves of one report for their neighbours; no word or affix is given twice.

    Args:
        near: the neighbourhood.
        shut: words that may not be given, since the unit fires on them.
        further: how many of the nearest to pass over.
    """

    def __init__(self, near: Neighbourhood, shut: Iterable[str], further: int = 0) -> None:
        self._near, self._shut, self._further = near, set(shut), further
        self._given: set[Predicate] = set()

    def __call__(self, leaf: Predicate) -> Predicate | None:
        """The leaf's neighbour, of the same kind; None for one about the context, or without a neighbour."""
        for kind, swap in self._swaps.items():
            if isinstance(leaf, kind):
                found: Predicate | None = swap(leaf)
                return found
        return None

    @property
    def _swaps(self) -> dict[Any, Callable[[Any], Predicate | None]]:
        return {
            Word: self._word,
            Similar: lambda leaf: self._nth(self._near.alike(leaf, self._shut)),
            Affix: lambda leaf: self._nth(self._near.affixes(leaf)),
            Shape: lambda leaf: Shape(_SHAPES[leaf.shape]),
            Graded: lambda leaf: Graded(_SCALES[leaf.scale]),
            Always: lambda leaf: Never(),
            Never: lambda leaf: Always(),
        }

    def _nth(self, options: Iterable[Predicate]) -> Predicate | None:
        free = [each for each in options if each not in self._given][self._further :]
        self._given |= set(free[:1])
        return free[0] if free else None

    def _word(self, leaf: Word) -> Predicate | None:
        named = self._nth(self._near.lists(leaf))
        return named or self._each(leaf)

    def _each(self, leaf: Word) -> Predicate | None:
        """Every word for its own neighbour."""
        self._shut |= {word.lower() for word in leaf.words}
        swapped: list[str] = []
        for word in leaf.words:
            found = self._near.word(word.lower(), self._shut, self._further)
            if found is not None:
                swapped.append(found)
                self._shut.add(found)
        return Word(tuple(swapped)) if swapped else None
