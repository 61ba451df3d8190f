"""Compositional units: two or three concepts about the word itself, joined by and, or, not."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, MEANINGS, Concept, draw, joined
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.forms import both, trimmed
from synthetic_neurons.planted import PlantedUnit

NAME = "compositional"


def _either(rng: np.random.Generator) -> Concept:
    """Two or three meanings."""
    count = 2 if rng.random() < 0.5 else 3
    return joined(*(draw(rng, 150, among=MEANINGS) for _ in range(count)))


def _either_but(rng: np.random.Generator) -> Concept:
    """Either of two, but not with certain letters."""
    return trimmed(rng, joined(draw(rng, 150, among=MEANINGS), draw(rng, 150, among=MEANINGS)))


def _one_but(rng: np.random.Generator) -> Concept:
    """One meaning, but not with certain letters, or another altogether."""
    return joined(trimmed(rng, draw(rng, among=MEANINGS)), draw(rng, 150, among=ALL))


def _both_or(rng: np.random.Generator) -> Concept:
    """A beginning and an ending together, or a meaning."""
    return joined(both(rng), draw(rng, among=MEANINGS))


KINDS = (_either, _either_but, _one_but, _both_or)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Kinds take turns by index."""
    concept = draw(rng, 300, 40_000, (KINDS[index % len(KINDS)],))
    return single(NAME, index, concept.slug, concept.predicate)


FAMILY = Family(NAME, make, outside=False, description="two or three concepts joined by and, or, not")
