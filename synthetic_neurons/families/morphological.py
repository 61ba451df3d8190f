"""Morphological units: the letters at a word's beginning or end, alone or joined with each other."""

import numpy as np

from synthetic_neurons.families.concepts import Concept, affix, draw, draw_affix, joined, some
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.forms import both, trimmed
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.wordlists import affix_texts

NAME = "morphological"


def _alone(rng: np.random.Generator) -> Concept:
    """One affix, or any of three."""
    count = 1 if rng.random() < 0.5 else 3
    return joined(*map(affix, some(rng, affix_texts(), count)))


def _either(rng: np.random.Generator) -> Concept:
    return joined(*map(affix, some(rng, affix_texts(), 2)))


def _except(rng: np.random.Generator) -> Concept:
    """One or two affixes, but not with another at the other end."""
    return trimmed(rng, _either(rng) if rng.random() < 0.5 else draw_affix(rng))


def _both(rng: np.random.Generator) -> Concept:
    """A beginning and an ending together, or that and another affix."""
    pair = both(rng)
    return pair if rng.random() < 0.5 else joined(pair, draw_affix(rng))


KINDS = (_alone, _either, _except, _both)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """One affix or any of several; all but those with another; a beginning and an ending together."""
    concept = draw(rng, most=35_000, among=(KINDS[index % len(KINDS)],))
    return single(NAME, index, concept.slug, concept.predicate)


FAMILY = Family(NAME, make, outside=False, description="words with certain letters at their beginning or end")
