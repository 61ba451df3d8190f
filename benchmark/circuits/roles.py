"""What a head of a circuit does: where it looks, and for whom it writes; and whether a report has it right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmark.circuits.explainers import MATCHES, mass, templates
from benchmark.circuits.kinds.kind import LOGITS, Edge
from benchmark.circuits.laboratory import CircuitLaboratory
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport

Laboratory = TypeVar("Laboratory", bound=CircuitLaboratory)
ELSEWHERE = "elsewhere"
ANSWER, OTHERS = "the answer", "other heads"
# A head writes the answer itself if it says at least this share of it.
SAYS = 0.02
# Where the heads of the cores look, by what they are said to do (`Core.roles`); the others look elsewhere.
LOOKS = {
    "previous token": "previous token",
    "key of each value": "previous token",
    "induction": "induction",
    "first step": "induction",
    "first token": "first token",
}


@dataclass(frozen=True)
class RolesRight:
    """Shares of a circuit's heads of which a report says rightly what they do; of a head it does not name it says none.

    Attributes:
        looks: where they look.
        writes: for whom they write.
    """

    looks: float
    writes: float


def role(looks: str, writes: str) -> str:
    """A role in words."""
    return f"looks at {looks}; writes for {writes}"


def with_roles(explain: Callable[[Laboratory], CircuitReport]) -> Callable[[Laboratory], CircuitReport]:
    """An explainer that says of each head it names what it does, from its attention and its direct share."""

    def explain_roles(laboratory: Laboratory) -> CircuitReport:
        report = explain(laboratory)
        if report.abstained:
            return report
        looks, said = where_heads_look(laboratory), laboratory.direct()
        least = SAYS * abs(laboratory.whole)
        does = {head: role(looks[head], ANSWER if abs(said[head]) >= least else OTHERS) for head in report.circuit}
        return replace(report, does=does)

    return explain_roles


def where_heads_look(laboratory: CircuitLaboratory) -> dict[Head, str]:
    """The template that most of each head's attention lies on, or that it looks elsewhere.

    Raises:
        OverBudget: the attention costs more than is left.
    """
    known, found = templates(laboratory.tokens), dict[Head, str]()
    for layer, pattern in enumerate(laboratory.patterns()):
        for place in range(pattern.shape[1]):
            matches = {name: mass(pattern[:, place], mask) for name, mask in known.items()}
            best = max(matches, key=lambda name: matches[name])
            found[Head(layer, place)] = best if matches[best] >= MATCHES else ELSEWHERE
    return found


def roles_right(report: CircuitReport, told: Mapping[Head, str], edges: frozenset[Edge]) -> RolesRight:
    """A report's roles against what is planted.

    Args:
        report: of a circuit.
        told: what each head of the truth does.
        edges: of the truth.
    """
    said = {head: report.does.get(head, "") if head in report.circuit else "" for head in told}
    looks = [said[head].startswith(f"looks at {LOOKS.get(what, ELSEWHERE)};") for head, what in told.items()]
    writes = [said[head].endswith(f"writes for {ANSWER if (str(head), LOGITS) in edges else OTHERS}") for head in told]
    return RolesRight(sum(looks) / len(told), sum(writes) / len(told))
