"""Contextual units: words of one kind, let through, weakened or stopped by what stands to their left."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic_neurons.families.concepts import Concept, lexicon, named
from synthetic_neurons.planted import PlantedUnit, Recipe, single
from synthetic_neurons.predicate import And, Inside, Or, Predicate, Previous, Scaled, Shape, Unless, Within, Word
from synthetic_neurons.wordlists import proper_names


@dataclass(frozen=True)
class _Gate:
    """A condition on the left context; `yes` and `no` are leads in which it holds and does not."""

    slug: str
    predicate: Predicate
    yes: tuple[str, ...]
    no: tuple[str, ...]
    words: tuple[str, ...] = ()
    held_out: frozenset[str] = frozenset()


_PLAIN = ("{t}", "the {t}", "{a} {t}")
_QUOTES = _Gate("in-quotes", Inside("quotes"), ('"{t}"', '"the {t} {v}"', '"{a} {p} {v} {t}"'), _PLAIN)
_PARENTHESES = _Gate("in-parentheses", Inside("parentheses"), ("( {t} )", "( the {t} )", "( as a {n} or {t} )"), _PLAIN)
_CAPITAL = proper_names()


def _after_capital(k: int) -> _Gate:
    before = Shape("capitalised")
    gate = Previous(before) if k == 1 else Within(before, k)
    return _Gate(
        f"after-capital-{k}",
        gate,
        ("{g} {t}",),
        _PLAIN,
        _CAPITAL.words,
        frozenset(word.lower() for word in _CAPITAL.held_out),
    )


def _after_words(words: tuple[str, ...], k: int) -> _Gate:
    return _Gate(
        f"within-{k}-of-{words[0]}", Within(Word(words), k), ("{g} {t}", "{g} the {t}", "{g} {a} {t}"), _PLAIN, words
    )


def _after_lexicon(name: str, k: int) -> _Gate:
    near = lexicon(name)
    return _Gate(
        f"within-{k}-of-{name}",
        Within(near.predicate, k),
        ("{g} and {t}", "{g} or the {t}", "{g} {t}"),
        _PLAIN,
        near.words,
        near.held_out,
    )


_OF = _after_words(("of",), 3)
_PREPOSITION = _after_words(("in", "on", "at", "from"), 4)
# (concept, gate) pairs that keep at least 0.1% of gloss words.
_HARD: tuple[tuple[str, _Gate], ...] = (
    *((name, _QUOTES) for name in ("-ing", "-al", "-ly", "-tion", "un-", "re-", "capitalised", "directions", "time")),
    *((name, _PARENTHESES) for name in ("-ly", "capitalised")),
    *((name, _OF) for name in ("-ing", "-al", "-tion", "-ic", "directions", "plants", "capitalised")),
    *((name, _PREPOSITION) for name in ("-ing", "-al", "-tion", "directions", "capitalised")),
    *((name, _after_capital(4)) for name in ("-ing", "-al", "government", "directions", "plants", "water")),
    ("government", _after_capital(1)),
    ("plants", _after_lexicon("colours", 5)),
    ("colours", _after_lexicon("plants", 8)),
    ("-ing", _after_lexicon("plants", 6)),
    ("-ing", _after_lexicon("directions", 8)),
)
_STEMS = ("plants", "colours", "body", "time", "water", "government", "science", "speech", "numbers", "trees", "food")
_STOPS = ("directions", "numbers", "kinship", "money", "military", "religion", "buildings", "animals", "music")


def _hard(rng: np.random.Generator) -> tuple[Concept, _Gate, Predicate, Recipe]:
    name, gate = _HARD[int(rng.integers(len(_HARD)))]
    concept = named(name)
    recipe = Recipe(concept.words, concept.lookalikes, gate.yes, gate.no, gate.words)
    return concept, gate, And((concept.predicate, gate.predicate)), recipe


def _pair(rng: np.random.Generator) -> tuple[Concept, _Gate]:
    """A concept and a gate of another."""
    concept = lexicon(str(rng.choice(_STEMS)))
    other = str(rng.choice([name for name in _STOPS if name != concept.slug]))
    return concept, _after_lexicon(other, int(rng.choice([3, 4, 5, 6])))


def _stopped(rng: np.random.Generator) -> tuple[Concept, _Gate, Predicate, Recipe]:
    concept, gate = _pair(rng)
    recipe = Recipe(concept.words, concept.lookalikes, gate.no, gate.yes, gate.words)
    return concept, gate, Unless(concept.predicate, gate.predicate), recipe


def _weakened(rng: np.random.Generator) -> tuple[Concept, _Gate, Predicate, Recipe]:
    """Full strength where the gate holds, a quarter or a half elsewhere."""
    concept, gate = _pair(rng)
    weak = Scaled(concept.predicate, float(rng.choice([0.25, 0.5])))
    recipe = Recipe(concept.words, concept.lookalikes, (*gate.yes, *gate.no), (), gate.words)
    return concept, gate, Or((And((concept.predicate, gate.predicate)), weak)), recipe


_Make = Callable[[np.random.Generator], tuple[Concept, _Gate, Predicate, Recipe]]
_KINDS: tuple[tuple[str, _Make], ...] = (("only", _hard), ("unless", _stopped), ("more", _weakened), ("only", _hard))


def make(rng: np.random.Generator, index: int) -> PlantedUnit:
    """A gate that must be open, one that must not, or one that strengthens; kinds take turns by index."""
    kind, draw = _KINDS[index % len(_KINDS)]
    concept, gate, predicate, recipe = draw(rng)
    held_out = concept.held_out | gate.held_out
    identifier = f"contextual-{index:02d}-{concept.slug}-{kind}-{gate.slug}"
    return single(identifier, "contextual", predicate, recipe, held_out)
