"""Positional units: words of one kind, only at some places of the text or just after some word."""

from dataclasses import dataclass

import numpy as np

from synthetic_neurons.families.concepts import named
from synthetic_neurons.planted import PlantedUnit, Recipe, single
from synthetic_neurons.predicate import And, Position, Predicate, Previous, Word


@dataclass(frozen=True)
class _Place:
    gate: Predicate
    opening: tuple[str, ...]
    shut: tuple[str, ...]
    concepts: tuple[str, ...]


_ANYWHERE = ("{t}", "{a} {t}")
# Concepts are those that keep at least 0.1% of gloss words behind the gate.
_PLACES = {
    "first-three": _Place(
        Position(0, 2),
        _ANYWHERE,
        _ANYWHERE,
        ("-ing", "-al", "-ly", "-tion", "-ic", "-ity", "-ous", "re-", "un-", "capitalised", "directions", "government"),
    ),
    "first-five": _Place(
        Position(0, 4),
        _ANYWHERE,
        _ANYWHERE,
        ("-ing", "-al", "-tion", "-ity", "re-", "un-", "plants", "numbers", "science", "speech", "colours", "trees"),
    ),
    "late": _Place(
        Position(12),
        _ANYWHERE,
        _ANYWHERE,
        ("-ing", "-al", "-ly", "-tion", "-ic", "un-", "capitalised", "body", "colours", "time", "plants", "directions"),
    ),
    "after-the": _Place(
        Previous(Word(("the",))),
        ("the {t}",),
        ("some {t}", "{a} {t}"),
        ("-ing", "-al", "-tion", "-ic", "capitalised", "body", "directions"),
    ),
    "after-a": _Place(
        Previous(Word(("a", "an"))), ("a {t}", "an {t}"), ("the {t}", "{a} {t}"), ("-ing", "-al", "-ic", "-tion", "re-")
    ),
    "after-comma": _Place(Previous(Word((",", ";"))), (", {t}", "; {t}"), ("the {t}", "{a} {t}"), ("-ly",)),
}


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A kind of place, and a concept that is common enough there."""
    where = str(rng.choice(sorted(_PLACES)))
    place = _PLACES[where]
    concept = named(str(rng.choice(place.concepts)))
    recipe = Recipe(concept.words, concept.lookalikes, place.opening, place.shut)
    predicate = And((concept.predicate, place.gate))
    return single(f"positional-{index:02d}-{concept.slug}-{where}", "positional", predicate, recipe, concept.held_out)
