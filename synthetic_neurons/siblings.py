"""Siblings: a second unit at a set distance from the first: part of its words, and others as common for the rest."""

from dataclasses import replace
from functools import cache

import numpy as np

from synthetic_neurons import vocabulary
from synthetic_neurons.alike import ALIKE, correlation
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.concepts import pick
from synthetic_neurons.families.family import held_out_words, lexical_words
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import (
    And,
    Count,
    Infix,
    Not,
    Or,
    Predicate,
    Prefix,
    Previous,
    Scaled,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.reference import reference
from synthetic_neurons.tables import TENTHS, frequencies, neighbours

# Of a condition on letters, as many of the commonest words stand in its place.
LISTED = 40
# Replacements are among so many words next in frequency, on either side.
NEAR = 25
DRAWS = 20
_LISTABLE = (Word, Prefix, Suffix, Infix, Similar)


def sibling(unit: PlantedUnit, share: float, rng: np.random.Generator) -> PlantedUnit | None:
    """A unit with the same gates whose words are the unit's own for `share` of each list, and others for the rest.

    At least one word of each list is swapped. Letters are first written out as their commonest words. Conditions on
    the context stay as they are, unless the unit lists words only there.

    Returns:
        The sibling, or None for a unit that lists no words (null units, units of structure alone), and where no draw
        gives one that fires on the reference text and correlates with the unit less than `alike.ALIKE` there.
    """
    for inner in (False, True):
        for _ in range(DRAWS):
            other = _drawn(unit, share, rng, inner)
            if other is None:
                break
            if _is_another(unit, other):
                return other
    return None


def _is_another(unit: PlantedUnit, other: PlantedUnit) -> bool:
    """Whether the truth before chance fires and differs on the reference text."""
    own, values = (evaluate(each.predicate, reference()) for each in (unit, other))
    return bool(values.any()) and correlation(own, values) < ALIKE


def _drawn(unit: PlantedUnit, share: float, rng: np.random.Generator, inner: bool) -> PlantedUnit | None:
    swapped: dict[Predicate, Predicate] = {}

    def turn(predicate: Predicate) -> Predicate:
        return _turned(predicate, share, rng, swapped, inner)

    predicate = turn(unit.predicate)
    if not swapped:
        return None
    claims = tuple(PlantedClaim.of(turn(claim.predicate), claim.level) for claim in unit.claims)
    chance = unit.hashing and replace(unit.hashing, key=f"{unit.hashing.key}/sibling")
    name = f"{unit.identifier}-sibling"
    return replace(
        unit,
        identifier=name,
        predicate=predicate,
        claims=claims,
        held_out_words=held_out_words(predicate),
        hashing=chance,
    )


def _turned(
    predicate: Predicate, share: float, rng: np.random.Generator, swapped: dict[Predicate, Predicate], inner: bool
) -> Predicate:
    """The tree with its lists swapped, those of the context too if `inner`; what comes twice is swapped alike."""

    def turn(each: Predicate) -> Predicate:
        return _turned(each, share, rng, swapped, inner)

    if isinstance(predicate, _LISTABLE):
        if predicate not in swapped:
            swapped[predicate] = _swapped(predicate, share, rng)
        return swapped[predicate]
    if isinstance(predicate, And):
        predicate = _as_one(predicate)
    if isinstance(predicate, And | Or):
        return replace(predicate, of=tuple(map(turn, predicate.of)))
    if isinstance(predicate, Not | Scaled):
        return replace(predicate, of=turn(predicate.of))
    if isinstance(predicate, Unless):
        exception = turn(predicate.exception) if inner else predicate.exception
        return replace(predicate, of=turn(predicate.of), exception=exception)
    if inner and isinstance(predicate, Previous | Within | Count):
        return replace(predicate, of=turn(predicate.of))
    return predicate


def _as_one(both: And) -> And:
    """Several conditions on the word's letters as one list of the words that meet them all; the rest as it was.

    Swapped apart, their lists would hardly have a word in common.
    """
    letters = tuple(each for each in both.of if isinstance(each, Prefix | Suffix | Infix))
    words = tuple(dict.fromkeys(word.lower() for word in vocabulary.matching(And(letters)))) if len(letters) > 1 else ()
    if not words:
        return both
    common = sorted(words, key=lambda word: (-frequencies().get(word, 0), word))[:LISTED]
    return And((Word(tuple(common)), *(each for each in both.of if each not in letters)))


def _swapped(leaf: Predicate, share: float, rng: np.random.Generator) -> Predicate:
    if isinstance(leaf, Similar) and leaf.graded:
        return _swapped_by_level(leaf, share, rng)
    listed = lexical_words(leaf)
    words = listed if isinstance(leaf, Word) else sorted(listed, key=lambda word: (-frequencies().get(word, 0), word))
    own = tuple(words)[: None if isinstance(leaf, Word) else LISTED]
    return Word(_mixed(own, frozenset(listed), share, rng))


def _swapped_by_level(leaf: Similar, share: float, rng: np.random.Generator) -> Predicate:
    """Likeness in degrees, written out: the words of each level, some of them swapped."""
    words = lexical_words(leaf)
    mixed = _mixed(words, frozenset(words), share, rng)
    levels = (TENTHS, *neighbours().steps)
    return Or(tuple(Scaled(Word((word,)), level / TENTHS) for word, level in zip(mixed, levels, strict=False)))


def _mixed(own: tuple[str, ...], shut: frozenset[str], share: float, rng: np.random.Generator) -> tuple[str, ...]:
    """`own` in order, all but a share of it replaced by words about as common: at least one word is."""
    lost = set(rng.permutation(len(own))[: max(1, len(own) - round(share * len(own)))].tolist())
    mixed: dict[str, None] = {}
    for i, word in enumerate(own):
        mixed[_stranger(word, shut.union(mixed), rng) if i in lost else word] = None
    return tuple(mixed)


@cache
def _by_rate() -> tuple[str, ...]:
    """Shipped words in lower case, the commonest first."""
    words = dict.fromkeys(word.lower() for word in vocabulary.words())
    return tuple(sorted(words, key=lambda word: (-frequencies().get(word, 0), word)))


@cache
def _rank() -> dict[str, int]:
    return {word: i for i, word in enumerate(_by_rate())}


def _stranger(word: str, shut: frozenset[str], rng: np.random.Generator) -> str:
    """A word about as common, further off where all the nearest are taken."""
    at, reach = _rank().get(word, len(_by_rate()) - 1), NEAR
    while True:
        near = [each for each in _by_rate()[max(0, at - reach) : at + reach + 1] if each not in shut]
        if near:
            return pick(rng, near)
        reach *= 2
