"""The planted units of a suite: a few of each family, no two alike."""

import numpy as np

from synthetic_neurons.families import FAMILIES
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Predicate, Word

ATTEMPTS = 500


class SuiteError(ValueError):
    """A family has not enough different units for the suite."""


def planted_units(seed: int, per_family: int = 4) -> tuple[PlantedUnit, ...]:
    """`per_family` units of each family, all with different predicates; the same seed gives the same units.

    Confounded units also take concepts that no concrete unit has, so that no truth stands twice.

    Raises:
        SuiteError: `per_family` is more than a family can give.
    """
    if per_family < 1:
        raise SuiteError(f"per_family is {per_family}; give 1 or more")
    taken: set[Predicate] = set()
    return tuple(
        _next(family, index, np.random.default_rng([seed, number, index]), taken)
        for number, family in enumerate(FAMILIES)
        for index in range(per_family)
    )


def _core(predicate: Predicate) -> Predicate:
    """Two units of a lexicon alone are alike whatever their family; otherwise the whole predicate counts."""
    return Word(predicate.words) if isinstance(predicate, Word) else predicate


def _next(family: str, index: int, rng: np.random.Generator, taken: set[Predicate]) -> PlantedUnit:
    for _ in range(ATTEMPTS):
        unit = FAMILIES[family](rng, index)
        if _core(unit.predicate) not in taken:
            taken.add(_core(unit.predicate))
            return unit
    raise SuiteError(f"family {family!r} has no {index + 1} different units; ask for fewer per family")
