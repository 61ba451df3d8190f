"""All words that ship with the package, and which of them a condition on single words holds for.

A third of every list is held out of teach: of a lexicon or an affix list the third that it names, of any other the
third that a hash names. A word that any list holds out is held out everywhere.
"""

import hashlib
from functools import cache

import numpy as np

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Predicate
from synthetic_neurons.tables import neighbours, scale

# Lists shorter than this hold nothing out: too little would be left to learn them from.
SHORTEST_HELD_OUT = 3


@cache
def words() -> tuple[str, ...]:
    """Every shipped word once, sorted; names are capitalised, all else is lower case."""
    found = {word for name in lexicons.names() for word in lexicons.load(name).words}
    for affix in wordlists.affixes().values():
        found.update(affix.words, affix.lookalikes)
    for each in wordlists.fillers().values():
        found.update(each)
    for marker in wordlists.markers().values():
        found.update(marker.words)
    found.update(neighbours().nearest, *neighbours().nearest.values())
    found.update(*(scale(name).words for name in ("magnitude", "intensity")))
    whole = {word for word in found if len(Passages.of([word]).words) == 1}
    return tuple(sorted(whole | set(wordlists.proper_names().words)))


@cache
def _passages() -> Passages:
    return Passages.of(words())


@cache
def matching(predicate: Predicate) -> tuple[str, ...]:
    """The shipped words on which a predicate about single words fires, sorted."""
    return tuple(words()[i] for i in np.flatnonzero(evaluate(predicate, _passages()) > 0))


@cache
def _listed() -> tuple[frozenset[str], frozenset[str]]:
    """Words of lists that name their held-out third, in lower case, and the held-out ones among them."""
    pairs = [(each.words, each.held_out) for each in map(lexicons.load, lexicons.names())]
    pairs += [(each.words, each.held_out) for each in (*wordlists.affixes().values(), wordlists.proper_names())]
    whole = frozenset(word.lower() for own, _ in pairs for word in own)
    return whole, frozenset(word.lower() for _, held in pairs for word in held)


def is_held_out(word: str) -> bool:
    """Whether texts for teach avoid this word, case aside, when it is one of a unit's own."""
    lower = word.lower()
    listed, held = _listed()
    if lower in listed:
        return lower in held
    return hashlib.blake2b(lower.encode("utf-8", "surrogatepass"), digest_size=4).digest()[0] % 3 == 0


def held_out(own: tuple[str, ...]) -> frozenset[str]:
    """The held-out words of a list, in lower case; none of a short list, and never more than half of any."""
    if len(own) < SHORTEST_HELD_OUT:
        return frozenset()
    return frozenset(sorted({word.lower() for word in own if is_held_out(word)})[: len(own) // 2])
