"""Rare units: a few words that come fewer than once in 2,000, alone or under a condition that most of them meet.

What bounds the rate is the words' own frequency, so a condition can only lower it.
"""

import numpy as np

from synthetic_neurons.families.concepts import (
    ATTEMPTS,
    Concept,
    Draw,
    draw,
    draw_part,
    draw_similar,
    joined,
    listed,
    pick,
    rate_of,
    similar,
    some,
)
from synthetic_neurons.families.family import Family, leaves, lexical_words, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import And, Inside, Not, Position, Predicate, Previous, Unless, Word
from synthetic_neurons.tables import neighbours

NAME = "rare"
# In a million: the family's promise is fewer than 500, on other text than the frequencies are from.
RATE = (130, 250)
_EXCEPTIONS: tuple[tuple[str, Predicate], ...] = (
    ("the", Previous(Word(("the",)))),
    ("a", Previous(Word(("a", "an")))),
    ("of", Previous(Word(("of",)))),
    ("parentheses", Inside("parentheses")),
    ("quotes", Inside("quotes")),
    ("beginning", Position(0, 2)),
)


def few(rng: np.random.Generator, kind: Draw) -> Concept:
    """Two to six words that are rare together, out of a concept of this kind."""
    for _ in range(ATTEMPTS):
        (leaf, *_) = leaves(draw(rng, among=(kind,)).predicate)
        chosen = tuple(some(rng, lexical_words(leaf), int(rng.integers(2, 7))))
        if RATE[0] <= rate_of(chosen) <= RATE[1]:
            return listed(f"few-{chosen[0]}", chosen)
    raise ValueError("no few words are rare enough; widen RATE")


def _like(rng: np.random.Generator) -> Concept:
    """A rare word and the nearest to it; in half of the draws, or another word."""
    known = tuple(neighbours().nearest)
    for _ in range(ATTEMPTS):
        concept = similar(pick(rng, known), int(rng.integers(1, 5)))
        if rng.random() < 0.5:
            other = pick(rng, known)
            concept = joined(concept, listed(other, (other,)))
        if RATE[0] <= concept.rate <= RATE[1]:
            return concept
    raise ValueError("no word and its like are rare enough; widen RATE")


def _listed(rng: np.random.Generator) -> Concept:
    return few(rng, pick(rng, (draw_part, draw_similar)))


def _excepted(rng: np.random.Generator) -> Concept:
    """Few words, save where they stand in some common context."""
    concept, (slug, stop) = _listed(rng), pick(rng, _EXCEPTIONS)
    predicate = Unless(concept.predicate, stop) if rng.random() < 0.5 else And((concept.predicate, Not(stop)))
    return Concept(f"{concept.slug}-not-{slug}", predicate, concept.rate)


KINDS = (_listed, _like, _excepted)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Few words; a rare word and its like; few words under a condition."""
    concept = KINDS[index % len(KINDS)](rng)
    return single(NAME, index, concept.slug, concept.predicate)


FAMILY = Family(NAME, make, outside=False, description="fires on fewer than one word in 2,000")
