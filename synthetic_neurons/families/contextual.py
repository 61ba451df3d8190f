"""Contextual units: words of one kind, let through, weakened or stopped by what stands to their left."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, pick
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.gates import ALL_GATES, gated, inside
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import And, Not, Or, Predicate, Scaled, Unless

NAME = "contextual"
KINDS = ("only", "unless", "more", "only-but")
# Gates that may stand beside brackets and quotes.
OUTDOORS = tuple(each for each in ALL_GATES if each is not inside)
WEAK = (0.2, 0.25, 0.3, 0.4)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A gate that must be open, one that must not, one that strengthens, or one of each; kinds take turns by index."""
    kind = KINDS[index % len(KINDS)]
    concept, gate = gated(rng, ALL, OUTDOORS if kind == "only-but" else ALL_GATES)
    slug = f"{concept.slug}-{kind}-{gate.slug}"
    predicate: Predicate = And((concept.predicate, gate.predicate))
    if kind == "unless":
        predicate = Unless(concept.predicate, gate.predicate)
    elif kind == "more":
        predicate = Or((predicate, Scaled(concept.predicate, pick(rng, WEAK))))
    elif kind == "only-but":
        stop = inside(rng)
        predicate = And((concept.predicate, gate.predicate, Not(stop.predicate)))
        slug += f"-not-{stop.slug}"
    return single(NAME, index, slug, predicate)


FAMILY = Family(NAME, make, outside=False, description="words of one kind, where earlier words let them through")
