"""Syntactic units: words by their place in the clause or sentence, and by what opens it."""

import numpy as np

from synthetic_neurons.families.concepts import (
    ALL,
    Concept,
    draw,
    draw_affix,
    draw_common_affixes,
    joined,
    marker,
    pick,
)
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.forms import trimmed
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import And, Or, Place, Predicate, Previous, Scaled, Within

NAME = "syntactic"
# Classes that open clauses and phrases in glosses often enough.
OPENERS = ("articles", "determiners", "prepositions", "conjunctions", "subordinators", "relatives", "auxiliaries")
CLASSES = (*OPENERS, "pronouns", "quantity", "comparatives", "purposes", "sequence", "hedges", "negations")
STARTS = (("clause", 0, 0), ("clause", 0, 1), ("clause", 0, 2), ("sentence", 0, 1), ("sentence", 0, 2))
INNER = (("clause", 1, 1), ("clause", 1, 2), ("clause", 2, 3), ("clause", 3, 6), ("clause", 4, 8), ("sentence", 3, 8))
# Classes above this rate open clauses often; after the others one has to look further.
FREQUENT = 30_000
NARROW = (*(("clause", n, n) for n in (1, 2, 3, 4, 5, 6)), *(("sentence", n, n) for n in (1, 2, 3, 4, 5)))
WEAK = (0.2, 0.3, 0.4, 0.5)
_Made = tuple[str, Predicate]


def _slug(place: Place) -> str:
    return f"{place.part}-{place.first}-to-{place.last}"


def _classes(rng: np.random.Generator) -> Concept:
    """One or two classes of words."""
    one, other = pick(rng, CLASSES), pick(rng, CLASSES)
    return marker(one) if one == other or rng.random() < 0.3 else joined(marker(one), marker(other))


def _opening(rng: np.random.Generator) -> _Made:
    """Words of a class or concept, where they open the clause or stand at a place in it."""
    place = Place(*pick(rng, STARTS + INNER))
    concept = _classes(rng) if rng.random() < 0.5 else draw(rng, 3_000, 60_000, (*ALL, draw_affix))
    return f"{concept.slug}-at-{_slug(place)}", And((concept.predicate, place))


def _after_opener(rng: np.random.Generator) -> _Made:
    """Words just after, or soon after, one of a class that opens its clause."""
    place, opener = Place(*pick(rng, STARTS[:3])), marker(pick(rng, OPENERS))
    begun = And((opener.predicate, place))
    k = pick(rng, (1, 2, 3, 4) if opener.rate > FREQUENT and place.last else (4, 5, 6))
    gate: Predicate = Previous(begun) if k == 1 else Within(begun, k)
    concept = draw(rng, 20_000, 90_000, (draw_common_affixes,))
    return f"{concept.slug}-{k}-after-{opener.slug}-at-{_slug(place)}", And((concept.predicate, gate))


def _mixed(rng: np.random.Generator) -> _Made:
    """At one place of the clause: words of a class or with some endings, but not with letters some of them have."""
    place = Place(*pick(rng, NARROW))
    wide = joined(pick(rng, (_classes, draw_common_affixes))(rng), draw_common_affixes(rng))
    kept = trimmed(rng, wide)
    return f"{kept.slug}-at-{_slug(place)}", And((kept.predicate, place))


def _stronger(rng: np.random.Generator) -> _Made:
    """Words of a concept wherever they are, most strongly at a place of the clause."""
    place, concept = Place(*pick(rng, STARTS + INNER)), draw(rng, 1_500, 60_000)
    most = And((concept.predicate, place))
    return f"{concept.slug}-most-at-{_slug(place)}", Or((most, Scaled(concept.predicate, pick(rng, WEAK))))


KINDS = (_opening, _after_opener, _mixed, _stronger)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Kinds take turns by index; every tree has a place in a clause or sentence."""
    slug, predicate = KINDS[index % len(KINDS)](rng)
    return single(NAME, index, slug, predicate)


FAMILY = Family(NAME, make, outside=True, description="words by their place in the clause or sentence")
