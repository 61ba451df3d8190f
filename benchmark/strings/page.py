"""The results on string units as Markdown, from the JSON that is written beside it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmark.leaderboard.markdown import escape

_HEAD = (
    "explainer",
    "reader",
    "units",
    "r",
    "95% interval",
    "AUPRC",
    "simulation accuracy",
    "outcomes",
    "unit queries",
)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(r: Mapping[str, Any]) -> str:
    return "under 10 units" if r["low"] is None else f"{r['low']:.3f} to {r['high']:.3f}"


def _row(row: Mapping[str, Any]) -> list[str]:
    outcomes = ", ".join(f"{count} {name}" for name, count in row["outcomes"].items())
    r = row["r"]
    return [
        *(row["explainer"], row["reader"], str(row["units"])),
        *(("declares none", "–") if r is None else (_number(r["mean"]), _interval(r))),
        *(_number(row["auprc"]), _number(row["simulation_accuracy"]), outcomes, f"{row['unit_queries']:.0f}"),
    ]


def _rows(rows: Iterable[Mapping[str, Any]]) -> str:
    return _table(_HEAD, map(_row, rows))


def _by_unit(found: Mapping[str, Any]) -> str:
    names = [name for name in found["units"][0]["r"] if name not in ("constant", "oracle")]
    rows = (
        [
            unit["identifier"],
            unit["shape"],
            unit["like"] or "ours",
            unit["cue"],
            *(_number(unit["r"][name]) for name in names),
        ]
        for unit in found["units"]
    )
    return _table(("unit", "shape", "kind", "cue", *names), rows)


def to_markdown(found: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        found: what `board.examine` returns.
    """
    ceiling = found["ceiling"]["r"]
    parts = [
        "# String functions as units",
        f"{found['units_examined']} units; each fires on a word that is its string function of the word before it. The "
        "functions are of the kinds of FIND's (arXiv 2309.03886), whose repository has no licence: they are written "
        f"anew. r is at the base rate of the exam's texts ({found['exam_texts_a_unit']} a unit, a quarter of them "
        f"firing; {found['firing_rate_a_word']:.2%} of words fire), with input words and templates not in teach. "
        "No predicate can say a string function: the oracle's report is prose, so the executable reader *declares "
        "none* on it and it stands in no mean; the lookup reader, which reads any prose, shows what such a reader "
        "makes of the truth. Intervals are over units. Written by `python -m benchmark.strings`, seed "
        f"{found['seed']}.",
        "Readers' thresholds, and the strangers of the significance guardrail and of the placebo, are those of "
        f"`{found['calibrated_on']}`. Simulation accuracy is over the exam's texts, a quarter of them firing, a "
        "quarter near-misses and half silent: other shares than a suite's own items have.",
        f"Ceiling: the function itself, read from its JSON and run by its own interpreter: r {ceiling['mean']:.3f} "
        f"({ceiling['n']} units).",
        _rows(found["rows"]),
        *(f"## {shape.capitalize()}\n\n{_table(_HEAD, map(_row, rows))}" for shape, rows in found["by_shape"].items()),
        *(
            f"## Cue in single words: {cue}\n\n{_table(_HEAD, map(_row, rows))}"
            for cue, rows in found["by_cue"].items()
        ),
        "## By unit: r, executable reader",
        _by_unit(found),
        "## The truths",
        "\n".join(f"- {unit['identifier']}: {escape(unit['truth'])}" for unit in found["units"]),
    ]
    return "\n\n".join(parts) + "\n"
