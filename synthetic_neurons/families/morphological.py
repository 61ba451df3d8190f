"""Morphological units: the letters at a word's beginning or end, alone or joined with each other."""

import numpy as np

from synthetic_neurons import wordlists
from synthetic_neurons.families.concepts import Concept, affix
from synthetic_neurons.planted import PlantedUnit, Recipe, single
from synthetic_neurons.predicate import Or, Predicate

# Too rare in glosses alone; they come joined with another affix.
RARE = frozenset({"-ism", "-ful"})
ALONE = tuple(sorted(set(wordlists.affixes()) - RARE))


def _recipe(concepts: list[Concept]) -> Recipe:
    words = tuple(word for concept in concepts for word in concept.words)
    lookalikes = tuple(word for concept in concepts for word in concept.lookalikes)
    return Recipe(words, lookalikes, opening=("{t}", "the {t}", "{t} {n}", "{n} , {t}"))


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """One affix, or in a third of the draws either of two."""
    written = [str(rng.choice(ALONE))]
    if rng.random() < 1 / 3:
        written.append(str(rng.choice(sorted(set(wordlists.affixes()) - set(written)))))
    concepts = [affix(each) for each in written]
    predicate: Predicate = concepts[0].predicate
    if len(concepts) > 1:
        predicate = Or(tuple(concept.predicate for concept in concepts))
    held_out = frozenset[str]().union(*(concept.held_out for concept in concepts))
    slug = "-or-".join(concept.slug for concept in concepts)
    return single(f"morphological-{index:02d}-{slug}", "morphological", predicate, _recipe(concepts), held_out)
