"""Positional units: words of one kind, only at some places of the text, anywhere but there, or more strongly there."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, Concept, draw, draw_affix, draw_lexicon, pick
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import And, Or, Position, Predicate, Scaled, Unless

NAME = "positional"
FIRST = tuple(Position(0, last) for last in (0, 1, 2, 3, 4, 5))
MIDDLE = tuple(Position(first, last) for first, last in ((2, 6), (3, 5), (4, 9), (5, 8), (6, 11), (8, 14)))
LATE = tuple(Position(first) for first in (6, 7, 8, 9, 10, 11, 12))
WEAK = (0.2, 0.3, 0.4, 0.5)
# Windows of natural text have about this many words.
WINDOW = 24
LEAST = 250


def _concept(rng: np.random.Generator, place: Position) -> Concept:
    """Common enough at that place."""
    last = WINDOW - 1 if place.last is None else place.last
    wanted = LEAST * WINDOW / (last - place.first + 1)
    return draw(rng, wanted, max(40_000, wanted), (*ALL, draw_affix, draw_lexicon))


def _slug(place: Position) -> str:
    return f"{place.first}-to-{'end' if place.last is None else place.last}"


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """At the beginning alone; in the middle or late; not at the beginning; everywhere, but most at one place."""
    kind = ("first", "rest", "not", "more")[index % 4]
    place = pick(rng, {"rest": (*MIDDLE, *LATE), "more": (*FIRST[1:], *MIDDLE, *LATE)}.get(kind, FIRST[1:]))
    concept = _concept(rng, place)
    predicate: Predicate = And((concept.predicate, place))
    if kind == "not":
        predicate = Unless(concept.predicate, place)
    elif kind == "more":
        predicate = Or((predicate, Scaled(concept.predicate, pick(rng, WEAK))))
    return single(NAME, index, f"{concept.slug}-{kind}-{_slug(place)}", predicate)


FAMILY = Family(NAME, make, outside=False, description="words of one kind, by their place in the text")
