"""Atoms: the small predicates that the data itself proposes, and how well each goes with the values."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.explainers.word_data import Data
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Ints
from synthetic_neurons.predicate import (
    SHAPES,
    And,
    Inside,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Shape,
    Suffix,
    Unless,
    Within,
    Word,
)

Flags = NDArray[np.bool_]
Join = Literal["and", "unless"]

NODE_PENALTY = 0.006
WORD_PENALTY = 0.0005
SHRINKAGE = 0.5
REACHES = (0, 1, 2, 4, 8)
MOST_WORDS = 60
MOST_CONTEXT_WORDS = 12
LEAST_GAIN = 0.0007
LEAST_CONTEXT_GAIN = 0.004
MOST_AFFIXES = 16
# Not all that the language has: what the search proposes stays as it was when `embedded-1` was frozen.
SEARCHED_MARKS = ("parentheses", "quotes")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A conjunction of parts, where it holds, and its penalised r.

    Attributes:
        parts: how each part is joined to those before it, and the part.
        holds: bool [words].
        r: weighted r, shrunk for small support (of each word by itself, where the rule lists words).
        trust: the share of the explained activation that shrinkage leaves.
        score: r less the complexity penalty.
    """

    parts: tuple[tuple[Join, Predicate], ...]
    holds: Flags
    r: float
    trust: float
    score: float

    @property
    def predicate(self) -> Predicate:
        """The parts as one predicate."""
        return joined(self.parts)

    @property
    def shape(self) -> tuple[str, ...]:
        """What kind of rule it is, its words and letters left out."""
        return tuple(f"{join} {skeleton(part)}" for join, part in self.parts)


def joined(parts: Sequence[tuple[Join, Predicate]]) -> Predicate:
    """Conditions that must hold, then exceptions."""
    held = tuple(part for join, part in parts if join == "and")
    result = held[0] if len(held) == 1 else And(held)
    for join, part in parts:
        if join == "unless":
            result = Unless(result, part)
    return result


def skeleton(predicate: Predicate) -> str:
    """The names of a predicate's nodes."""
    return " ".join([predicate.op, *(skeleton(child) for child in predicate.children)])


def listed_words(predicate: Predicate) -> int:
    """How many words the predicate lists."""
    own = len(predicate.words) if isinstance(predicate, Word) else 0
    return own + sum(listed_words(child) for child in predicate.children)


def _sums(types: Ints, amounts: Floats, size: int) -> Floats:
    return np.bincount(types, amounts, minlength=size).astype(np.float64)


