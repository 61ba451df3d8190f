"""A report of a planted circuit graded against its truth, on prompts that nobody was shown."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.circuits.agreement import Agreement, Foresight, foresight, interventions, of_edges, of_heads
from benchmark.circuits.carried import carried
from benchmark.circuits.edges import EdgeRunner, edges
from benchmark.circuits.faithfulness import RANDOM, Chance, Faithfulness, Shares, graded
from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.planted import PlantedCircuit, Role, spread
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.roles import RolesRight, roles_right
from benchmark.circuits.runner import ABLATIONS, Ablation, Machine, Runner

# Prompts of an exam, of the ranks among random circuits, and of the search for edges that carry something.
EXAM, RANKED, EDGES = 96, 16, 32
# Of the interventions and of the random circuits.
SEED = 104_729
# The way of ablating that ranks and predicted effects are stated under.
STATED: Ablation = "mean"


@dataclass(frozen=True)
class CircuitGrade:
    """What a report is worth.

    Attributes:
        faithfulness: under each way of ablating.
        p: chance that a random circuit of the same size in the same layers keeps as much; 1 of an abstention.
        least_p: the smallest that p could be; above 3 sigma where too few circuits match: not resolvable.
        heads, edges: agreement with the planted ones; None of edges where the report scores none.
        roles: of the planted heads.
        foresight: of interventions that it has not seen.
        named: how many heads of each role it names.
    """

    faithfulness: Mapping[Ablation, Faithfulness]
    p: float
    least_p: float
    heads: Agreement
    edges: Agreement | None
    roles: RolesRight
    foresight: Foresight
    named: Mapping[Role, int]


class CircuitExaminer:
    """Grades reports of one planted circuit; what several of them need is run once.

    Args:
        planted: the circuit.
        machine: its model.
        core: the model of its core, from which it is known which edges carry anything.
        prompts: of the exam.
    """

    def __init__(self, planted: PlantedCircuit, machine: Machine, core: Machine, prompts: int = EXAM) -> None:
        self.planted = planted
        self.exam = Runner(machine, planted.exam.part(0, prompts))
        self.shares = {how: Shares(self.exam, how) for how in ABLATIONS}
        self.chance = Chance(Shares(Runner(machine, planted.exam.part(0, RANKED)), STATED), seed=SEED)
        self.edges: frozenset[Edge] = spread(
            carried(EdgeRunner(Runner(core, planted.exam.part(0, EDGES))), planted.core.edges), planted.places
        )
        self._interventions = interventions(planted.circuit, self.exam.heads, SEED)

    def grade(self, report: CircuitReport) -> CircuitGrade:
        """Grade a report; an abstention has nothing named, keeps nothing and predicts that nothing is lost."""
        truth = self.planted
        return CircuitGrade(
            {how: graded(report, shares, SEED) for how, shares in self.shares.items()},
            1.0 if report.abstained else self.chance.p(report.circuit),
            1.0 / (RANDOM + 1) if report.abstained else self.chance.least(report.circuit),
            of_heads(report, truth.circuit, self.exam.heads),
            of_edges(report, self.edges, edges(self.exam.heads)) if report.edges else None,
            roles_right(report, truth.does, self.edges),
            foresight(report, self.shares[STATED], self._interventions),
            dict(Counter(truth.roles[head] for head in report.circuit)),
        )
