"""Polysemantic units: two to four unrelated concepts, each with its own strength."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, Concept, draw, some
from synthetic_neurons.families.family import Family, several
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Or, Predicate, Scaled

NAME = "polysemantic"
FACTORS = (0.8, 0.7, 0.5, 0.4, 0.3)


def strengths(name: str, index: int, slug: str, pairs: list[tuple[Predicate, float]]) -> PlantedUnit:
    """Predicates each at its factor, one claim each: its level is ten times the factor, as the truth times ten is."""
    parts = tuple(each if factor == 1.0 else Scaled(each, factor) for each, factor in pairs)
    claims = tuple(PlantedClaim.of(each, FULL_LEVEL * factor) for each, factor in pairs)
    return several(name, index, slug, Or(parts), claims)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """The first concept at full strength, the others weaker; how many there are goes by the index in turn."""
    concepts: dict[Predicate, Concept] = {}
    while len(concepts) < 2 + index % 3:
        drawn = draw(rng, among=ALL)
        concepts[drawn.predicate] = drawn
    factors = [1.0, *some(rng, FACTORS, len(concepts) - 1)]
    slug = "-".join(concept.slug for concept in concepts.values())
    return strengths(NAME, index, slug, list(zip(concepts, factors, strict=True)))


FAMILY = Family(NAME, make, outside=False, description="two to four unrelated concepts with different strengths")
