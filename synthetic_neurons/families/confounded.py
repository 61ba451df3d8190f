"""Confounded units: one concept, which generated teach texts show together with a cue that the truth ignores."""

import numpy as np

from synthetic_neurons.families.concepts import (
    LEAST,
    Concept,
    draw,
    draw_lexicon,
    draw_part,
    draw_similar,
    joined,
    pick,
)
from synthetic_neurons.families.family import Family, single
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Inside, Position, Predicate, Previous, Word

NAME = "confounded"
CUES: tuple[tuple[str, Predicate], ...] = (
    ("the", Previous(Word(("the",)))),
    ("a", Previous(Word(("a", "an")))),
    ("of", Previous(Word(("of",)))),
    ("and", Previous(Word(("and", "or")))),
    ("old", Previous(Word(("old",)))),
    ("certain", Previous(Word(("certain",)))),
    ("quotes", Inside("quotes")),
    ("parentheses", Inside("parentheses")),
    ("beginning", Position(0, 3)),
    ("end", Position(9)),
)


def _either(rng: np.random.Generator) -> Concept:
    return joined(draw_part(rng), draw_similar(rng))


def _listed(rng: np.random.Generator) -> Concept:
    return pick(rng, (draw_lexicon, draw_part))(rng)


KINDS = (_listed, draw_similar, _either)


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A concept, by turns of three kinds, and a cue that has no part in the truth."""
    concept = draw(rng, LEAST, among=(KINDS[index % len(KINDS)],))
    slug, cue = pick(rng, CUES)
    return single(NAME, index, f"{concept.slug}-cue-{slug}", concept.predicate, cue)


def cue_named(identifier: str) -> Predicate | None:
    """The cue that a confounded unit's identifier names; None for other units. A frozen suite keeps no other trace."""
    concept, _, slug = identifier.rpartition("-cue-")
    return dict(CUES).get(slug) if concept else None


FAMILY = Family(NAME, make, outside=False, description="one concept, with a spurious cue in teach that the exam lacks")
