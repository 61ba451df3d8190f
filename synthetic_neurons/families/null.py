"""Null and semi-null units: what chance gates. Nothing explains the first; of the second, the words alone do."""

import numpy as np

from synthetic_neurons.families.concepts import ALL, draw, draw_affixes, draw_lexicon, draw_part, draw_similar, pick
from synthetic_neurons.families.family import Family, several
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Always

NULL, SEMI_NULL = "null", "semi_null"
# Shares of words on which a null unit fires, as found units do.
RATES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)
_KINDS = ((draw_lexicon, draw_part), (draw_similar,), (draw_affixes,), ALL)


def _key(rng: np.random.Generator, family: str) -> str:
    return f"{family}/{rng.bytes(8).hex()}"


def make_null(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Fires by a keyed hash of the word and its whole left context, and has no claims: the right answer is to abstain.

    All have the same tree, for there is nothing to say; their keys differ.
    """
    rate = RATES[index % len(RATES)]
    return several(NULL, index, f"rate-{rate:g}", Always(), (), hashing=Hashing(_key(rng, NULL), rate))


def make_semi_null(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Words of a concept behind a hashed gate; the claim's level is what to expect of such a word on average."""
    concept = draw(rng, 600, among=_KINDS[index % len(_KINDS)])
    share = pick(rng, SHARES)
    claims = (PlantedClaim.of(concept.predicate, FULL_LEVEL * share),)
    chance = Hashing(_key(rng, SEMI_NULL), share)
    return several(SEMI_NULL, index, f"{concept.slug}-share-{share:g}", concept.predicate, claims, hashing=chance)


NULL_FAMILY = Family(NULL, make_null, outside=False, description="fires by chance; the right answer is to abstain")
SEMI_NULL_FAMILY = Family(
    SEMI_NULL, make_semi_null, outside=False, description="words of one kind behind a gate that nothing explains"
)
