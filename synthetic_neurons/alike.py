"""Which units are alike: correlation of their values over words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from synthetic_neurons import vocabulary
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, Predicate
from synthetic_neurons.reference import formed, gloss_like, reference
from synthetic_neurons.tables import frequencies

# Two units that correlate as much as this or more are taken for one.
ALIKE = 0.9
# What is asked on the reference text and of single words, since other text differs from both.
KEPT_APART = 0.8
_NO_SPREAD = 1e-9


@dataclass(frozen=True, eq=False)
class _Column:
    """Values over words, kept where they are not 0; standardised on use.

    Attributes:
        places, values: int64 and float64 [firing words].
        words: how many there are, or the sum of their weights.
        mean, spread, greatest: of all values.
    """

    places: Ints
    values: Floats
    words: float
    mean: float
    spread: float
    greatest: float

    @classmethod
    def of(cls, values: Floats, weight: Floats | None = None) -> "_Column":
        """Values of which each counts as much as its weight."""
        one = np.ones(len(values)) if weight is None else weight
        places, total = np.flatnonzero(values), float(one.sum())
        mean = float(one @ values) / total
        spread = max(float(one @ values**2) / total - mean**2, 0.0) ** 0.5
        return cls(places, values[places], total, mean, spread, float(values.max(initial=0.0)))

    def r(self, dense: Floats, other: "_Column") -> float:
        """Pearson r with another column, given whole and times its weights too; 0 where either is constant."""
        if self.spread < _NO_SPREAD or other.spread < _NO_SPREAD:
            return 0.0
        product = float(dense[self.places] @ self.values) / self.words
        return (product - self.mean * other.mean) / (self.spread * other.spread)


def correlation(first: Floats, second: Floats) -> float:
    """Pearson r of values over the same words; 0 where either is constant."""
    return _Column.of(first).r(second, _Column.of(second))


def distinct(units: Sequence[PlantedUnit], passages: Passages, least: float = ALIKE) -> list[tuple[str, str, float]]:
    """Pairs of units whose values on `passages` correlate `least` or more, with r; empty where all are distinct.

    A unit that is constant on the passages is alike to none.
    """
    seen, pairs = _Side(), []
    for unit in units:
        values = unit.values(passages)
        column = _Column.of(values)
        pairs += [(units[i].identifier, unit.identifier, r) for i, r in seen.like(column, values, least)]
        seen.add(column)
    return pairs


@dataclass(eq=False)
class Company:
    """The units taken so far; a newcomer must be unlike all of them.

    Attributes:
        apart: no two may correlate `KEPT_APART` or more on the reference text, on its gloss-like half, on such words
            in forms, or over all shipped words, each alone and counted as often as it comes in glosses; otherwise it
            is enough that trees differ.
        shut: trees that may not come.
    """

    apart: bool = True
    shut: frozenset[Predicate] = frozenset()
    _trees: set[Predicate | Hashing] = field(default_factory=set)
    _sides: "tuple[_Side, ...]" = field(default_factory=lambda: (_Side(), _Side(), _Side(), _Side()))

    def seat(self, units: Sequence[PlantedUnit]) -> None:
        """Take units that are unlike each other already; newcomers must be unlike them too."""
        for unit in units:
            if not (isinstance(unit.predicate, Always) and unit.hashing is not None):
                self._sit(self._columns(unit.predicate))

    def admit(self, unit: PlantedUnit) -> bool:
        """Take the unit if it is unlike the others. Null units have one tree, and differ by their keys."""
        by_chance = isinstance(unit.predicate, Always) and unit.hashing is not None
        key = unit.hashing if by_chance and unit.hashing else unit.predicate
        if key in self._trees or (not by_chance and unit.predicate in self.shut):
            return False
        if self.apart and not by_chance and not self._is_apart(unit.predicate):
            return False
        self._trees.add(key)
        return True

    def _is_apart(self, predicate: Predicate) -> bool:
        """Compares trees before chance acts, which could only make units less alike; keeps the columns if it passes."""
        columns = self._columns(predicate)
        if columns[0][0].spread == 0:
            return False
        compared = zip(self._sides, columns, strict=True)
        if any(True for side, (column, part) in compared for _ in side.like(column, part, KEPT_APART)):
            return False
        self._sit(columns)
        return True

    @staticmethod
    def _columns(predicate: Predicate) -> list[tuple[_Column, Floats]]:
        values, in_forms, alone = (evaluate(predicate, each) for each in (reference(), formed(), _words_alone()))
        gloss, often = values[: len(gloss_like().words)], _how_often()
        whole = [(_Column.of(part), part) for part in (values, gloss, in_forms)]
        return [*whole, (_Column.of(alone, often), alone * often)]

    def _sit(self, columns: Sequence[tuple[_Column, Floats]]) -> None:
        for side, (column, _) in zip(self._sides, columns, strict=True):
            side.add(column)


@cache
def _words_alone() -> Passages:
    """Every shipped word as a text of its own."""
    return Passages.of(vocabulary.words())


@cache
def _how_often() -> Floats:
    """float64 [shipped words]: how often each comes in a million words of glosses, at least once."""
    return np.array([max(1, frequencies().get(word.lower(), 0)) for word in vocabulary.words()], dtype=np.float64)


class _Side:
    """Columns over one text, for comparing newcomers with."""

    def __init__(self) -> None:
        self._columns: list[_Column] = []
        self._facts: list[tuple[float, float, float]] = []

    def add(self, column: _Column) -> None:
        self._columns.append(column)
        self._facts.append((column.mean, column.spread, column.greatest))

    def like(self, column: _Column, values: Floats, least: float) -> Iterator[tuple[int, float]]:
        """Places of the columns that correlate `least` or more with a newcomer (whole, times its weights), with r."""
        for i in np.flatnonzero(self._highest(column) >= least).tolist():
            if (r := self._columns[i].r(values, column)) >= least:
                yield i, r

    def _highest(self, column: _Column) -> Floats:
        """float64 [columns]: what r can be at most, from means, spreads and greatest values alone.

        A product of values is at most either value times the other's greatest; most pairs need no closer look.
        """
        mean, spread, greatest = np.array(self._facts).reshape(-1, 3).T
        product = np.minimum(mean * column.greatest, column.mean * greatest)
        scale = spread * column.spread
        return np.divide(product - mean * column.mean, scale, out=np.zeros_like(scale), where=scale > 0)
