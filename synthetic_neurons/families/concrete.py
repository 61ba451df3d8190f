"""Concrete units: any word of one everyday concept, whatever the context."""

import numpy as np

from synthetic_neurons import lexicons
from synthetic_neurons.families.concepts import (
    LEAST,
    Concept,
    draw,
    draw_similar,
    joined,
    lexicon,
    part_of,
    pick,
    similar,
)
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.tables import neighbours

NAME = "concrete"


def _listed(rng: np.random.Generator) -> Concept:
    """A lexicon: whole in half of the draws, some of its words in the others."""
    name = pick(rng, lexicons.names())
    return lexicon(name) if rng.random() < 0.5 else part_of(rng, name)


def _widened(rng: np.random.Generator) -> Concept:
    """Some words of a lexicon, and what is like another of them."""
    name = pick(rng, lexicons.names())
    known = [word for word in lexicons.load(name).words if word in neighbours().nearest]
    return joined(part_of(rng, name), similar(pick(rng, known), int(rng.integers(3, 9))))


KINDS = (_listed, draw_similar, _widened)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A list of words, a word and its like, or both joined."""
    concept = draw(rng, LEAST, among=(KINDS[index % len(KINDS)],))
    return single(NAME, index, concept.slug, concept.predicate)


FAMILY = Family(NAME, make, outside=False, description="words of one everyday concept, whatever the context")
