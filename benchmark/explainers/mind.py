"""Who thinks in a loop: the protocol of whatever proposes hypotheses and the experiments that tell them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmark.explainers.experiments import Prediction, Read
from benchmark.explainers.report import Report
from benchmark.guardrails.guardrail import Objection
from benchmark.laboratory import Exemplar, PracticeGrade

# From this level on (0 to 10) a prediction says "fires".
FIRES = 1.0


@dataclass(frozen=True, eq=False)
class Idea:
    """One hypothesis.

    Attributes:
        report: what would be handed in.
        score: what the mind itself gives for it; orders, and is shown.
    """

    report: Report
    score: float


@dataclass(frozen=True)
class Outcome:
    """An experiment with what came of it.

    Attributes:
        prediction: written down before the measurement.
        exemplar: what was measured.
    """

    prediction: Prediction
    exemplar: Exemplar

    @property
    def failed(self) -> bool:
        """Whether the best hypothesis was wrong about firing."""
        return (self.prediction.top >= FIRES) != (self.exemplar.peak > 0)

    @property
    def real(self) -> bool:
        """Whether best and rival disagreed about firing: only then could the one have fallen and the other stood."""
        return (self.prediction.top >= FIRES) != (self.prediction.runner_up >= FIRES)


@dataclass
class Evidence:
    """What an agent has seen of its unit.

    Attributes:
        exemplars: teach windows.
        measured: texts measured for this agent, guardrails' tests included, by text.
        outcomes: the agent's own experiments, in order.
        practised: each report that was practised, with its grade on P0.
        objections: the guardrails that objected, and how, in order.
        refused: reports that a guardrail will not see again, by `key`.
    """

    exemplars: Sequence[Exemplar]
    measured: dict[str, Exemplar] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    practised: Mapping[str, tuple[Report, PracticeGrade]] = field(default_factory=dict)
    objections: list[tuple[str, Objection]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


def key(report: Report) -> str:
    """What makes two reports the same."""
    return repr([(claim.predicate or claim.text, claim.level) for claim in report.claims])


class Mind(Protocol):
    """Proposes, and designs; the loop does the rest.

    Attributes:
        read: predicts levels from a report, float64 [words] 0 to 10.
    """

    read: Read

    async def ideas(self, evidence: Evidence) -> Sequence[Idea]:
        """Competing hypotheses, best first; none where nothing can be said.

        Raises:
            NoReport: a model's answers cannot be read.
        """
        ...

    async def experiments(self, ideas: Sequence[Idea], evidence: Evidence, limit: int) -> Sequence[Prediction]:
        """At most `limit` texts that nobody measured yet, each with what the best and its rival say of it."""
        ...

    def trivial(self, ideas: Sequence[Idea]) -> bool:
        """Whether the unit is dead or always on: there is a right description, and nothing to correlate."""
        ...

    def held_out_r(self, evidence: Evidence) -> float | None:
        """How well the teach windows predict one another, as far as this mind can tell without a query."""
        ...