class Workbench:
    """One data set with everything that scores share.

    Args:
        data: the words.
        open_words: bool [words]; words that earlier claims have explained are left out of the fit.
    """

    def __init__(self, data: Data, open_words: Flags | None = None) -> None:
        self.data = data
        weight = data.weight if open_words is None else data.weight * open_words
        self.weight = weight / max(float(weight.sum()), 1e-12)
        self.values = data.values
        self.mean = float(self.weight @ self.values)
        self.spread = max(float(self.weight @ (self.values - self.mean) ** 2), 0.0) ** 0.5
        self.product = self.weight * self.values
        self.shrink = SHRINKAGE * data.unit_weight

    def r(self, mass: Floats, product: Floats) -> Floats:
        """Weighted r of 0/1 columns, from each one's weight and its sum of weight times value; shrunk by support."""
        return self._r(mass, product * mass / (mass + self.shrink))

    def _r(self, mass: Floats, product: Floats) -> Floats:
        variance: Floats = np.maximum(mass * (1 - mass), np.zeros_like(mass))
        spread = self.spread * np.sqrt(variance)
        r: Floats = np.divide(product - mass * self.mean, spread, out=np.zeros_like(mass), where=spread > 1e-12)
        return r

    def candidate(self, parts: tuple[tuple[Join, Predicate], ...], holds: Flags) -> Candidate:
        """Score one conjunction."""
        predicates = [part for _, part in parts]
        mass, raw = float(self.weight[holds].sum()), float(self.product[holds].sum())
        kept = raw * mass / (mass + self.shrink)
        if any(isinstance(part, Word) for part in predicates):
            by_word, level = self.word_levels(holds)
            kept = float(by_word @ level)
        r = float(self._r(np.array([mass]), np.array([kept]))[0])
        nodes, words = sum(part.size for part in predicates), sum(listed_words(part) for part in predicates)
        trust = kept / raw if raw > 0 else 0.0
        return Candidate(parts, holds, r, trust, r - NODE_PENALTY * nodes - WORD_PENALTY * words)

    def level(self, holds: Flags) -> float:
        """The mean value where the rule holds, shrunk towards 0 for small support."""
        return float(self.product[holds].sum() / (self.weight[holds].sum() + self.shrink))

    def word_levels(self, holds: Flags) -> tuple[Floats, Floats]:
        """For every lower-cased word: its weight where the rule holds, and its shrunk mean value there."""
        size = len(self.data.lower_types)
        mass = _sums(self.data.type_of[holds], self.weight[holds], size)
        product = _sums(self.data.type_of[holds], self.product[holds], size)
        return mass, product / (mass + self.shrink)

    @cached_property
    def generic(self) -> tuple[list[Predicate], Flags]:
        """Atoms that are not word lists, bool [atoms, words]."""
        own = self._affixes(self.data.type_of)
        before = [Previous(affix) for affix in self._affixes(self._shifted_types)[:8]]
        shapes = [Shape(shape) for shape in SHAPES]
        atoms: list[Predicate] = [*own, *before, *shapes, *(Previous(shape) for shape in shapes), Repeats()]
        atoms += [Within(k=k, of=Shape(shape)) for k in (2, 4, 8) for shape in ("digit", "capitalised", "upper")]
        atoms += [Position(0, last) for last in (0, 1, 2, 3, 4, 6, 9)] + [
            Position(first) for first in (1, 3, 5, 10, 15)
        ]
        atoms += [Inside(mark) for mark in SEARCHED_MARKS]
        columns = [evaluate(atom, self.data.passages) > 0.5 for atom in atoms]
        return atoms, np.array(columns).reshape(len(atoms), len(self.values))

    @cached_property
    def _shifted_types(self) -> Ints:
        types = np.full(len(self.values), -1, dtype=np.int64)
        types[1:] = self.data.type_of[:-1]
        types[self.data.passages.place == 0] = -1
        return types

    def _affixes(self, types: Ints) -> list[Predicate]:
        """Prefixes and suffixes of 2 to 5 letters that at least two firing words share, best r first."""
        size, here = len(self.data.lower_types), types >= 0
        mass = _sums(types[here], self.weight[here], size)
        product = _sums(types[here], self.product[here], size)
        words, affixes, names = self.data.affixes
        live = mass[words] > 0
        words, affixes = words[live], affixes[live]
        firing = np.bincount(affixes, product[words] > 0, minlength=len(names))
        # Of equals the one that is met first comes first.
        first = np.full(len(names), len(affixes))
        first[affixes[::-1]] = np.arange(len(affixes))[::-1]
        kept = np.flatnonzero(firing >= 2)
        kept = kept[np.argsort(first[kept], kind="stable")]
        r = self.r(_sums(affixes, mass[words], len(names))[kept], _sums(affixes, product[words], len(names))[kept])
        best = [names[i] for i in kept[np.argsort(-r, kind="stable")[:MOST_AFFIXES]]]
        return [Suffix(text) if kind == "suffix" else Prefix(text) for kind, text in best]

    def word_list(self, holds: Flags, reach: int, join: Join) -> tuple[Predicate, Flags] | None:
        """The word list that, joined to a rule, raises its r most: greedy forward selection.

        Args:
            holds: bool [words], where the rule holds.
            reach: 0 for the word itself, otherwise how many words back.
            join: whether the list is a condition or an exception.

        Returns:
            The part (a word list, or one under `previous` or `within`) and where it holds, or None.
        """
        places = np.flatnonzero(holds)
        spots, types = self._pairs(places, reach)
        chosen, covered = self._greedy(places, spots, types, reach, join)
        if not chosen:
            return None
        words = Word(tuple(sorted(self.data.lower_types[t] for t in chosen)))
        part: Predicate = words if reach == 0 else Previous(words) if reach == 1 else Within(k=reach, of=words)
        where = np.zeros(len(holds), dtype=bool)
        where[places[covered]] = True
        return part, where

    def _pairs(self, places: Ints, reach: int) -> tuple[Ints, Ints]:
        """Which words (as types) stand at, or within `reach` before, each place; distinct pairs."""
        types, place = self.data.type_of, self.data.passages.place
        if reach == 0:
            return np.arange(len(places)), types[places]
        size, keys = len(self.data.lower_types), []
        for back in range(1, reach + 1):
            inside = np.flatnonzero(place[places] >= back)
            keys.append(inside * size + types[places[inside] - back])
        distinct = np.unique(np.concatenate(keys))
        return distinct // size, distinct % size

    def _greedy(self, places: Ints, spots: Ints, types: Ints, reach: int, join: Join) -> tuple[list[int], Flags]:
        # Only words that are there: numbered anew, in the same order.
        present, types = np.unique(types, return_inverse=True)
        offers = _Offers(types, spots, self.weight[places], self.product[places], len(present))
        frequent = np.bincount(types, minlength=len(present)) >= (1 if reach == 0 else 2)
        most, least = (MOST_WORDS, LEAST_GAIN) if reach == 0 else (MOST_CONTEXT_WORDS, LEAST_CONTEXT_GAIN)
        base: Floats = np.array([float(self.weight[places].sum()), float(self.product[places].sum())])
        # A condition starts from nothing and adds words; an exception starts from the whole rule and takes words away.
        sign, mass, sums, best = 1.0, 0.0, 0.0, 0.0
        if join == "unless":
            sign, mass, sums, best = -1.0, base[0], base[1], float(self.r(base[:1], base[1:])[0])
        chosen = list[int]()
        while len(present) and len(chosen) < most:
            m = offers.mass
            # Shrinking each word's own sum keeps a word seen once from counting in full.
            gain = offers.product * m / (m + self.shrink) if join == "and" else offers.product
            scores = np.where(frequent & (m > 0), self.r(mass + sign * m, sums + sign * gain), -1.0)
            top = int(scores.argmax())
            if scores[top] < best + least:
                break
            best, mass, sums = float(scores[top]), mass + sign * float(m[top]), sums + sign * float(gain[top])
            chosen.append(int(present[top]))
            offers.take(top)
        return chosen, offers.covered


