"""Concrete units: any word of one everyday concept, whatever the context."""

import numpy as np

from synthetic_neurons.families.concepts import COMMON, lexicon
from synthetic_neurons.planted import PlantedUnit, Recipe, single


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """One concept drawn from the lexicons that are common in glosses."""
    concept = lexicon(str(rng.choice(COMMON)))
    recipe = Recipe(concept.words, opening=("{t}", "the {t}", "{a} {t}", "some {t} and {n}", "{n} , {t}"))
    return single(f"concrete-{index:02d}-{concept.slug}", "concrete", concept.predicate, recipe, concept.held_out)
