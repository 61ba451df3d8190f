"""A language model's plans and reports on circuits, read tolerantly; nothing of them is followed or run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.circuits.agents.experiments import (
    MOST_EDGES,
    Declined,
    Experiment,
    edges_in,
    experiments,
    heads_in,
    share,
)
from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.roles import ELSEWHERE, OTHERS, role
from benchmark.explainers.replies import Unreadable, answer_object
from benchmark.printable import harmless

LONGEST_ROLE, LONGEST_REASON = 80, 200
_OF_AN_EXPERIMENT = {"tool", "expected"}
_EXPERIMENT = {
    "type": "object",
    "properties": {
        "tool": {"type": "string"},
        "heads": {"type": "array", "items": {"type": "string"}},
        "how": {"type": "string"},
        "steps": {"type": "integer"},
        "prompt": {"type": "integer"},
        "edges": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "expected": {"type": "number"},
    },
    "required": ["tool"],
    "additionalProperties": False,
}
PLAN: Mapping[str, Any] = {
    "type": "object",
    "properties": {"experiments": {"type": "array", "items": _EXPERIMENT}},
    "required": ["experiments"],
    "additionalProperties": False,
}
_HEAD = {
    "type": "object",
    "properties": {
        "head": {"type": "string"},
        "looks": {"type": "string"},
        "writes": {"type": "string"},
        "effect": {"type": "number"},
    },
    "required": ["head"],
    "additionalProperties": False,
}
REPORT: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "heads": {"type": "array", "items": _HEAD},
        "edges": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
        "confidence": {"type": "number"},
        "abstain": {"type": "boolean"},
        "reason": {"type": "string"},
    },
    "required": ["heads"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Planned:
    """What a plan holds.

    Attributes:
        experiments: that can be run.
        declined: what was wrong with the others.
    """

    experiments: Sequence[Experiment]
    declined: Sequence[Declined]


def read_plan(reply: str, layers: int, each: int, prompts: int) -> Planned:
    """The experiments of an answer; none where it asks for none.

    Raises:
        Unreadable: it has no list of experiments.
    """
    stated = answer_object(reply, ("experiments",)).get("experiments")
    if isinstance(stated, dict):
        stated = [stated]
    if not isinstance(stated, list):
        raise Unreadable("wrong_shape", "no list of experiments in the answer")
    return Planned(*experiments(stated, layers, each, prompts))


@dataclass(frozen=True)
class Reported:
    """What an answer reports.

    Attributes:
        report: the report.
        declined: heads and edges that the model does not have.
    """

    report: CircuitReport
    declined: Sequence[Declined]


def read_report(reply: str, layers: int, each: int) -> Reported:
    """A report, or an abstention.

    Raises:
        Unreadable: it names no head of the model, and does not abstain.
    """
    stated = answer_object(reply, ("heads", "abstain"))
    if _OF_AN_EXPERIMENT & set(stated):
        # It has heads too, and is found inside a plan.
        raise Unreadable("wrong_shape", "an experiment where a report was asked for")
    if stated.get("abstain") is True:
        reason = one_line(stated.get("reason"), LONGEST_REASON) or "no reason given"
        return Reported(CircuitReport({}, reason=reason, confidence=share(stated.get("confidence"))), ())
    does, effects, declined = _heads(stated.get("heads"), layers, each)
    if not effects:
        why = f": {declined[0]}" if declined else ""
        raise Unreadable("wrong_shape", f"no head of the model in the answer{why}")
    edges, strange = _edges(stated.get("edges"), layers, each)
    report = CircuitReport(
        # A head that is named counts for something, however small.
        {head: max(effect, 1e-6) for head, effect in effects.items()},
        frozenset(effects),
        does,
        effects,
        edges,
        frozenset(edges),
        confidence=share(stated.get("confidence")),
    )
    return Reported(report, [*declined, *strange])


def _heads(stated: object, layers: int, each: int) -> tuple[dict[Head, str], dict[Head, float], list[Declined]]:
    """Roles and effects of the heads of the model; an effect that is not stated is an equal share."""
    does, effects, declined = dict[Head, str](), dict[Head, float](), list[Declined]()
    rows = stated if isinstance(stated, list) else [stated] if isinstance(stated, dict | str) else []
    for row in rows[: 4 * layers * each]:
        told = row if isinstance(row, dict) else {"head": row}
        try:
            found = heads_in(told.get("head", told.get("name")), layers, each)
        except Declined as error:
            declined.append(error)
            continue
        for head in found:
            effect = share(told.get("effect"))
            effects[head] = 1.0 / len(rows) if effect is None else effect
            if said := _role(told):
                does[head] = said
    return does, effects, declined


def _edges(stated: object, layers: int, each: int) -> tuple[dict[Edge, float], list[Declined]]:
    found, declined = dict[Edge, float](), list[Declined]()
    for pair in stated[:MOST_EDGES] if isinstance(stated, list) else []:
        try:
            found |= dict.fromkeys(edges_in([pair], layers, each), 1.0)
        except Declined as error:
            declined.append(error)
    return found, declined


def _role(told: Mapping[str, Any]) -> str:
    """What a head is said to do: where it looks and for whom it writes, else in the model's own words."""
    looks, writes = (one_line(told.get(name), LONGEST_ROLE).lower() for name in ("looks", "writes"))
    if looks or writes:
        return role(looks or ELSEWHERE, writes or OTHERS)
    return one_line(told.get("role"), LONGEST_ROLE)


def one_line(value: object, longest: int) -> str:
    """A model's words on one line, cut, without control characters; they are still data."""
    return " ".join(harmless(value[: 4 * longest]).split())[:longest] if isinstance(value, str) else ""
