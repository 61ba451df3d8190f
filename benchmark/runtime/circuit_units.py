"""Units of the circuits task: planted circuits and their two kinds of null by name, with models and examiners."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from benchmark.circuits.agents.explainers import Supplies
from benchmark.circuits.agents.guardrails.registry import select
from benchmark.circuits.agents.session import CircuitSession, nulls, parted
from benchmark.circuits.grading import CircuitExaminer
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.planted import EACH, LAYERS, PlantedCircuit, plant
from benchmark.clock import Clock
from benchmark.errors import UserError
from benchmark.laboratory import Budget
from benchmark.subjects.native import NativeMachine

PLANTED, NULL, HOLLOW = "planted", "null", "hollow"
TIERS = (PLANTED, NULL, HOLLOW)
# Where there is no circuit: the right answer is to abstain.
NULLS = (NULL, HOLLOW)
# A generator of random numbers takes no greater seeds everywhere.
MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class CircuitUnit:
    """One behaviour of one planted model.

    Attributes:
        kind: of the circuit.
        seed: of the model.
        tier: "planted"; "null", whose answers are shuffled, so that no part of the model carries it; or "hollow", the
            model with its circuit's heads silenced, decoys and noise left.
    """

    kind: str
    seed: int
    tier: str

    @property
    def identifier(self) -> str:
        """In logs and tables."""
        return f"{self.tier}-{self.kind.replace('_', '-')}-{self.seed}"

    def session(self, budget: Budget, clock: Clock | None = None) -> CircuitSession:
        """A fresh session."""
        parts = parted(planted(self.kind, self.seed).teach)
        shown, held_out = nulls(parts, self._tosses) if self.tier == NULL else parts
        model = hollow(self.kind, self.seed) if self.tier == HOLLOW else machine(self.kind, self.seed)
        return CircuitSession(model, shown, held_out, budget, clock)

    @property
    def _tosses(self) -> int:
        """The seed of a null's tosses: the kinds' nulls are not shuffled alike."""
        return zlib.crc32(self.identifier.encode())

    def supplies(self, guardrails: str, seed: int = 0) -> Supplies:
        """What an explainer is given; the oracle's truth is what the grader holds reports against, nothing on nulls."""
        if self.tier in NULLS:
            return Supplies(frozenset(), seed=seed, guardrails=select(guardrails))
        examiner = self.examiner()
        return Supplies(examiner.planted.circuit, examiner.edges, seed, select(guardrails))

    def examiner(self) -> CircuitExaminer:
        """Who grades reports of the planted circuit."""
        return _examiner(self.kind, self.seed)


def units_of(kinds: str, seeds: str, tiers: str) -> list[CircuitUnit]:
    """Units chosen by comma lists; empty kinds are all of them.

    Raises:
        UserError: an unknown kind or tier, or a seed that is none; with the nearest valid one.
    """
    chosen = [_known("kind", each, tuple(KINDS)) for each in _parts(kinds)] or list(KINDS)
    numbers = [_seed(each) for each in _parts(seeds)]
    found = [_known("tier", each, TIERS) for each in _parts(tiers)]
    if not numbers or not found:
        raise UserError("seeds and tiers name nothing; write seeds=0,1 and tiers=planted,null,hollow")
    return [CircuitUnit(kind, seed, tier) for tier in found for kind in chosen for seed in numbers]


def _parts(text: str) -> list[str]:
    return list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))


def _known(what: str, name: str, choices: Sequence[str]) -> str:
    if name in choices:
        return name
    close = get_close_matches(name, choices, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(choices)}"
    raise UserError(f"no {what} of circuit {name!r}; {hint}")


def _seed(text: str) -> int:
    # Its length first: Python refuses to read a number of thousands of digits.
    if not text.isdecimal() or len(text) > len(str(MOST_SEED)) or int(text) > MOST_SEED:
        raise UserError(
            f"seeds={text[:20]!r} is no seed; give whole numbers from 0 to {MOST_SEED} with commas between, such as 0,1"
        )
    return int(text)


@lru_cache(maxsize=64)
def planted(kind: str, seed: int) -> PlantedCircuit:
    """A planted circuit, once a process."""
    return plant(kind, seed)


@lru_cache(maxsize=64)
def machine(kind: str, seed: int) -> NativeMachine:
    """Its model, once a process."""
    return NativeMachine(planted(kind, seed).weights, LAYERS, EACH)


@lru_cache(maxsize=64)
def hollow(kind: str, seed: int) -> NativeMachine:
    """The model without its circuit, once a process."""
    return NativeMachine(planted(kind, seed).hollow(), LAYERS, EACH)


@lru_cache(maxsize=64)
def _examiner(kind: str, seed: int) -> CircuitExaminer:
    made = planted(kind, seed)
    layers = 1 + max(head.layer for head in made.core.weights.heads)
    return CircuitExaminer(made, machine(kind, seed), NativeMachine(made.core.weights, layers, 1))
