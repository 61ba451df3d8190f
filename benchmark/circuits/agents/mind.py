"""Who thinks in the loop over circuits: the protocol of what plans experiments and writes the report."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmark.circuits.agents.desk import Desk, Finding
from benchmark.circuits.agents.experiments import Experiment
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport


@dataclass(frozen=True)
class Objection:
    """Why a submitted report goes back.

    Attributes:
        guardrail: whose.
        text: the reason, for the agent and for people.
        heads: those that it is about; empty where it is about the whole.
        final: no further submission is allowed: the agent abstains.
    """

    guardrail: str
    text: str
    heads: tuple[Head, ...] = ()
    final: bool = False


@dataclass
class Evidence:
    """What an agent knows.

    Attributes:
        desk: the tools.
        findings: of its experiments, in order.
        notes: what was declined or not paid for, in words of our own.
        objections: to what it submitted, in order.
        submitted: its submissions, in order.
        rounds_left: rounds after this one.
    """

    desk: Desk
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    submitted: list[CircuitReport] = field(default_factory=list)
    rounds_left: int = 0

    def of(self, tool: str) -> list[Finding]:
        """Findings of one tool, in order."""
        return [each for each in self.findings if each.experiment.tool == tool]


class Mind(Protocol):
    """Plans, and reports; the loop does the rest."""

    async def plan(self, seen: Evidence) -> Sequence[Experiment]:
        """The next experiments, each with what is expected of it if anything is; none where enough is known."""
        ...

    async def report(self, seen: Evidence) -> CircuitReport:
        """A report, or an abstention with its reason.

        Raises:
            NoReport: a model's answers cannot be read.
        """
        ...


def key(report: CircuitReport) -> tuple[object, ...]:
    """What makes two submissions the same: their heads."""
    return tuple(sorted(report.circuit))
