"""Families of planted units: each makes units of one kind from a seeded generator."""

from collections.abc import Callable

import numpy as np

from synthetic_neurons.families import concrete, confounded, contextual, morphological, polysemantic, positional
from synthetic_neurons.planted import PlantedUnit

Maker = Callable[[np.random.Generator, int], PlantedUnit]

FAMILIES: dict[str, Maker] = {
    "concrete": concrete.make,
    "morphological": morphological.make,
    "positional": positional.make,
    "contextual": contextual.make,
    "polysemantic": polysemantic.make,
    "confounded": confounded.make,
}

__all__ = ["FAMILIES", "Maker"]
