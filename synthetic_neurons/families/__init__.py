"""Families of planted units: each makes units of one kind from a seeded generator, without end."""

from synthetic_neurons.families import (
    abstract,
    adversarial,
    algorithmic,
    compositional,
    concrete,
    confounded,
    contextual,
    graded,
    morphological,
    null,
    orthographic,
    polysemantic,
    positional,
    rare,
    syntactic,
    trivial,
)
from synthetic_neurons.families.family import Family, Maker

_ALL = (
    concrete.FAMILY,
    morphological.FAMILY,
    orthographic.FAMILY,
    syntactic.FAMILY,
    positional.FAMILY,
    contextual.FAMILY,
    compositional.FAMILY,
    abstract.FAMILY,
    polysemantic.FAMILY,
    graded.FAMILY,
    rare.FAMILY,
    algorithmic.FAMILY,
    confounded.FAMILY,
    adversarial.FAMILY,
    null.SEMI_NULL_FAMILY,
    null.NULL_FAMILY,
)
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}
# Apart from the others: there are only two such units, and they have no correlation.
TRIVIAL = trivial.FAMILY

__all__ = ["FAMILIES", "TRIVIAL", "Family", "Maker"]
