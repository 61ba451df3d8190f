"""Scores of units under settings of factors, as a table; and the contrasts of each unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmark.errors import UserError
from synthetic_neurons.passages import Floats, Ints

Names = tuple[str, ...]


class FactorialError(UserError):
    """These scores do not hold what a factorial model needs."""


@dataclass(frozen=True)
class Cell:
    """One score of one unit under one setting of the factors, each on or off."""

    unit: str
    on: tuple[bool, ...]
    value: float


@dataclass(frozen=True, eq=False)
class Design:
    """Scores as columns, sorted by unit.

    Attributes:
        terms: factors of each effect.
        columns: float64 [scores, 1 + effects], the grand mean first.
        unit: int64 [scores], codes.
        value: float64 [scores].
        arms: all settings of the factors.
    """

    terms: tuple[Names, ...]
    columns: Floats
    unit: Ints
    value: Floats
    arms: int

    @property
    def units(self) -> int:
        """How many units."""
        return int(self.unit.max()) + 1

    @property
    def complete(self) -> bool:
        """Whether every unit has every arm."""
        return len(self.value) == self.arms * self.units

    def whole(self) -> tuple[Floats, Floats]:
        """float64 [units that have every arm, arms] and [arms, 1 + effects]: their scores, and the columns of one."""
        members = np.isin(self.unit, np.flatnonzero(np.bincount(self.unit) == self.arms))
        return self.value[members].reshape(-1, self.arms), self.columns[members][: self.arms]

    def contrasts(self) -> Floats:
        """float64 [units that have every arm, effects]: each unit's own effects."""
        values, columns = self.whole()
        return np.asarray(values @ columns[:, 1:] / (columns[:, 1:] ** 2).sum(axis=0), dtype=float)


def terms_of(factors: Sequence[str], order: int) -> tuple[Names, ...]:
    """Main effects, then products of two, and so on up to `order`."""
    return tuple(term for size in range(1, order + 1) for term in combinations(factors, size))


def check(cells: Sequence[Cell], factors: Sequence[str], order: int) -> None:
    """Refuse what no design can be made of.

    Raises:
        FactorialError: no factor, a score of other factors, two scores of one arm, fewer than two units, a value that
            is not finite.
    """
    if not factors or not 1 <= order <= len(factors):
        raise FactorialError(f"interactions of {order} among {len(factors)} factors; give 1 to the number of factors")
    if any(len(cell.on) != len(factors) for cell in cells):
        raise FactorialError(f"a score states other factors than {', '.join(factors)}; state each as on or off")
    if len({(cell.unit, cell.on) for cell in cells}) < len(cells):
        raise FactorialError("a unit has two scores in one arm; average its seeds first")
    if len({cell.unit for cell in cells}) < 2:
        raise FactorialError("effects over units need two units or more; run the arms on more")
    if not all(math.isfinite(cell.value) for cell in cells):
        raise FactorialError("a score is not finite; a failure scores 0 and is never NaN (METHOD section 2)")


def design_of(cells: Sequence[Cell], factors: Sequence[str], order: int) -> Design:
    """The table: factors on +1/2 and off -1/2, and products of these up to `order` factors."""
    ordered = sorted(cells, key=lambda cell: (cell.unit, cell.on))
    terms = terms_of(factors, order)
    signs = {name: np.array([cell.on[at] for cell in ordered]) - 0.5 for at, name in enumerate(factors)}
    products = [np.prod([signs[name] for name in term], axis=0) for term in terms]
    unit = np.unique([cell.unit for cell in ordered], return_inverse=True)[1]
    columns = np.column_stack([np.ones(len(ordered)), *products])
    return Design(terms, columns, unit, np.array([cell.value for cell in ordered]), 2 ** len(factors))
