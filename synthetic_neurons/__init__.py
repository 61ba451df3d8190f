"""Synthetic neurons: units whose truth is a small predicate over words, with prose, texts and graded explanations.

>>> from synthetic_neurons import suite
>>> unit = suite("dev")["rare-00-few-tribes"]  # doctest: +SKIP
"""

from synthetic_neurons.assembly import PlantedSuite, planted_total, planted_units, suite
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.knobs import Knobs
from synthetic_neurons.planted import PlantedUnit

__all__ = ["FAMILIES", "Knobs", "PlantedSuite", "PlantedUnit", "planted_total", "planted_units", "suite"]
