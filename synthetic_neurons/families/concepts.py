"""Concepts that units are built from: predicates about single words, drawn by how common they are in glosses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import MAX_NEIGHBOURS, Infix, Or, Predicate, Prefix, Shape, Similar, Suffix, Word
from synthetic_neurons.tables import frequencies, neighbours
from synthetic_neurons.wordlists import affix_texts

ATTEMPTS = 160
MOST_JOINED = 4
FEWEST_NEIGHBOURS = 4
PART = (6, 12)
# In a million words of dictionary glosses.
LEAST, MOST = 250, 20_000

_T = TypeVar("_T")


@dataclass(frozen=True)
class Concept:
    """A predicate about single words.

    Attributes:
        slug: for identifiers.
        predicate: which words.
        rate: how many there are in a million words of dictionary glosses, about.
    """

    slug: str
    predicate: Predicate
    rate: int


Draw = Callable[[np.random.Generator], Concept]


def pick(rng: np.random.Generator, options: Sequence[_T]) -> _T:
    """One of `options`; faster than `rng.choice`, and keeps types."""
    return options[int(rng.random() * len(options))]


def some(rng: np.random.Generator, options: Sequence[_T], count: int) -> list[_T]:
    """`count` different ones of `options`, in their order."""
    return [options[i] for i in sorted(rng.permutation(len(options))[:count].tolist())]


def rate_of(words: Sequence[str]) -> int:
    """How many of these words there are in a million."""
    return sum(frequencies().get(word, 0) for word in words)


@cache
def known() -> tuple[Passages, Floats]:
    """The words whose frequency is known, a text each, and how many there are of each in a million."""
    return Passages.of(tuple(frequencies())), np.array(list(frequencies().values()), dtype=np.float64)


def _lettered(slug: str, predicate: Predicate) -> Concept:
    words, rates = known()
    return Concept(slug, predicate, round(float(evaluate(predicate, words) @ rates)))


@cache
def lexicon(name: str) -> Concept:
    """The concept of one lexicon."""
    found = lexicons.load(name)
    return Concept(name, Word(found.words, found.description), rate_of(found.words))


@cache
def marker(name: str) -> Concept:
    """The concept of one list of markers."""
    found = wordlists.markers()[name]
    return Concept(name, Word(found.words, found.description), rate_of(found.words))


@cache
def affix(written: str) -> Concept:
    """The concept of an affix, written "-ness" or "un-"."""
    text, last = written.strip("-"), written.startswith("-")
    predicate: Predicate = Suffix(text) if last else Prefix(text)
    return _lettered(f"{'suffix' if last else 'prefix'}-{text}", predicate)


@cache
def infix(text: str) -> Concept:
    """The concept of letters within a word."""
    return _lettered(f"infix-{text}", Infix(text))


@cache
def capitalised() -> Concept:
    """Capitalised words; the table of frequencies knows no capitals, so their rate in glosses is written here."""
    return Concept("capitalised", Shape("capitalised"), 52_000)


@cache
def similar(to: str, nearest: int, graded: bool = False) -> Concept:
    """A word and its nearest neighbours."""
    near = neighbours().nearest[to][:nearest]
    return Concept(f"like-{to}-{nearest}", Similar(to, nearest, graded), rate_of((to, *near)))


@cache
def known_words() -> tuple[str, ...]:
    """Words with neighbours that, with their nearest few, are common enough and not function words."""
    return tuple(word for word in neighbours().nearest if LEAST <= similar(word, FEWEST_NEIGHBOURS).rate <= MOST / 4)


def listed(slug: str, words: Sequence[str]) -> Concept:
    """The concept of a list without a name."""
    return Concept(slug, Word(tuple(words)), rate_of(words))


def part_of(rng: np.random.Generator, name: str) -> Concept:
    """Some words of a lexicon, one of the three commonest among them."""
    words = lexicons.load(name).words
    count = int(rng.integers(PART[0], PART[1] + 1))
    chosen = (pick(rng, words[:3]), *some(rng, words[3:], count - 1))
    return listed(f"some-{name}", chosen)


def draw_lexicon(rng: np.random.Generator) -> Concept:
    """A whole lexicon."""
    return lexicon(pick(rng, lexicons.names()))


def draw_part(rng: np.random.Generator) -> Concept:
    """Some words of a lexicon."""
    return part_of(rng, pick(rng, lexicons.names()))


def draw_similar(rng: np.random.Generator) -> Concept:
    """A word and its like."""
    return similar(pick(rng, known_words()), int(rng.integers(FEWEST_NEIGHBOURS, MAX_NEIGHBOURS + 1)))


def draw_affix(rng: np.random.Generator) -> Concept:
    """A beginning or an ending."""
    return affix(pick(rng, affix_texts()))


def draw_affixes(rng: np.random.Generator) -> Concept:
    """One affix, or either of two."""
    return joined(*map(affix, some(rng, affix_texts(), 1 + int(rng.random() < 0.5))))


@cache
def common_affixes() -> tuple[Concept, ...]:
    """The affixes of more than one word in 200."""
    return tuple(each for each in map(affix, affix_texts()) if each.rate >= 5_000)


def draw_common_affixes(rng: np.random.Generator) -> Concept:
    """Two or three common affixes: words of many kinds, for conditions that seldom hold."""
    return joined(*some(rng, common_affixes(), 2 + int(rng.random() < 0.5)))


def draw_infix(rng: np.random.Generator) -> Concept:
    """Letters within."""
    return infix(pick(rng, wordlists.infix_texts()))


MEANINGS: tuple[Draw, ...] = (draw_lexicon, draw_part, draw_similar)
ALL: tuple[Draw, ...] = (*MEANINGS, draw_affix)


def draw(rng: np.random.Generator, least: float = LEAST, most: float = MOST, among: Sequence[Draw] = ALL) -> Concept:
    """A concept of one of these kinds with a rate between the bounds; several joined where one is too rare."""
    for attempt in range(ATTEMPTS):
        parts = [pick(rng, among)(rng) for _ in range(1 + attempt // (ATTEMPTS // MOST_JOINED))]
        concept = joined(*parts) if len(parts) > 1 else parts[0]
        if least <= concept.rate <= most:
            return concept
    kinds = ", ".join(each.__name__ for each in among)
    raise ValueError(f"no concept of {least:g} to {most:g} in a million words came of {kinds}; widen the bounds")


def joined(*concepts: Concept) -> Concept:
    """Any of the concepts; the rate takes them to share no word."""
    different = {concept.predicate: concept for concept in concepts}
    predicate = Or(tuple(different)) if len(different) > 1 else concepts[0].predicate
    slug = "-or-".join(concept.slug for concept in different.values())
    return Concept(slug, predicate, sum(concept.rate for concept in different.values()))
