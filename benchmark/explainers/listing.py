"""`viva explainers`: every built-in explainer in a line, in three groups."""

import json
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from benchmark.explainers.registry import ALL_TIERS, EXPLAINERS, Cost, Entry

WIDTH = 120
_GAP = "  "
# How the summaries of controls begin: they are there for comparison, and explain nothing themselves.
_CONTROLS = ("control:", "ceiling:")
WITHOUT, WITH, CONTROLS = "without a model", "with a model", "controls"
_HEADS = {
    WITHOUT: "Without a model",
    WITH: "With a model: add model=embedded, model.name=<an Inspect model>, or model=local path=<a GGUF file>",
    CONTROLS: "Controls and the ceiling, without a model",
}
COSTS: Mapping[Cost, str] = {
    "nothing": "no work",
    "seconds": "computing alone",
    "queries": "texts measured on the unit too",
    "one call": "one question to the model",
    "calls": "several",
    "loop": "questions, queries and practice until it is done or the budget is spent",
}
_YOURS = "Yours: viva run explainer=path/to/mine.py@mine (docs/explainers.md)"


def group(entry: Entry) -> str:
    """Where an explainer is listed."""
    if entry.summary.startswith(_CONTROLS):
        return CONTROLS
    return WITH if entry.needs_model else WITHOUT


def to_json() -> str:
    """All explainers, for programs."""
    return json.dumps({"explainers": [_row(name) for name in EXPLAINERS], "costs": COSTS, "tiers": ALL_TIERS}, indent=1)


def _row(name: str) -> dict[str, Any]:
    entry = EXPLAINERS[name]
    return {
        "name": name,
        "group": group(entry),
        "cost": entry.cost,
        "needs_model": entry.needs_model,
        "declares_predicates": entry.declares_predicates,
        "meets_guardrails": entry.guarded,
        "applies_to": entry.applies_to,
        "summary": entry.summary,
    }


def to_text() -> str:
    """All explainers, for people: at most 120 columns wide."""
    groups = {head: [name for name, each in EXPLAINERS.items() if group(each) == head] for head in _HEADS}
    parts = ["\n".join([_HEADS[head], *_table(names)]) for head, names in groups.items()]
    costs = "; ".join(f"{name}: {meaning}" for name, meaning in COSTS.items())
    return "\n\n".join([*parts, "\n".join([*wrap(f"Cost of one unit. {costs}.", WIDTH), _YOURS])])


def _table(names: Sequence[str]) -> Iterator[str]:
    rows = [("name", "cost", "what it does (for which tiers, unless for all)")]
    rows += [(name, EXPLAINERS[name].cost, EXPLAINERS[name].summary + _tiers(EXPLAINERS[name])) for name in names]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    for *cells, told in rows:
        line = _GAP + _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + _GAP
        # What is too long goes on below; tests keep it short.
        first, *more = wrap(told, WIDTH - len(line))
        yield line + first
        yield from (" " * len(line) + each for each in more)


def _tiers(entry: Entry) -> str:
    """Those that it applies to, or does not, whichever is shorter."""
    of, left_out = ([tier for tier in ALL_TIERS if (tier in entry.applies_to) == kept] for kept in (True, False))
    named = ", ".join(of) if len(of) <= len(left_out) else f"all but {', '.join(left_out)}"
    return f" ({named})" if left_out else ""
