"""Circuits that were found in the same subject: another command writes them, so every field is read with care."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.provenance import ROOT

PLACE = Path("results/circuits/found.json")
MOST = 20
LONGEST = 600
# Longer mappings, such as a score for each of 270 heads, are for the file itself.
FLAT, NESTED = 12, 4
_NAMES = ("name", "behaviour", "circuit", "id")


def recorded(subject: str, place: Path = ROOT / PLACE) -> dict[str, Any]:
    """What the file says of this subject's circuits: for each a name and its plain figures, by their own names.

    Returns:
        "from": the file; "circuits": empty where there is no file, where it cannot be read, or where it holds none;
        "said": why there are none.
    """
    told: dict[str, Any] = {"from": str(PLACE), "circuits": [], "said": ""}
    try:
        value = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        return {**told, "said": "none recorded"}
    except (OSError, ValueError):
        return {**told, "said": "none recorded: the file cannot be read"}
    found = [each for each in _entries(value) if str(each.get("subject", subject)) == subject]
    circuits = [_told(each) for each in found[:MOST]]
    return {**told, "circuits": circuits, "said": "" if circuits else "none recorded"}


def _entries(value: Any) -> list[Mapping[str, Any]]:
    """The circuits of a file: a list, a list under a name, or a mapping from names to circuits."""
    if isinstance(value, dict):
        for name in ("circuits", "found", "behaviours"):
            if isinstance(value.get(name), list | dict):
                return _entries(value[name])
        return [
            {"name": name, **each} for name, each in value.items() if isinstance(each, dict) and name != "provenance"
        ]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    name = next((str(entry[key]) for key in _NAMES if entry.get(key)), "unnamed")
    facts = [(key, _plain(each)) for key, each in entry.items() if key not in _NAMES]
    return {"name": name[:LONGEST], "facts": [[key, text] for key, text in facts if text]}


def _plain(value: Any) -> str:
    """A figure, a word or a short list as text; a small mapping as "name value", one within one in brackets.

    Empty for whatever is larger or deeper.
    """
    if isinstance(value, bool | str | int):
        return str(value)[:LONGEST]
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list) and value and all(_is_figure(each) for each in value):
        return ", ".join(map(_plain, value))[:LONGEST]
    if not isinstance(value, dict) or not value:
        return ""
    if len(value) <= FLAT and all(_is_figure(each) for each in value.values()):
        return ", ".join(f"{_words(name)} {_plain(each)}" for name, each in value.items())[:LONGEST]
    inner = [(name, each) for name, each in value.items() if isinstance(each, dict) and _is_small(each)]
    if len(inner) < len(value) or len(value) > NESTED:
        return ""
    return "; ".join(f"{_words(name)} ({_plain(each)})" for name, each in inner)[:LONGEST]


def _is_figure(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_small(value: Mapping[str, Any]) -> bool:
    return 0 < len(value) <= FLAT and all(_is_figure(each) for each in value.values())


def _words(name: str) -> str:
    return name.replace("_", " ")
