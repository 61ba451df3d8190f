"""Planted units: a predicate with the oracle's claims about it and what texts written for it have to respect."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Predicate, parse
from synthetic_neurons.prose.english import describe

FULL_LEVEL = 10.0
NOTHING = "Nothing in the text explains when it fires."


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

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {"text": self.text, "predicate": self.predicate.to_json(), "level": self.level}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PlantedClaim":
        """Read what `to_json` wrote."""
        return cls(value["text"], parse(value["predicate"]), value["level"])


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
        cue_strength: the share of the concept in generated teach texts that the cue comes with.
        hashing: what chance does to the predicate's values, if anything.
    """

    identifier: str
    family: str
    predicate: Predicate
    claims: tuple[PlantedClaim, ...]
    held_out_words: frozenset[str]
    cue: Predicate | None = None
    cue_strength: float = 1.0
    hashing: Hashing | None = None

    @property
    def truth(self) -> dict[str, Any]:
        """What fixes the unit's values, as JSON; `truth_values` reads it."""
        chance = {} if self.hashing is None else {"hashing": self.hashing.to_json()}
        return {"predicate": self.predicate.to_json(), **chance}

    @classmethod
    def of_truth(
        cls, identifier: str, family: str, truth: Mapping[str, Any], claims: tuple[PlantedClaim, ...]
    ) -> "PlantedUnit":
        """A unit of which only truth and claims are known, as a frozen suite keeps them."""
        chance = truth.get("hashing")
        hashing = None if chance is None else Hashing.from_json(chance)
        return cls(identifier, family, parse(truth["predicate"]), claims, frozenset(), hashing=hashing)

    def values(self, passages: Passages) -> Floats:
        """float64 [words] in [0, 1]: the unit's value on every word."""
        return _values(self.predicate, self.hashing, passages)

    @property
    def text(self) -> str:
        """The oracle's report in prose."""
        return report_text(self.claims)

    def to_json(self) -> dict[str, Any]:
        """All of the unit as a plain JSON value; `from_json` reads it back."""
        return {
            "identifier": self.identifier,
            "family": self.family,
            **self.truth,
            "claims": [claim.to_json() for claim in self.claims],
            "held_out_words": sorted(self.held_out_words),
            "cue": None if self.cue is None else self.cue.to_json(),
            "cue_strength": self.cue_strength,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PlantedUnit":
        """Read what `to_json` wrote.

        Raises:
            PredicateError: a predicate is not in the language.
        """
        return cls(
            value["identifier"],
            value["family"],
            parse(value["predicate"]),
            tuple(map(PlantedClaim.from_json, value["claims"])),
            frozenset(value["held_out_words"]),
            None if value["cue"] is None else parse(value["cue"]),
            value["cue_strength"],
            Hashing.from_json(value["hashing"]) if "hashing" in value else None,
        )


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
    """Claims as one paragraph; levels are told when they differ. Without claims there is nothing to explain."""
    if not claims:
        return NOTHING
    if len({claim.level for claim in claims}) == 1:
        return " ".join(f"Fires on {claim.text}." for claim in claims)
    return " ".join(f"Fires at level {claim.level:g} of 10 on {claim.text}." for claim in claims)
