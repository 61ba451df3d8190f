"""The protocol of guardrails of circuits."""

from dataclasses import dataclass, field
from typing import Protocol

from benchmark.circuits.agents.held_out import HeldOut
from benchmark.circuits.agents.mind import Objection
from benchmark.circuits.agents.session import CircuitSession
from benchmark.circuits.report import CircuitReport


@dataclass(frozen=True, eq=False)
class Submission:
    """A report on its way out; never an abstention.

    Attributes:
        report: what the agent would hand in.
        held_out: where it is checked.
        ordinal: the how-manieth submission of this session, from 1.
        notes: what guardrails that approve have to say all the same, by their names; they write it.
    """

    report: CircuitReport
    held_out: HeldOut
    ordinal: int = 1
    notes: dict[str, str] = field(default_factory=dict)


class CircuitGuardrail(Protocol):
    """One check; without its approval nothing may be handed in but an abstention.

    Attributes:
        name: in configuration and in logs.
    """

    name: str

    def cost(self, session: CircuitSession) -> int:
        """Prompts that one check of a circuit of a quarter of the heads runs; they are kept in reserve."""
        ...

    def check(self, submission: Submission) -> Objection | None:
        """None approves.

        Raises:
            OverBudget: the check cannot be paid for.
        """
        ...


def quarter(session: CircuitSession) -> int:
    """As many heads as a planted circuit has at most."""
    return max(1, len(session.laboratory.heads) // 4)
