"""Algorithmic units: repeated pairs, every n-th of a kind, counts of what came before, depth of brackets."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, Concept, draw, draw_affix, joined, marker, pick
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import (
    And,
    Count,
    Depth,
    Induction,
    Not,
    Or,
    Predicate,
    Repeats,
    Scaled,
    Shape,
    Unless,
    Within,
    Word,
)

NAME = "algorithmic"
MARKS = Concept("marks", Shape("punctuation"), 235_000)
CLASSES = ("articles", "determiners", "prepositions", "conjunctions", "subordinators", "auxiliaries", "pronouns")
COUNTED = (
    *((mark, Word((mark,)), 34_000) for mark in (",", ";", '"')),
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
    wide = joined(draw(rng, COMMON[n] / 2, 60_000, (draw_affix,)), draw(rng, COMMON[n] / 2, 60_000, (draw_affix,)))
    return wide if rng.random() < 0.6 else joined(pick(rng, whole), wide)


def _plain(rng: np.random.Generator) -> Concept:
    """Marks and one or two grammatical classes: what a unit of repetition had better not fire on."""
    return joined(MARKS, marker(pick(rng, CLASSES)), marker(pick(rng, CLASSES)))


def _induction(rng: np.random.Generator) -> _Made:
    """Second halves of repeated pairs, save plain words; or words of a kind just after such a pair."""
    plain = _plain(rng)
    seen = And((Induction(), Not(plain.predicate)))
    if rng.random() < 0.4:
        return f"induction-but-{plain.slug}", seen
    concept, k = draw(rng, 2_500, 60_000, ALL), pick(rng, (2, 3, 4, 6))
    either = Or((seen, Scaled(And((concept.predicate, Within(Induction(), k))), pick(rng, WEAK))))
    return f"induction-but-{plain.slug}-or-{concept.slug}-within-{k}", either


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
    """Words seen before, save plain ones, once n words or more have been."""
    n, plain = pick(rng, (1, 2, 3)), _plain(rng)
    again = And((Repeats(), Not(plain.predicate)))
    counted = again if rng.random() < 0.5 else Repeats()
    slug = "of-them" if counted == again else "repeats"
    return f"repeats-but-{plain.slug}-after-{n}-{slug}", And((*again.of, Count(counted, n)))


def _depth(rng: np.random.Generator) -> _Made:
    """Inside brackets, most strongly two deep; save plain words."""
    mark, plain = pick(rng, ("parentheses", None)), _plain(rng)
    kind = draw(rng, 8_000, 60_000, (draw_affix,))
    shallow = Scaled(Depth(1, mark), pick(rng, WEAK))
    deep = Or((Depth(2, mark), shallow))
    stop = joined(plain, kind)
    return f"depth-{mark or 'any'}-but-{stop.slug}", Unless(deep, stop.predicate)


KINDS = (_induction, _every, _after_count, _repetition, _depth)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Kinds take turns by index."""
    slug, predicate = KINDS[index % len(KINDS)](rng)
    return single(NAME, index, slug, predicate)


FAMILY = Family(NAME, make, outside=True, description="repetition, induction, counting, depth of brackets")
