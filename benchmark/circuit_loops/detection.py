"""What each guardrail sends back: reports of planted circuits that are right, or wrong in a known way."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmark.circuits.agents.guardrails.guardrail import Submission
from benchmark.circuits.agents.guardrails.registry import GUARDRAILS
from benchmark.circuits.agents.held_out import HeldOut
from benchmark.circuits.explainers import attention_score, random
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.laboratory import Budget
from benchmark.runtime.circuit_units import HOLLOW, NULL, PLANTED, CircuitUnit, planted

# What may be run for one verdict: this study looks at verdicts, not at budgets.
# Sorts of report on behaviours that have no circuit.
ON_NULLS = {NULL: "right circuit, shuffled answers", HOLLOW: "right circuit, hollow model"}
PLENTY = Budget(unit_queries=10_000_000, seconds=1e6)


@dataclass(frozen=True)
class Verdict:
    """One guardrail on one report.

    Attributes:
        guardrail: which.
        sort: of the report.
        unit: the behaviour.
        sent_back: whether it objected.
        named: whether the heads that it named are those that are wrong, where it named any.
        resolvable: whether it could have objected at all.
    """

    guardrail: str
    sort: str
    unit: str
    sent_back: bool
    named: bool | None
    resolvable: bool = True


def verdicts(unit: CircuitUnit) -> Iterator[Verdict]:
    """Every guardrail, by itself, on every sort of report of a unit; on a null, on the planted circuit's report."""
    session = unit.session(PLENTY)
    sorts = _sorts(unit) if unit.tier == PLANTED else {ON_NULLS[unit.tier]: (_truth(unit), frozenset[Head]())}
    held_out = HeldOut(session)
    for sort, (heads, decoys) in sorts.items():
        for name, make in GUARDRAILS.items():
            submission = Submission(CircuitReport({}, heads), held_out)
            found = make().check(submission)
            named = None if found is None or not found.heads else set(found.heads) == set(decoys)
            yield Verdict(name, sort, unit.identifier, found is not None, named, not submission.notes)


def _truth(unit: CircuitUnit) -> frozenset[Head]:
    return planted(unit.kind, unit.seed).circuit


def _sorts(unit: CircuitUnit) -> dict[str, tuple[frozenset[Head], frozenset[Head]]]:
    """Sort of report to its heads, and to those among them that do nothing."""
    made = planted(unit.kind, unit.seed)
    laboratory = unit.session(PLENTY).laboratory
    by_role = {
        role: sorted(head for head, own in made.roles.items() if own == role) for role in set(made.roles.values())
    }
    imitator, dormant = frozenset(by_role["imitator"][:1]), frozenset(by_role["dormant"])
    last = made.does[max(made.circuit)]
    lacking = frozenset(head for head in made.circuit if made.does[head] != last)
    some = frozenset(sorted(made.circuit)[1:])
    attending = attention_score()(laboratory).circuit
    found = {
        "right": (made.circuit, frozenset[Head]()),
        "one imitator beside it": (made.circuit | imitator, imitator),
        "the dormant path beside it": (made.circuit | dormant, dormant),
        "one head missing": (some, frozenset[Head]()),
        "the last role missing": (lacking, frozenset[Head]()),
        "decoys alone": (frozenset(by_role["imitator"]) | dormant, frozenset(by_role["imitator"]) | dormant),
        "random heads": (random(unit.seed)(laboratory).circuit, frozenset[Head]()),
        "by attention alone": (attending, attending - made.circuit),
    }
    return {sort: pair for sort, pair in found.items() if pair[0]}


def shares(found: list[Verdict]) -> list[dict[str, Any]]:
    """By guardrail and sort of report: how many of how many were sent back, and how often it named the right heads."""
    made = []
    for guardrail, sort in dict.fromkeys((each.guardrail, each.sort) for each in found):
        some = [each for each in found if (each.guardrail, each.sort) == (guardrail, sort)]
        named = [each.named for each in some if each.named is not None]
        sent = sum(each.sent_back for each in some)
        row = {"guardrail": guardrail, "sort": sort, "n": len(some), "sent_back": sent, "share": sent / len(some)}
        row["resolvable"] = sum(each.resolvable for each in some)
        made.append(row | {"named_any": len(named), "named_right": sum(map(bool, named))})
    return made


def any_of(found: list[Verdict]) -> list[Verdict]:
    """Whether any guardrail objects, as one more: what an agent under all of them meets.

    Of a report of which one of them was not asked nothing is said.
    """
    made, everyone = [], {each.guardrail for each in found}
    for sort, unit in dict.fromkeys((each.sort, each.unit) for each in found):
        some = [each for each in found if (each.sort, each.unit) == (sort, unit)]
        if {each.guardrail for each in some} == everyone:
            made.append(Verdict("any", sort, unit, any(each.sent_back for each in some), None))
    return made
