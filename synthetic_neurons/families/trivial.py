"""Trivial units: dead and always-on. They have a right description and no correlation, so they stand apart."""

import numpy as np

from synthetic_neurons.families.family import Family, several
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Always, Never

NAME = "trivial"


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Dead and always-on by turns; there are no others."""
    if index % 2:
        return several(NAME, index, "always-on", Always(), (PlantedClaim.of(Always(), FULL_LEVEL),))
    return several(NAME, index, "dead", Never(), (PlantedClaim.of(Never(), 0.0),))


FAMILY = Family(NAME, make, outside=False, description="dead, or always on")
