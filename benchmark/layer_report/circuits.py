"""Circuits that were found in the same subject: another command writes them, so every field is read with care."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.provenance import ROOT
from benchmark.statistics.headline import THREE_SIGMA

PLACE = Path("results/circuits/found.json")
MOST = 20
LONGEST = 60
FIGURES = ("own", "random", "greatest", "p", "circuits", "prompts")


def recorded(subject: str, place: Path = ROOT / PLACE) -> dict[str, Any]:
    """What the file says of the circuits of this subject that its methods have in common.

    Returns:
        "from": the file, and "commit" at which it was made; "circuits": a row for each circuit and way of ablating,
        empty where there is no file, where it cannot be read, or where it holds none; "said": why there are none.
    """
    told: dict[str, Any] = {"from": str(PLACE), "commit": None, "circuits": [], "said": ""}
    try:
        value = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        return {**told, "said": "none recorded"}
    except (OSError, ValueError):
        return {**told, "said": "none recorded: the file cannot be read"}
    made = _mapping(_mapping(value).get("provenance"))
    whose = _mapping(made.get("subject")).get("subject", made.get("subject", subject))
    if whose != subject:
        return {**told, "said": f"none recorded for {subject}"}
    named = list(_mapping(_mapping(value).get("behaviours")).items())[:MOST]
    rows = [row for name, circuit in named for row in _rows(str(name), _mapping(circuit))]
    return {**told, "commit": made.get("commit"), "circuits": rows, "said": "" if rows else "none recorded"}


def _rows(name: str, circuit: Mapping[str, Any]) -> list[dict[str, Any]]:
    heads = circuit.get("common")
    return [
        {
            "name": name[:LONGEST],
            "heads": len(heads) if isinstance(heads, list) else None,
            "way": str(way)[:LONGEST],
            **{figure: _figure(ranks.get(figure)) for figure in FIGURES},
            "verdict": _verdict(_figure(ranks.get("p"))),
        }
        for way, ranks in _mapping(circuit.get("common_ranks")).items()
        if isinstance(ranks, dict)
    ]


def _verdict(p: float | None) -> str:
    if p is None:
        return "not ranked"
    return "above chance at 3σ" if p < THREE_SIGMA else "not above chance at 3σ"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _figure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
