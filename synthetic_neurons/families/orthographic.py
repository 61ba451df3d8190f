"""Orthographic units: letters within words; alone, joined, or with what begins or ends the word."""

import numpy as np

from synthetic_neurons.families.concepts import Concept, draw, draw_infix, infix, joined, some
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.forms import both, one_without
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.wordlists import infix_texts

NAME = "orthographic"


def _alone(rng: np.random.Generator) -> Concept:
    """One run of letters, or any of three."""
    count = 1 if rng.random() < 0.5 else 3
    return joined(*map(infix, some(rng, infix_texts(), count)))


def _either(rng: np.random.Generator) -> Concept:
    return joined(*map(infix, some(rng, infix_texts(), 2)))


def _with(rng: np.random.Generator) -> Concept:
    """Two runs in one word, or a run and a beginning or ending; in half of the draws, or a third."""
    pair = both(rng, inner=True)
    return pair if rng.random() < 0.5 else joined(pair, draw_infix(rng))


def _without(rng: np.random.Generator) -> Concept:
    """A run, but not with other letters; in half of the draws, or another run."""
    kept = one_without(rng)
    return kept if rng.random() < 0.5 else joined(kept, draw_infix(rng))


KINDS = (_alone, _either, _with, _without)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Letters within words: any of them, several at once, or some without others."""
    concept = draw(rng, most=30_000, among=(KINDS[index % len(KINDS)],))
    return single(NAME, index, concept.slug, concept.predicate)


FAMILY = Family(NAME, make, outside=True, description="words with certain letters inside them")