class _Offers:
    """What each word would add to a list: the weight of the places that it alone would cover yet, and their product.

    Args:
        types: int64 [pairs], a word.
        spots: int64 [pairs], a place that it covers.
        weight, product: float64 [places].
        size: how many words there are.
    """

    def __init__(self, types: Ints, spots: Ints, weight: Floats, product: Floats, size: int) -> None:
        self._types, self._spots, self._weights, self._products, self._size = types, spots, weight, product, size
        self.covered = np.zeros(len(weight), dtype=bool)
        self.mass, self.product = self._of(np.ones(len(types), dtype=bool))

    def _of(self, pairs: Flags) -> tuple[Floats, Floats]:
        types, spots = self._types[pairs], self._spots[pairs]
        return _sums(types, self._weights[spots], self._size), _sums(types, self._products[spots], self._size)

    def take(self, word: int) -> None:
        """Cover the word's places; only words that stand at one of them have less to offer now."""
        fresh = np.zeros(len(self.covered), dtype=bool)
        fresh[self._spots[self._types == word]] = True
        self.covered |= fresh
        less = np.zeros(self._size, dtype=bool)
        less[self._types[fresh[self._spots]]] = True
        mass, product = self._of(less[self._types] & ~self.covered[self._spots])
        self.mass[less], self.product[less] = mass[less], product[less]
