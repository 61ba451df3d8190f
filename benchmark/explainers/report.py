"""The report: what an explainer hands in, and what readers and students are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthetic_neurons.predicate import Predicate, parse

MAX_LEVEL = 10.0


@dataclass(frozen=True)
class Claim:
    """One concept the unit responds to.

    Attributes:
        text: the claim in prose.
        predicate: the claim as a machine-checkable predicate, if the explainer gives one.
        level: the activation to expect where the claim holds, 0 to 10, relative to the unit's strongest.
    """

    text: str
    predicate: Predicate | None = None
    level: float = MAX_LEVEL

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {
            "text": self.text,
            "predicate": self.predicate.to_json() if self.predicate else None,
            "level": self.level,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Claim":
        """Read what `to_json` wrote; a malformed predicate raises `PredicateError` naming its path."""
        raw = value.get("predicate")
        level = min(MAX_LEVEL, max(0.0, float(value.get("level", MAX_LEVEL))))
        return cls(str(value["text"]), parse(raw) if raw is not None else None, level)


@dataclass(frozen=True)
class Report:
    """An explanation, or an abstention.

    Attributes:
        text: the whole explanation in prose (what text readers and students see).
        claims: one per concept; empty only for an abstention.
        confidence: the explainer's own, 0 to 1.
        abstained: the explainer says that there is nothing it can explain.
    """

    text: str
    claims: tuple[Claim, ...] = ()
    confidence: float = 0.5
    abstained: bool = False

    @classmethod
    def abstain(cls, reason: str, confidence: float = 0.5) -> "Report":
        """An abstention, with its reason."""
        return cls(text=reason, confidence=confidence, abstained=True)

    @property
    def has_predicates(self) -> bool:
        """Whether every claim can be run by the executable reader."""
        return bool(self.claims) and all(claim.predicate is not None for claim in self.claims)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {
            "text": self.text,
            "claims": [claim.to_json() for claim in self.claims],
            "confidence": self.confidence,
            "abstained": self.abstained,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote."""
        return cls(
            text=str(value["text"]),
            claims=tuple(Claim.from_json(claim) for claim in value.get("claims", ())),
            confidence=float(value.get("confidence", 0.5)),
            abstained=bool(value.get("abstained", False)),
        )
