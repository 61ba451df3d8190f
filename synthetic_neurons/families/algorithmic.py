"""Algorithmic units: repeated pairs, every n-th of a kind, counts of what came before, depth of brackets."""

import numpy as np

from synthetic_neurons.families.concepts import (
    ALL,
    Concept,
    draw,
    draw_common_affixes,
    joined,
    marker,
    pick,
    some,
)
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import (
    And,
    Count,
    Depth,
    Induction,
    Or,
    Predicate,
    Repeats,
    Scaled,
    Within,
    Word,
)

NAME = "algorithmic"
CLASSES = ("articles", "determiners", "prepositions", "conjunctions", "subordinators", "auxiliaries", "pronouns")
COUNTED = (
    *((name, Word((mark,)), 34_000) for name, mark in (("comma", ","), ("semicolon", ";"), ("quote", '"'))),
    *((word, Word((word,)), 36_000) for word in ("the", "of", "a")),
    ("or", Word(("or",)), 22_000),
)
WEAK = (0.2, 0.3, 0.4, 0.5)
# How common what is counted has to be, in a million, for the n-th to come in a window of 24 words now and then.
COMMON = {1: 8_000, 2: 30_000, 3: 55_000}
_Made = tuple[str, Predicate]


def _counted(rng: np.random.Generator, n: int) -> Concept:
    """What may come more than `n` times in a window: marks, function words, common affixes, or two of them."""
    options = [Concept(slug, predicate, rate) for slug, predicate, rate in COUNTED]
    options += [marker(name) for name in CLASSES]
    whole = [each for each in options if each.rate >= COMMON[n]]
    if rng.random() < 0.3:
        return pick(rng, whole)
    wide = draw(rng, min(COMMON[n], 30_000), 120_000, (draw_common_affixes,))
    return wide if rng.random() < 0.6 else joined(pick(rng, whole), wide)


def _wide(rng: np.random.Generator) -> Concept:
    """Words of many kinds, for conditions that seldom hold: some common affixes, or some grammatical classes."""
    if rng.random() < 0.7:
        return draw(rng, 30_000, 150_000, (draw_common_affixes,))
    return joined(*(marker(name) for name in some(rng, CLASSES, 2)))


def _induction(rng: np.random.Generator) -> _Made:
    """Second halves of repeated pairs, of some kinds of word; or words of a concept just after such a pair."""
    if rng.random() < 0.5:
        wide = _wide(rng)
        return f"induction-of-{wide.slug}", And((Induction(), wide.predicate))
    concept, k = draw(rng, 4_000, 60_000, ALL), pick(rng, (2, 3, 4, 6))
    either = Or((And((concept.predicate, Within(Induction(), k))), Scaled(concept.predicate, pick(rng, WEAK))))
    return f"{concept.slug}-most-within-{k}-of-induction", either


def _every(rng: np.random.Generator) -> _Made:
    """Every n-th of a kind after the first."""
    n = pick(rng, (1, 2, 2, 3))
    concept = _counted(rng, n)
    return f"every-{n}-of-{concept.slug}", And((concept.predicate, Count(concept.predicate, n, every=True)))


def _after_count(rng: np.random.Generator) -> _Made:
    """Words of a concept, once something has come n times or more."""
    n = pick(rng, (2, 3))
    counted, concept = _counted(rng, n), draw(rng, 3_500, 60_000, ALL)
    return f"{concept.slug}-after-{n}-of-{counted.slug}", And((concept.predicate, Count(counted.predicate, n)))


def _repetition(rng: np.random.Generator) -> _Made:
    """Words of some kinds seen before, once n of these, or n words of any kind, have been seen again."""
    wide, own = _wide(rng), rng.random() < 0.5
    again, n = And((Repeats(), wide.predicate)), 1 if own else pick(rng, (1, 2, 3))
    slug = f"repeats-of-{wide.slug}-after-{n}-{'of-them' if own else 'repeats'}"
    return slug, And((*again.of, Count(again if own else Repeats(), n)))


def _depth(rng: np.random.Generator) -> _Made:
    """Words of some kinds inside brackets, most strongly two deep."""
    mark, wide = pick(rng, ("parentheses", None)), _wide(rng)
    shallow = Scaled(Depth(1, mark), pick(rng, WEAK))
    return f"depth-{mark or 'any'}-{wide.slug}", And((wide.predicate, Or((Depth(2, mark), shallow))))


KINDS = (_induction, _every, _after_count, _repetition, _depth)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Kinds take turns by index."""
    slug, predicate = KINDS[index % len(KINDS)](rng)
    return single(NAME, index, slug, predicate)


FAMILY = Family(NAME, make, outside=True, description="repetition, induction, counting, depth of brackets")
