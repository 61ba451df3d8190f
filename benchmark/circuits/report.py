"""What an explainer says of a circuit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.nodes import Head


@dataclass(frozen=True)
class CircuitReport:
    """An explanation of a behaviour by heads.

    Attributes:
        scores: of every head that was looked at, signed: how much of the behaviour it carries; others count as 0.
        circuit: the heads that are said to be it; empty where it abstains.
        does: what each of them does, in a few words.
        effects: what share of the behaviour is lost with a head, as predicted; others are said to lose nothing.
        edges: who reads whom, by heads' names, `tokens` and `logits`, with a score; empty if it scores none.
        wired: the edges that are said to be the circuit's.
        reason: of an abstention.
        confidence: the explainer's own, 0 to 1; None if it states none.
    """

    scores: Mapping[Head, float]
    circuit: frozenset[Head] = frozenset()
    does: Mapping[Head, str] = field(default_factory=dict)
    effects: Mapping[Head, float] = field(default_factory=dict)
    edges: Mapping[Edge, float] = field(default_factory=dict)
    wired: frozenset[Edge] = frozenset()
    reason: str = ""
    confidence: float | None = None

    @property
    def abstained(self) -> bool:
        """Whether it says that there is no circuit."""
        return not self.circuit

    def loss(self, ablated: frozenset[Head]) -> float:
        """The share of the behaviour that is lost with some heads, as the report predicts it.

        Shares of single heads add up, and no more can be lost than all of it. A reader of ours for every report alike.
        """
        return min(1.0, sum(self.effects.get(head, 0.0) for head in ablated))
