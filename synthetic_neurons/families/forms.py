"""Concepts cut down by the letters of the word: a beginning and an ending together, or all but those with an affix."""

from functools import cache

import numpy as np

from synthetic_neurons import vocabulary
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families.concepts import ATTEMPTS, LEAST, Concept, affix, infix, known, pick
from synthetic_neurons.families.family import leaves, lexical_words
from synthetic_neurons.passages import Floats
from synthetic_neurons.predicate import And, Infix, Not, Predicate, Prefix, Suffix, Unless
from synthetic_neurons.tables import frequencies
from synthetic_neurons.wordlists import affix_texts, infix_texts

# What an exception has to take away, in shares of the words: less would be no clause of its own, more the whole.
CUT = (0.15, 0.7)
# Of two conditions neither may keep more of the other than this.
MOST_KEPT = 0.8
# Fewer shipped words than this would make a pair of conditions on letters a list in disguise.
FEWEST = 6
_ENDS = ("-s", "-e", "-r", "-t", "-d", "-ed", "-ing", "-er", "-y", "-n", "-l", "-al", "-es", "-on", "-c", "-te")
_STARTS = ("s-", "c-", "p-", "b-", "re-", "de-", "in-", "co-", "pr-", "un-", "di-", "ma-", "st-", "f-", "m-", "t-")
# Beginnings of one letter have enough words with most endings.
_SHORT = ("a-", "b-", "c-", "d-", "e-", "f-", "g-", "h-", "i-", "l-", "m-", "o-", "p-", "r-", "s-", "t-", "u-", "w-")


@cache
def _shared() -> tuple[tuple[Concept, ...], Floats, Floats]:
    """All letters that units may be made of; of words with both, the rate and how many ship, [letters, letters]."""
    letters = (*map(affix, dict.fromkeys((*affix_texts(), *_ENDS, *_STARTS, *_SHORT))), *map(infix, infix_texts()))
    words, rates = known()
    has = np.array([evaluate(each.predicate, words) for each in letters])
    shipped = np.isin(words.words, [word.lower() for word in vocabulary.words()])
    return letters, (has * rates) @ has.T, (has * shipped) @ has.T


@cache
def _pairs(first: type[Predicate], second: type[Predicate], stop: bool) -> tuple[tuple[Concept, Concept, int], ...]:
    """Letters of two kinds with the rate of words with both (`stop`: of words with the first alone).

    Only pairs where each of the two conditions matters, and that are common enough.
    """
    letters, shared, listed = _shared()
    own = np.maximum(np.diag(shared), 1.0)
    kept = shared / own[:, None]
    rate = shared.diagonal()[:, None] - shared if stop else shared
    enough = np.minimum(listed, listed.diagonal()[:, None] - listed if stop else listed) >= FEWEST
    matters = (kept >= CUT[0]) & (kept <= CUT[1]) if stop else np.maximum(kept, shared / own) <= MOST_KEPT
    kinds = [np.array([isinstance(each.predicate, kind) for each in letters]) for kind in (first, second)]
    rows, columns = np.nonzero(matters & enough & (rate >= LEAST) & np.outer(*kinds))
    return tuple(
        (letters[i], letters[j], round(float(rate[i, j])))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if i != j
    )


def both(rng: np.random.Generator, inner: bool = False) -> Concept:
    """Words with a beginning and an ending or, if `inner`, with letters inside them and any other letters."""
    kinds = (Infix, Predicate) if inner else (Prefix, Suffix)
    first, second, rate = pick(rng, _pairs(*kinds, stop=False))
    return Concept(f"{first.slug}-and-{second.slug}", And((first.predicate, second.predicate)), rate)


def one_without(rng: np.random.Generator) -> Concept:
    """Words with letters inside them, but not certain others."""
    first, second, rate = pick(rng, _pairs(Infix, Predicate, stop=True))
    stopped = Unless(first.predicate, second.predicate)
    predicate = stopped if rng.random() < 0.5 else And((first.predicate, Not(second.predicate)))
    return Concept(f"{first.slug}-but-{second.slug}", predicate, rate)


@cache
def _rates(predicate: Predicate) -> dict[str, int]:
    """The words that a leaf fires on, each with its rate, at least 1."""
    return {word: frequencies().get(word, 1) for word in lexical_words(predicate)}


def _words(predicate: Predicate) -> dict[str, int]:
    return {word: rate for leaf in leaves(predicate) for word, rate in _rates(leaf).items()}


def _has(word: str, written: str) -> bool:
    text = written.strip("-")
    return word != text and (word.endswith(text) if written.startswith("-") else word.startswith(text))


def trimmed(rng: np.random.Generator, concept: Concept) -> Concept:
    """All words of the concept but those with an affix that a fair share of them have; the concept if there is none.

    No part of the concept has that affix on all of its words.
    """
    words, parts = _words(concept.predicate), [_rates(leaf) for leaf in leaves(concept.predicate)]
    whole = max(1, sum(words.values()))
    for _ in range(ATTEMPTS // 10):
        written = pick(rng, _ENDS + _STARTS)
        lost = sum(rate for word, rate in words.items() if _has(word, written)) / whole
        whole_part = any(all(_has(word, written) for word in part) for part in parts)
        if CUT[0] <= lost <= CUT[1] and not whole_part:
            return _without(concept, written, 1 - lost, as_not=rng.random() < 0.5)
    return concept


def _without(concept: Concept, written: str, kept: float, as_not: bool) -> Concept:
    stop = affix(written).predicate
    predicate = And((concept.predicate, Not(stop))) if as_not else Unless(concept.predicate, stop)
    return Concept(f"{concept.slug}-but-{written.strip('-')}", predicate, round(concept.rate * kept))
