"""What the finetuned reader is taught and what it is judged on: families, concepts and phrasings, fixed here.

Everything follows from names and hashes, so that training and judging are told apart without a record of either.
"""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache

from benchmark.errors import UserError
from synthetic_neurons import lexicons
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.predicate import Infix, Predicate, Prefix, Similar, Suffix, Word
from synthetic_neurons.wordlists import markers

# Families whose ladders are training claims. Every operator of the predicate language is in one of them.
TRAINED = (
    "concrete",
    "morphological",
    "orthographic",
    "syntactic",
    "positional",
    "contextual",
    "graded",
    "algorithmic",
)
# Families that it never sees: the ones on which its validity may be stated.
JUDGED = ("compositional", "abstract", "polysemantic", "rare", "confounded", "adversarial", "semi_null")
# Nothing explains a null unit: it has no claims to learn.
WITHOUT_CLAIMS = ("null",)
# The register of `synthetic_neurons.prose.paraphrase` that no training claim is written in (the third, "passive").
HELD_OUT_RUNG = "paraphrase_3"
# One concept in three is held out.
PARTS = 3
# Files of WordNet's lexicographers (wndb(5WN)), by number: those of nouns; held out are whole topics.
NOUN_FILES = tuple(range(3, 29))
_SALT = "viva/finetuned"


class DietError(UserError):
    """The diet cannot be made or does not keep its promises; the message names the mend."""


def _draw(name: str) -> int:
    digest = hashlib.blake2b(f"{_SALT}/{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest)


def is_held_out(name: str) -> bool:
    """Whether a thing of this name is left out of training: one in three, by a hash."""
    return _draw(name) % PARTS == 0


def _third(names: Iterable[str]) -> frozenset[str]:
    """A third of a short list, exactly, by the same hash."""
    ordered = sorted(names, key=_draw)
    return frozenset(ordered[: round(len(ordered) / PARTS)])


@cache
def held_out_lists() -> dict[str, frozenset[str]]:
    """The lexicons and lists of markers that are held out, with their words in lower case.

    Closed classes (articles and the like) are on both sides: there are no others that could be learned in their place.
    """
    kinds = (
        {f"lexicon/{name}": lexicons.load(name).words for name in lexicons.names()},
        {f"markers/{name}": marker.words for name, marker in markers().items() if not marker.closed},
    )
    return {name: frozenset(map(str.lower, found[name])) for found in kinds for name in sorted(_third(found))}


@cache
def held_out_words() -> frozenset[str]:
    """All words of held-out lists."""
    return frozenset[str]().union(*held_out_lists().values())


def held_out_noun_files() -> frozenset[int]:
    """WordNet's noun files that no training claim is about."""
    return frozenset(int(name) for name in _third(map(str, NOUN_FILES)))


def nodes(predicate: Predicate) -> Iterator[Predicate]:
    """A predicate's nodes, itself first."""
    yield predicate
    for child in predicate.children:
        yield from nodes(child)


def of_held_out_concept(predicate: Predicate) -> bool:
    """Whether a claim is about a held-out concept: some word of a held-out list, or a held-out affix, stands in it."""
    return any(_is_held_out_leaf(node) for node in nodes(predicate))


def _is_held_out_leaf(node: Predicate) -> bool:
    if isinstance(node, Word):
        return not held_out_words().isdisjoint(word.lower() for word in node.words)
    if isinstance(node, Similar):
        return node.to.lower() in held_out_words()
    if isinstance(node, Prefix | Suffix | Infix):
        return is_held_out(f"{node.op}/{node.text.lower()}")
    return False


def assert_families_divided() -> None:
    """Every family with claims is trained on or judged on, and none is both.

    Raises:
        DietError: a family stands on both sides or on none; `division.py` is to be mended.
    """
    both = set(TRAINED) & set(JUDGED)
    if both:
        raise DietError(f"{min(both)!r} is trained on and judged on; leave it on one side, in division.py")
    strange = set(FAMILIES) ^ {*TRAINED, *JUDGED, *WITHOUT_CLAIMS}
    if strange:
        raise DietError(f"{min(strange)!r} is on neither side of the families or is no family; mend division.py")
