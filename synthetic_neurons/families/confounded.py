"""Confounded units: one concept, which generated teach texts show only together with a cue that the truth ignores."""

import numpy as np

from synthetic_neurons.families.concepts import COMMON, lexicon
from synthetic_neurons.planted import PlantedUnit, Recipe, single
from synthetic_neurons.predicate import Inside, Position, Predicate, Previous, Word

_BARE = ("some {t}", "{n} and {t}", "more {t}")
# cue: predicate, leads with the cue
_CUES: dict[str, tuple[Predicate, tuple[str, ...]]] = {
    "the": (Previous(Word(("the",))), ("the {t}",)),
    "a": (Previous(Word(("a", "an"))), ("a {t}", "an {t}")),
    "of": (Previous(Word(("of",))), ("of {t}",)),
    "old": (Previous(Word(("old",))), ("old {t}", "the old {t}")),
    "certain": (Previous(Word(("certain",))), ("certain {t}", "a certain {t}")),
    "quotes": (Inside("quotes"), ('"{t}"', '"a {t} {v}"', '"the {a} {t}"')),
    "parentheses": (Inside("parentheses"), ("( {t} )", "( a {t} )", "( as {a} {t} )")),
    "beginning": (Position(0, 3), ("{t}", "the {t}", "{a} {t}")),
}


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A concept and a cue that has no part in the truth."""
    concept = lexicon(str(rng.choice(COMMON)))
    slug = str(rng.choice(sorted(_CUES)))
    cue, leads = _CUES[slug]
    recipe = Recipe(concept.words, opening=leads, shut=_BARE)
    identifier = f"confounded-{index:02d}-{concept.slug}-cue-{slug}"
    return single(identifier, "confounded", concept.predicate, recipe, concept.held_out, cue)
