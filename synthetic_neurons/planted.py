"""Planted units: a predicate with the oracle's claims about it and what a generator needs to write texts for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synthetic_neurons.english import describe
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Predicate, parse

FULL_LEVEL = 10.0


@dataclass(frozen=True)
class PlantedClaim:
    """One concept of a planted unit.

    Attributes:
        text: the claim in prose.
        predicate: the claim, exactly.
        level: what to expect where the predicate is 1, from 0 to 10; the truth's 1 is level 10.
    """

    text: str
    predicate: Predicate
    level: float = FULL_LEVEL

    @classmethod
    def of(cls, predicate: Predicate, level: float = FULL_LEVEL) -> "PlantedClaim":
        """The claim with the prose that `describe` gives."""
        return cls(describe(predicate), predicate, level)


@dataclass(frozen=True)
class Recipe:
    """How texts for a unit are written; leads are what a template's {x} becomes.

    Attributes:
        targets: words that the unit may fire on.
        lookalikes: words that resemble targets, on which it does not fire.
        opening: leads in which a target fires; {t} is the target, {g} a gate word, other slots are fillers.
        shut: leads in which a target does not fire, or (confounded units) stands without the cue.
        gates: gate words for {g}.
    """

    targets: tuple[str, ...]
    lookalikes: tuple[str, ...] = ()
    opening: tuple[str, ...] = ("{t}",)
    shut: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {name: list(getattr(self, name)) for name in ("targets", "lookalikes", "opening", "shut", "gates")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Recipe":
        """Read what `to_json` wrote."""
        return cls(**{name: tuple(words) for name, words in value.items()})


@dataclass(frozen=True)
class PlantedUnit:
    """A synthetic neuron. Its value on every word is that of its predicate, after `hashing`; its claims say the rest.

    Attributes:
        identifier: its name; never shown to an explainer.
        family: which family made it.
        predicate: the truth, with values in [0, 1].
        claims: the oracle's report; greatest level times value over the claims is ten times the truth.
        held_out_words: words that generated teach texts never use.
        cue: confounded units: what always comes with the concept in generated teach texts and has no part in the
            truth.
        hashing: what chance does to the predicate's values, if anything.
        cue_strength: the share of the concept's occurrences in generated teach texts that come with the cue.
        generator: the `Recipe` for its texts, as JSON.
    """

    identifier: str
    family: str
    predicate: Predicate
    claims: tuple[PlantedClaim, ...]
    held_out_words: frozenset[str]
    cue: Predicate | None = None
    generator: Mapping[str, Any] = field(default_factory=dict)
    hashing: Hashing | None = None
    cue_strength: float = 1.0

    @property
    def truth(self) -> dict[str, Any]:
        """What fixes the unit's values, as JSON; `truth_values` reads it."""
        chance = {} if self.hashing is None else {"hashing": self.hashing.to_json()}
        return {"predicate": self.predicate.to_json(), **chance}

    def values(self, passages: Passages) -> Floats:
        """float64 [words] in [0, 1]: the unit's value on every word."""
        return _values(self.predicate, self.hashing, passages)

    @property
    def recipe(self) -> Recipe:
        """The generator's recipe, typed."""
        return Recipe.from_json(self.generator)

    @property
    def text(self) -> str:
        """The oracle's report in prose."""
        return report_text(self.claims)


def truth_values(truth: Mapping[str, Any], passages: Passages) -> Floats:
    """float64 [words] in [0, 1]: the values that `PlantedUnit.truth` fixes.

    Raises:
        PredicateError: the predicate is not in the language.
    """
    chance = truth.get("hashing")
    return _values(parse(truth["predicate"]), None if chance is None else Hashing.from_json(chance), passages)


def attainable_r(truth: Mapping[str, Any], passages: Passages, weights: Floats) -> float:
    """The r that the predicate itself reaches on the values that chance has passed through; 1 without chance."""
    if truth.get("hashing") is None:
        return 1.0
    return Hashing.from_json(truth["hashing"]).attainable_r(
        evaluate(parse(truth["predicate"]), passages), passages, weights
    )


def _values(predicate: Predicate, hashing: Hashing | None, passages: Passages) -> Floats:
    values = evaluate(predicate, passages)
    return values if hashing is None else hashing.apply(values, passages)


def report_text(claims: tuple[PlantedClaim, ...]) -> str:
    """Claims as one paragraph; levels are told when they differ."""
    if len({claim.level for claim in claims}) == 1:
        return " ".join(f"Fires on {claim.text}." for claim in claims)
    return " ".join(f"Fires at level {claim.level:g} of 10 on {claim.text}." for claim in claims)


def single(
    identifier: str,
    family: str,
    predicate: Predicate,
    recipe: Recipe,
    held_out: frozenset[str],
    cue: Predicate | None = None,
) -> PlantedUnit:
    """A unit with one claim at full level."""
    claims = (PlantedClaim.of(predicate),)
    return PlantedUnit(identifier, family, predicate, claims, held_out, cue, recipe.to_json())
