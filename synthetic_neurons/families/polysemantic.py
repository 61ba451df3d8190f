"""Polysemantic units: two to four unrelated concepts, each with its own strength."""

import numpy as np

from synthetic_neurons import lexicons
from synthetic_neurons.families.concepts import lexicon
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit, Recipe
from synthetic_neurons.predicate import Or, Predicate, Scaled

FACTORS = (1.0, 0.7, 0.5, 0.3)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Concepts drawn without replacement; the first at full strength, the others weaker; one claim each."""
    count = int(rng.integers(2, 5))
    concepts = [lexicon(str(name)) for name in rng.choice(lexicons.names(), size=count, replace=False)]
    # Factors are exact in the claims: level is ten times the factor, as the truth times ten is.
    factors = [1.0, *(float(each) for each in rng.choice(FACTORS[1:], size=count - 1, replace=False))]
    pairs = list(zip((concept.predicate for concept in concepts), factors, strict=True))
    parts: list[Predicate] = [each if factor == 1.0 else Scaled(each, factor) for each, factor in pairs]
    recipe = Recipe(
        tuple(word for concept in concepts for word in concept.words),
        opening=("{t}", "the {t}", "{a} {t}", "{t} and {t}", "some {t} and {n}"),
    )
    return PlantedUnit(
        identifier=f"polysemantic-{index:02d}-{'-'.join(concept.slug for concept in concepts)}",
        family="polysemantic",
        predicate=Or(tuple(parts)),
        claims=tuple(PlantedClaim.of(each, FULL_LEVEL * factor) for each, factor in pairs),
        held_out_words=frozenset[str]().union(*(concept.held_out for concept in concepts)),
        generator=recipe.to_json(),
    )
