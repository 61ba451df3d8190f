"""Adversarial units: a decoy concept fills the top exemplars, while most of what fires is the truth, at middling level.

The decoy is seldom and at full strength; the truth is common and weaker. Who looks only at what fires most sees the
decoy alone.
"""

from collections.abc import Callable

import numpy as np

from synthetic_neurons.families.concepts import (
    MEANINGS,
    Concept,
    draw,
    draw_affix,
    draw_affixes,
    draw_part,
    draw_similar,
    joined,
    listed,
    pick,
    rate_of,
    some,
)
from synthetic_neurons.families.family import Family, leaves, lexical_words
from synthetic_neurons.families.forms import trimmed
from synthetic_neurons.families.polysemantic import strengths
from synthetic_neurons.planted import PlantedUnit

NAME = "adversarial"
DECOY = (80, 300)
TRUTH = (2_500, 20_000)
MIDDLE = (0.4, 0.45, 0.5, 0.55, 0.6)


def _listed(rng: np.random.Generator) -> Concept:
    return draw(rng, *TRUTH, among=(MEANINGS[0], MEANINGS[0], draw_part))


def _lettered(rng: np.random.Generator) -> Concept:
    return draw(rng, *TRUTH, among=(draw_affixes,))


def _either(rng: np.random.Generator) -> Concept:
    return joined(draw(rng, 1_500, among=MEANINGS), draw(rng, 1_500, among=MEANINGS))


def _trimmed(rng: np.random.Generator) -> Concept:
    return trimmed(rng, draw(rng, 3_500, TRUTH[1], (draw_affix,)))


KINDS: tuple[Callable[[np.random.Generator], Concept], ...] = (_listed, _lettered, _either, _trimmed)


def _decoy(rng: np.random.Generator) -> Concept:
    """A few words that are rare together: of one lexicon, or like one word."""
    kind = pick(rng, (draw_part, draw_similar))
    whole = draw(rng, DECOY[1], among=(kind,))
    (leaf, *_) = leaves(whole.predicate)
    words = lexical_words(leaf)
    for count in range(min(8, len(words)), 1, -1):
        chosen = tuple(some(rng, words, count))
        if DECOY[0] <= rate_of(chosen) <= DECOY[1]:
            return listed(f"decoy-{chosen[0]}", chosen)
    return _decoy(rng)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """The truth is a list, an affix, either of two meanings, or all but some words with an affix."""
    truth, decoy = KINDS[index % len(KINDS)](rng), _decoy(rng)
    pairs = [(decoy.predicate, 1.0), (truth.predicate, pick(rng, MIDDLE))]
    return strengths(NAME, index, f"{decoy.slug}-truth-{truth.slug}", pairs)


FAMILY = Family(NAME, make, outside=False, description="a rare decoy at full strength, the truth at middling level")
