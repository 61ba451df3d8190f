"""Circuit reports as JSON and in a few words."""

from collections.abc import Mapping
from typing import Any

from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport

_BETWEEN = " > "


def to_json(report: CircuitReport) -> dict[str, Any]:
    """A plain JSON value; `from_json` reads it back."""
    return {
        "circuit": [str(head) for head in sorted(report.circuit)],
        "scores": _named(report.scores),
        "does": {str(head): text for head, text in sorted(report.does.items())},
        "effects": _named(report.effects),
        "edges": {_BETWEEN.join(edge): float(value) for edge, value in sorted(report.edges.items())},
        "wired": [_BETWEEN.join(edge) for edge in sorted(report.wired)],
        "confidence": report.confidence,
        "abstained": report.abstained,
        "reason": report.reason,
    }


def from_json(value: Mapping[str, Any]) -> CircuitReport:
    """Read what `to_json` wrote."""
    return CircuitReport(
        {Head.parse(name): float(score) for name, score in value["scores"].items()},
        frozenset(map(Head.parse, value["circuit"])),
        {Head.parse(name): str(text) for name, text in value["does"].items()},
        {Head.parse(name): float(share) for name, share in value["effects"].items()},
        {_edge(name): float(score) for name, score in value["edges"].items()},
        frozenset(map(_edge, value["wired"])),
        str(value["reason"]),
        None if value.get("confidence") is None else float(value["confidence"]),
    )


def told(report: CircuitReport) -> str:
    """A report on one line; roles may be a model's own words."""
    if report.abstained:
        return f"abstains: {report.reason}"
    parts = [
        f"{head}{f' ({report.does[head]})' if head in report.does else ''} {report.effects.get(head, 0.0):.2f}"
        for head in sorted(report.circuit)
    ]
    edges = f"; edges: {', '.join('>'.join(edge) for edge in sorted(report.wired))}" if report.wired else ""
    sure = "" if report.confidence is None else f"; confidence {report.confidence:.2f}"
    return f"{', '.join(parts)}{edges}{sure}"


def _edge(name: str) -> Edge:
    one, _, other = name.partition(_BETWEEN)
    return one, other


def _named(values: Mapping[Head, float]) -> dict[str, float]:
    return {str(head): float(value) for head, value in sorted(values.items())}
