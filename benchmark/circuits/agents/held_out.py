"""What is left of a behaviour on prompts that no explainer has seen: what guardrails measure, and pay for."""

from collections.abc import Sequence

from benchmark.circuits.agents.session import CircuitSession, Preference
from benchmark.circuits.laboratory import NOTHING
from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import Ablation
from synthetic_neurons.passages import Floats


class HeldOut:
    """Shares of the behaviour on the held-out part of the teach prompts, as `benchmark.circuits.faithfulness` has them.

    Args:
        session: pays, the reserve included.
    """

    def __init__(self, session: CircuitSession) -> None:
        self._session, self._laboratory = session, session.held_out
        self._ranges: dict[Ablation, float] = {}

    @property
    def heads(self) -> tuple[Head, ...]:
        """All of the model's."""
        return self._laboratory.heads

    @property
    def each(self) -> int:
        """Heads in a layer."""
        return self._session.each

    @property
    def preference(self) -> Preference:
        """How often the model prefers the right answer; known already."""
        return self._session.held_out_preference

    def range(self, how: Ablation = "mean") -> float:
        """What all heads together change of the logit difference."""
        if how not in self._ranges:
            self._pay(1)
            self._ranges[how] = self._laboratory.whole - float(self._laboratory.keep([frozenset()], how)[0])
        return self._ranges[how]

    def kept(self, sets: Sequence[frozenset[Head]], how: Ablation = "mean") -> Floats:
        """float64 [sets]: the share that each set keeps alone."""
        whole = self._steady(how)
        self._pay(len(sets))
        empty = self._laboratory.whole - self.range(how)
        found: Floats = (self._laboratory.keep(sets, how) - empty) / whole
        return found

    def lost(self, sets: Sequence[frozenset[Head]], how: Ablation = "mean") -> Floats:
        """float64 [sets]: the share that is lost without each set."""
        whole = self._steady(how)
        self._pay(len(sets))
        found: Floats = (self._laboratory.whole - self._laboratory.ablate(sets, how)) / whole
        return found

    def _steady(self, how: Ablation) -> float:
        """The range, away from 0: shares of next to nothing are stated as shares of `NOTHING`."""
        whole = self.range(how)
        return whole if abs(whole) >= NOTHING else NOTHING

    def _pay(self, sets: int) -> None:
        self._session.afford(sets * self._laboratory.prompts, from_reserve=True)
