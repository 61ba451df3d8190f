"""Graded units: numbers by magnitude, adverbs by degree, words by likeness; alone, gated or joined."""

import numpy as np

from synthetic_neurons.families.concepts import ATTEMPTS, MOST, Concept, known_words, pick, similar
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.families.forms import trimmed
from synthetic_neurons.families.gates import ALL_GATES, Gate
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import MAX_NEIGHBOURS, And, Graded, Or, Predicate, Scaled, Unless

NAME = "graded"
SCALES = (Concept("magnitude", Graded("magnitude"), 6_300), Concept("intensity", Graded("intensity"), 1_600))
# From as many neighbours on there are more levels than the four bands in which a rule can grade a list of words.
FEWEST = 8
LEAST = 250
WEAK = (0.3, 0.4, 0.5, 0.6)
_Made = tuple[str, Predicate]


def _like(rng: np.random.Generator, least: float = LEAST) -> Concept:
    """A word and its like, by likeness."""
    for _ in range(ATTEMPTS):
        concept = similar(pick(rng, known_words()), int(rng.integers(FEWEST, MAX_NEIGHBOURS + 1)), graded=True)
        if least <= concept.rate <= MOST:
            break
    return concept


def _gate(rng: np.random.Generator, least: float) -> Gate:
    """A gate that holds on this share of words or more; the widest of a few where none does."""
    gates = [pick(rng, ALL_GATES)(rng) for _ in range(6)]
    return next((gate for gate in gates if gate.share >= least), max(gates, key=lambda gate: gate.share))


def _alone(rng: np.random.Generator) -> _Made:
    concept = _like(rng)
    return concept.slug, concept.predicate


def _scaled_gate(rng: np.random.Generator) -> _Made:
    """A scale where a gate is open; in half of the draws weaker, beside words by likeness."""
    scale, gate = pick(rng, SCALES), _gate(rng, 0.15)
    both = And((scale.predicate, gate.predicate))
    if rng.random() < 0.5:
        return f"{scale.slug}-only-{gate.slug}", both
    like = _like(rng)
    return f"{like.slug}-or-{scale.slug}-only-{gate.slug}", Or((like.predicate, Scaled(both, pick(rng, WEAK))))


def _both(rng: np.random.Generator) -> _Made:
    """Words by likeness, and a scale or the likeness of another word, weaker."""
    like, other = _like(rng), pick(rng, SCALES) if rng.random() < 0.5 else _like(rng)
    return f"{like.slug}-or-{other.slug}", Or((like.predicate, Scaled(other.predicate, pick(rng, WEAK))))


def _gated(rng: np.random.Generator) -> _Made:
    """Words by likeness where a gate is open, fully, and elsewhere at part of it."""
    gate = _gate(rng, 0.05)
    like = _like(rng, 600)
    rest = Scaled(like.predicate, pick(rng, WEAK))
    return f"{like.slug}-most-{gate.slug}", Or((And((like.predicate, gate.predicate)), rest))


def _trimmed(rng: np.random.Generator) -> _Made:
    """Words by likeness, but not where a gate is open, nor with letters that some of them have."""
    gate, kept = _gate(rng, 0.05), trimmed(rng, _like(rng))
    return f"{kept.slug}-not-{gate.slug}", Unless(kept.predicate, gate.predicate)


KINDS = (_alone, _scaled_gate, _both, _gated, _trimmed)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """Kinds take turns by index; every tree has a scale or a likeness with more levels than a rule has bands."""
    slug, predicate = KINDS[index % len(KINDS)](rng)
    return single(NAME, index, slug, predicate)


FAMILY = Family(NAME, make, outside=True, description="responses in degrees: magnitude, intensity, likeness")
