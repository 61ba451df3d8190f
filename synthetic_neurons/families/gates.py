"""Conditions on the left context, drawn with the share of words in glosses where they hold, about."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic_neurons.families.concepts import ATTEMPTS, Concept, Draw, draw, marker, pick
from synthetic_neurons.predicate import Inside, Predicate, Previous, Shape, Within, Word

MILLION = 1_000_000
# A concept that has to be more common than this is seldom found.
MOST_WANTED = 12_000
# Of the words of glosses; measured on WordNet's exam part.
_INSIDE = {"quotes": 0.16, "parentheses": 0.023}
_SHAPES = {"capitalised": 0.052, "digit": 0.0041}
_NEAR = (("the", 0.038), ("of", 0.038), ("a", 0.035), ("or", 0.022), ("to", 0.016), ("in", 0.0156), ("and", 0.014))
_CLASSES = ("articles", "determiners", "prepositions", "conjunctions", "subordinators", "auxiliaries", "pronouns")


@dataclass(frozen=True)
class Gate:
    """A condition on the left context.

    Attributes:
        slug: for identifiers.
        predicate: where it holds.
        share: the share of words in glosses where it holds, about.
    """

    slug: str
    predicate: Predicate
    share: float


def within(of: Concept, k: int) -> Gate:
    """A word of the concept among the previous `k`."""
    share = 1 - (1 - min(1.0, of.rate / MILLION)) ** k
    before = Previous(of.predicate) if k == 1 else Within(of.predicate, k)
    return Gate(f"{'after' if k == 1 else f'within-{k}-of'}-{of.slug}", before, share)


def after_word(rng: np.random.Generator) -> Gate:
    """Just after, or soon after, one function word."""
    word, share = pick(rng, _NEAR)
    return within(Concept(word, Word((word,)), int(share * MILLION)), pick(rng, (1, 2, 3, 4)))


def after_class(rng: np.random.Generator) -> Gate:
    """Just after, or soon after, a word of a grammatical class."""
    return within(marker(pick(rng, _CLASSES)), pick(rng, (1, 2, 3)))


def after_concept(rng: np.random.Generator) -> Gate:
    """Soon after a word of a concept."""
    return within(draw(rng, 1500), pick(rng, (3, 4, 5, 6, 8)))


def after_shape(rng: np.random.Generator) -> Gate:
    """Soon after a capitalised word or a number."""
    shape = pick(rng, tuple(_SHAPES))
    return within(Concept(shape, Shape(shape), int(_SHAPES[shape] * MILLION)), pick(rng, (2, 3, 4, 6)))


def inside(rng: np.random.Generator) -> Gate:
    """Inside quotation marks or parentheses."""
    mark = pick(rng, tuple(_INSIDE))
    return Gate(f"in-{mark}", Inside(mark), _INSIDE[mark])


DrawGate = Callable[[np.random.Generator], Gate]
ALL_GATES: tuple[DrawGate, ...] = (after_word, after_class, after_concept, after_concept, after_shape, inside)


def gated(
    rng: np.random.Generator, among: tuple[Draw, ...], gates: tuple[DrawGate, ...] = ALL_GATES, least: float = 250
) -> tuple[Concept, Gate]:
    """A concept and a gate that meet `least` times in a million words, if they know nothing of each other."""
    for _ in range(ATTEMPTS):
        gate = pick(rng, gates)(rng)
        wanted = least / gate.share
        if wanted > MOST_WANTED:
            continue
        concept = draw(rng, wanted, max(60_000.0, wanted), among)
        if concept.slug not in gate.slug:
            return concept, gate
    raise ValueError(f"no concept and gate meet {least:g} times in a million words; lower it")
