"""What a family is, and how its units are put together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_neurons import vocabulary, wordlists
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import And, Graded, Infix, Predicate, Prefix, Shape, Similar, Suffix, Word
from synthetic_neurons.tables import neighbours, scale

Maker = Callable[[np.random.Generator, int], PlantedUnit]
# The index makes an identifier unique; the slug is for the eye.
LONGEST_SLUG = 60
_LETTERS = (Prefix, Suffix, Infix)
_LEXICAL = (Word, *_LETTERS, Similar, Graded)


@dataclass(frozen=True)
class Family:
    """Units of one kind, without end.

    Attributes:
        name: the family's name.
        make: makes one unit from a seeded generator; which shape of tree it has goes by the unit's index in turn.
        outside: every unit lies outside what the explainer `rule_induction` can say; boards group by this.
        description: one line on what its units are.
    """

    name: str
    make: Maker
    outside: bool
    description: str


def single(
    family: str,
    index: int,
    slug: str,
    predicate: Predicate,
    cue: Predicate | None = None,
    hashing: Hashing | None = None,
) -> PlantedUnit:
    """A unit with one claim at full level."""
    return several(family, index, slug, predicate, (PlantedClaim.of(predicate),), cue, hashing)


def several(
    family: str,
    index: int,
    slug: str,
    predicate: Predicate,
    claims: tuple[PlantedClaim, ...],
    cue: Predicate | None = None,
    hashing: Hashing | None = None,
) -> PlantedUnit:
    """A unit with these claims; its held-out words are read off the tree."""
    identifier = f"{family}-{index:02d}-{slug[:LONGEST_SLUG].rstrip('-')}"
    return PlantedUnit(identifier, family, predicate, claims, held_out_words(predicate), cue, hashing=hashing)


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """The nodes that have none below, from left to right."""
    if not predicate.children:
        yield predicate
    for child in predicate.children:
        yield from leaves(child)


def held_out_words(predicate: Predicate) -> frozenset[str]:
    """Words that teach texts avoid: of every list of words in the tree about a third, in lower case.

    Closed classes (prepositions and the like) and the fixed words of templates are never held out, and no list loses
    all of its words to the others.
    """
    lists = list(_lists(predicate))
    held = frozenset[str]().union(*map(_own_held_out, lists))
    if any(isinstance(leaf, Shape) and leaf.shape == "capitalised" for leaf in leaves(predicate)):
        held |= frozenset(name.lower() for name in wordlists.proper_names().held_out)
    spared = [words for words in lists if held.issuperset(words)]
    return held.difference(*spared)


def _lists(predicate: Predicate) -> Iterator[tuple[str, ...]]:
    """The shipped words that each condition on single words holds on; conditions on letters joined by "and" are one."""
    joined = [each for each in predicate.children if isinstance(each, _LETTERS)] if isinstance(predicate, And) else []
    if len(joined) > 1:
        yield _matching(And(tuple(joined)))
    elif isinstance(predicate, _LEXICAL):
        yield lexical_words(predicate)
    for child in predicate.children:
        if len(joined) < 2 or child not in joined:
            yield from _lists(child)


def lexical_words(leaf: Predicate) -> tuple[str, ...]:
    """The shipped words, in lower case, on which a condition on single words holds."""
    return leaf.words if isinstance(leaf, Word) else _matching(leaf)


@cache
def _matching(leaf: Predicate) -> tuple[str, ...]:
    if isinstance(leaf, Similar):
        return (leaf.to, *neighbours().nearest[leaf.to][: leaf.nearest])
    if isinstance(leaf, Graded):
        return tuple(scale(leaf.scale).words)
    return tuple(dict.fromkeys(word.lower() for word in vocabulary.matching(leaf)))


@cache
def _kept() -> frozenset[str]:
    """Words that are never held out."""
    closed = {word for marker in wordlists.markers().values() if marker.closed for word in marker.words}
    return frozenset(closed.union(word.lower() for word in Passages.of(wordlists.templates("teach")).words))


@cache
def _own_held_out(words: tuple[str, ...]) -> frozenset[str]:
    if _kept().issuperset(words):
        return frozenset()
    return vocabulary.held_out(words) - _kept()
