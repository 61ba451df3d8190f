"""Knobs: how a suite's units are made harder, one axis each. Each changes the truth, and the claims with it, exactly.

Noise alone is left out of the claims: it is chance, and nothing can be said of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from synthetic_neurons.families.concepts import ALL, draw, pick
from synthetic_neurons.families.family import held_out_words
from synthetic_neurons.hashing import Hashing
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import (
    Always,
    And,
    Never,
    Or,
    Position,
    Predicate,
    Previous,
    Scaled,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.reference import rate
from synthetic_neurons.tables import frequencies

FACTORS = (0.7, 0.5, 0.3)
SPARSEST = 1e-5
_MILLION = 1_000_000
# Words that sparse units may have to follow: from 200 in a million to the commonest.
_GATE_RATES = (200, 60_000)


class KnobError(ValueError):
    """A knob is out of its range; the message names it."""


@dataclass(frozen=True)
class Knobs:
    """What is turned on every unit of a suite; the defaults turn nothing.

    Attributes:
        noise: the share of firing words that fall silent, and as many silent ones that fire in their place; 0 to 1.
        sparsity: the greatest share of natural words a unit may fire on, about: 0.00001 to 1, or None. A unit above it
            has to follow a certain word soon; the claims say so.
        concepts: how many concepts every unit has: 2, 3 or 4, or None for as many as its family gives. Those added are
            weaker and unrelated; where a unit has more, the last are dropped.
        confound: confounded units: the share of the concept in teach texts that comes with the cue; 0 to 1.
        corruption: (first, last): places of the text, from 0, where the unit is silent whatever it explains, as in
            FIND's corrupted intervals (Schwettmann et al. 2023, section 3.1); or None.
        replaced: within the corrupted interval another concept holds instead.
        sibling: every unit gets a sibling that shares this part of its words, and all but its words with the unit as
            the other knobs left it; above 0 and below 1, or None.
    """

    noise: float = 0.0
    sparsity: float | None = None
    concepts: int | None = None
    confound: float = 1.0
    corruption: tuple[int, int] | None = None
    replaced: bool = False
    sibling: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is out of range.

        Raises:
            KnobError: with the knob, its value and its range.
        """
        _check("noise", self.noise, 0 <= self.noise <= 1, "a share from 0 to 1")
        _check("confound", self.confound, 0 <= self.confound <= 1, "a share from 0 to 1")
        if self.sparsity is not None:
            _check("sparsity", self.sparsity, SPARSEST <= self.sparsity <= 1, f"a rate from {SPARSEST:f} to 1, or None")
        if self.concepts is not None:
            _check("concepts", self.concepts, self.concepts in (2, 3, 4), "2, 3 or 4, or None")
        if self.sibling is not None:
            _check("sibling", self.sibling, 0 < self.sibling < 1, "a share above 0 and below 1, or None")
        if self.corruption is not None:
            # A list comes from configuration files.
            object.__setattr__(self, "corruption", _interval(self.corruption))
        _check("replaced", self.replaced, not self.replaced or self.corruption is not None, "false without corruption")

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {**asdict(self), "corruption": None if self.corruption is None else list(self.corruption)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Knobs":
        """Read what `to_json` wrote."""
        return cls(**value)


def _check(name: str, value: object, fits: bool, valid: str) -> None:
    if not fits:
        raise KnobError(f"knob {name} is {value!r}; give {valid}")


def _interval(value: Any) -> tuple[int, int]:
    wanted = "two places (first, last) with 0 <= first <= last, or None"
    whole = isinstance(value, list | tuple) and len(value) == 2 and all(type(each) is int for each in value)
    _check("corruption", value, whole and 0 <= value[0] <= value[1], wanted)
    return value[0], value[1]


def apply(unit: PlantedUnit, knobs: Knobs, rng: np.random.Generator) -> PlantedUnit:
    """The unit with every knob turned but `sibling`, which makes another unit (see `siblings.sibling`).

    Null units take no concepts, corruption or gate: there is nothing to say of them; sparsity lowers their rate itself.
    """
    explained = bool(unit.claims) and not isinstance(unit.predicate, Never)
    if explained and knobs.concepts is not None:
        unit = _with_concepts(unit, knobs.concepts, rng)
    if explained and knobs.corruption is not None:
        unit = _corrupted(unit, knobs, rng)
    if knobs.sparsity is not None:
        # Last, so that it holds for what was added too.
        unit = _sparser(unit, knobs.sparsity, rng)
    if unit.cue is not None:
        unit = replace(unit, cue_strength=knobs.confound)
    return _noisy(unit, knobs.noise) if knobs.noise else unit


def _with(unit: PlantedUnit, predicate: Predicate, claims: tuple[PlantedClaim, ...]) -> PlantedUnit:
    return replace(unit, predicate=predicate, claims=claims, held_out_words=held_out_words(predicate))


def _parts(claims: tuple[PlantedClaim, ...]) -> tuple[Predicate, ...]:
    """Each claim at its strength."""
    factors = [(claim.predicate, round(claim.level / FULL_LEVEL, 9)) for claim in claims]
    return tuple(each if factor == 1 else Scaled(each, factor) for each, factor in factors)


def _with_concepts(unit: PlantedUnit, wanted: int, rng: np.random.Generator) -> PlantedUnit:
    """Exactly `wanted` claims. A semi-null unit's level is a mean, not a strength: its own concept stays at full."""
    if len(unit.claims) == wanted:
        return unit
    if len(unit.claims) > wanted:
        kept = unit.claims[:wanted]
        return _with(unit, Or(_parts(kept)), kept)
    share = 1.0 if unit.hashing is None else unit.hashing.share
    extra: list[tuple[Predicate, float]] = []
    while len(unit.claims) + len(extra) < wanted:
        concept = draw(rng, among=ALL).predicate
        if concept not in [claim.predicate for claim in unit.claims] + [each for each, _ in extra]:
            extra.append((concept, FACTORS[len(extra)]))
    claims = tuple(PlantedClaim.of(each, FULL_LEVEL * factor * share) for each, factor in extra)
    parts = tuple(Scaled(each, factor) for each, factor in extra)
    return _with(unit, Or((unit.predicate, *parts)), (*unit.claims, *claims))


@cache
def _gates() -> tuple[tuple[float, str, int], ...]:
    """(share of words soon after it, word, within how many), by share."""
    least, most = _GATE_RATES
    common = [(word, n / _MILLION) for word, n in frequencies().items() if least <= n <= most and word.isalpha()]
    return tuple(sorted((1 - (1 - share) ** k, word, k) for word, share in common for k in (1, 2, 3, 4, 6, 8)))


def _gate(share: float, rng: np.random.Generator) -> Predicate:
    """A condition that holds on about this share of words, and no more: one of the widest such."""
    fits = [gate for gate in _gates() if gate[0] <= share] or [_gates()[0]]
    _, word, k = pick(rng, fits[-5:])
    return Previous(Word((word,))) if k == 1 else Within(Word((word,)), k)


def _sparser(unit: PlantedUnit, ceiling: float, rng: np.random.Generator) -> PlantedUnit:
    share = 1.0 if unit.hashing is None else unit.hashing.share
    now = rate(unit.predicate) * share
    if now <= ceiling or isinstance(unit.predicate, Never):
        return unit
    if not unit.claims and unit.hashing is not None:
        return replace(unit, hashing=replace(unit.hashing, share=ceiling))
    gate = _gate(ceiling / now, rng)
    claims = tuple(PlantedClaim.of(And((claim.predicate, gate)), claim.level) for claim in unit.claims)
    return _with(unit, And((unit.predicate, gate)), claims)


def _corrupted(unit: PlantedUnit, knobs: Knobs, rng: np.random.Generator) -> PlantedUnit:
    assert knobs.corruption is not None
    interval = Position(*knobs.corruption)
    predicate: Predicate = Unless(unit.predicate, interval)
    claims = tuple(PlantedClaim.of(Unless(claim.predicate, interval), claim.level) for claim in unit.claims)
    if knobs.replaced:
        other = And((draw(rng, 1_000, among=ALL).predicate, interval))
        share = 1.0 if unit.hashing is None else unit.hashing.share
        predicate, claims = Or((predicate, other)), (*claims, PlantedClaim.of(other, FULL_LEVEL * share))
    return _with(unit, predicate, claims)


def _noisy(unit: PlantedUnit, noise: float) -> PlantedUnit:
    """As many words invented as missed, at the unit's own rate in gloss-like text."""
    chance = Hashing(f"noise/{unit.identifier}") if unit.hashing is None else unit.hashing
    own = 0.0 if isinstance(unit.predicate, Never) else rate(unit.predicate) * chance.share
    if isinstance(unit.predicate, Always) and unit.hashing is None:
        own = 0.0
    return replace(unit, hashing=replace(chance, missed=noise, spontaneous=min(1.0, noise * own)))
