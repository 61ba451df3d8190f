"""The protocol of guardrails: checks that may send a submitted report back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar, Laboratory
from synthetic_neurons.passages import Floats, Passages


@dataclass(frozen=True, eq=False)
class Submission:
    """A report on its way out.

    Attributes:
        report: what the agent would hand in.
        rivals: competing hypotheses as reports, the runner-up first.
        round: rounds done so far.
        ordinal: how many submissions the guardrail has now been handed, from 1.
        read: predicts levels, float64 [words] 0 to 10, from a report.
        measured: texts that the agent knows the answer of; they can refute nothing any more.
        telling: rounds so far in which the best hypothesis changed, or survived an experiment on which it and its rival
            disagreed about firing.
    """

    report: Report
    rivals: tuple[Report, ...]
    round: int
    ordinal: int
    read: Callable[[Report, Passages], Floats]
    measured: frozenset[str] = frozenset()
    telling: int = 0


@dataclass(frozen=True, eq=False)
class Objection:
    """Why a submission goes back.

    Attributes:
        text: the reason, for the agent and for people.
        counterexamples: measured texts that contradict the report.
        final: no further submission is allowed: the agent abstains.
        retry: the same report may be handed in again later.
    """

    text: str
    counterexamples: tuple[Exemplar, ...] = ()
    final: bool = False
    retry: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """Approval, or one objection.

    Attributes:
        objection: why the submission goes back; None where it is approved.
        measured: every text measured on the way, whatever it showed: they were paid for, and are the agent's data.
    """

    objection: Objection | None = None
    measured: tuple[Exemplar, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether the guardrail lets the submission pass."""
        return self.objection is None


APPROVED = Verdict()


class Guardrail(Protocol):
    """One check; without its approval nothing may be handed in but an abstention, however the session ends.

    Attributes:
        name: in configuration and on the board.
        cost: the most unit queries one check takes; the agent keeps them in reserve.
    """

    name: str
    cost: int

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        """Approve, or object.

        Raises:
            BudgetExceeded: the laboratory's budget does not cover the check.
        """
        ...
