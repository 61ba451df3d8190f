"""Which units are alike: correlation of their values over words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, Predicate
from synthetic_neurons.reference import gloss_like, reference

# Two units that correlate as much as this or more are taken for one.
ALIKE = 0.9
# What is asked on the reference text, since other text differs from it.
KEPT_APART = 0.8


@dataclass(frozen=True, eq=False)
class _Column:
    """Values over words, kept where they are not 0; standardised on use."""

    places: Ints
    values: Floats
    mean: float
    spread: float

    @classmethod
    def of(cls, values: Floats) -> "_Column":
        places = np.flatnonzero(values)
        return cls(places, values[places], float(values.mean()), float(values.std()))

    def r(self, dense: Floats, mean: float, spread: float) -> float:
        """Pearson r with other values, given whole; 0 where either is constant."""
        if self.spread == 0 or spread == 0:
            return 0.0
        product = float(dense[self.places] @ self.values) / len(dense)
        return (product - self.mean * mean) / (self.spread * spread)


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
        apart: no two may correlate `KEPT_APART` or more on the reference text or its gloss-like half; otherwise it is
            enough that trees differ.
        shut: trees that may not come.
    """

    apart: bool = True
    shut: frozenset[Predicate] = frozenset()
    _trees: set[Predicate | Hashing] = field(default_factory=set)
    _sides: "tuple[_Side, _Side]" = field(default_factory=lambda: (_Side(), _Side()))

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
        values = evaluate(predicate, reference())
        parts = [values, values[: len(gloss_like().words)]]
        columns = [_Column.of(part) for part in parts]
        if columns[0].spread == 0:
            return False
        compared = zip(self._sides, columns, parts, strict=True)
        if any(True for side, column, part in compared for _ in side.like(column, part, KEPT_APART)):
            return False
        for side, column in zip(self._sides, columns, strict=True):
            side.add(column)
        return True


class _Side:
    """Columns over one text, for comparing newcomers with."""

    def __init__(self) -> None:
        self._columns: list[_Column] = []
        self._facts: list[tuple[float, float, float]] = []

    def add(self, column: _Column) -> None:
        self._columns.append(column)
        self._facts.append((column.mean, column.spread, float(column.values.max(initial=0.0))))

    def like(self, column: _Column, values: Floats, least: float) -> Iterator[tuple[int, float]]:
        """Places of the columns that correlate `least` or more with a newcomer, with r."""
        for i in np.flatnonzero(self._highest(column) >= least).tolist():
            if (r := self._columns[i].r(values, column.mean, column.spread)) >= least:
                yield i, r

    def _highest(self, column: _Column) -> Floats:
        """float64 [columns]: what r can be at most, from means, spreads and greatest values alone.

        A product of values is at most either value times the other's greatest; most pairs need no closer look.
        """
        mean, spread, greatest = np.array(self._facts).reshape(-1, 3).T
        product = np.minimum(mean * float(column.values.max(initial=0.0)), column.mean * greatest)
        scale = spread * column.spread
        return np.divide(product - mean * column.mean, scale, out=np.zeros_like(scale), where=scale > 0)
