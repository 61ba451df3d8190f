"""`delphi_detection.json`, `.md` and `.svg`: the comparison as it is written down."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.comparison.compared import PAIRS, Beside, Pair
from benchmark.comparison.gap import MEANING
from benchmark.comparison.scatter import Panel, Point, figure
from benchmark.leaderboard.markdown import escape
from benchmark.rounding import rounded_json

SHOWN = ("accuracy", "r", "f1")
TICKS = {
    "accuracy": (0.25, 0.5, 0.75, 1.0),
    "simulation_accuracy": (0.25, 0.5, 0.75, 1.0),
    "r": (-0.25, 0.0, 0.25, 0.5, 0.75, 1.0),
    "f1": (0.0, 0.25, 0.5, 0.75, 1.0),
    "f1_score": (0.0, 0.25, 0.5, 0.75, 1.0),
}
LONGEST = 160


def publish(out: Path, facts: Mapping[str, Any], beside: Mapping[str, Beside]) -> list[Path]:
    """Write everything down.

    Args:
        out: the JSON file; Markdown and figure lie beside it.
        facts: what it was made of, with "readers": reader to `summary`.
        beside: reader to its cases.

    Returns:
        The files, JSON first.
    """
    texts = {
        out: json.dumps(rounded_json(facts), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        out.with_suffix(".md"): markdown(facts, out.with_suffix(".svg").name),
        out.with_suffix(".svg"): scatter(facts, beside),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return list(texts)


def scatter(facts: Mapping[str, Any], beside: Mapping[str, Beside]) -> str:
    """The figure: a row of panels for each reader."""
    panels = [_row(reader, side, facts["readers"][reader]) for reader, side in beside.items()]
    flat = [panel for row in panels for panel in row]
    title = f"delphi's detection score and ours: {facts['explainer']} on {facts['units']} {facts['tier']} units"
    note = "One dot a unit. Dashed: both say the same (accuracy a as r: 2a - 1). Ringed: the five largest differences."
    return figure(title, note, flat, len(SHOWN))


def _row(reader: str, beside: Beside, summary: Mapping[str, Any]) -> list[Panel]:
    made = []
    for pair in (pair for pair in PAIRS if pair.name in SHOWN):
        ringed = beside.largest(pair.name) if pair.name != "accuracy" else []
        theirs, ours = beside.values(pair)
        points = tuple(
            Point(float(x), float(y), case.unit, place in ringed)
            for place, (x, y, case) in enumerate(zip(theirs, ours, beside.cases, strict=True))
        )
        line = ((0.375, -0.25), (1.0, 1.0)) if pair.ours == "r" else ((0.25, 0.25), (1.0, 1.0))
        note = f"r {_of(summary['pairs'][pair.name]['pearson'])}"
        axes = f"delphi's {pair.theirs.replace('_score', '')}", f"our {pair.ours.replace('_', ' ')}"
        made.append(Panel(f"{reader}: {pair.name}", note, *axes, (TICKS[pair.theirs], TICKS[pair.ours]), line, points))
    return made


def markdown(facts: Mapping[str, Any], figure_name: str) -> str:
    """The page; text of reports is escaped."""
    parts = [
        "# delphi's detection score and ours",
        _what(facts),
        f"![Both scores of every unit]({figure_name})",
        "## What the steps are",
        "\n".join(f"- **{name}**: {meaning}." for name, meaning in MEANING.items()),
        *(part for reader, summary in facts["readers"].items() for part in _reader(reader, summary)),
    ]
    return "\n\n".join(parts) + "\n"


def _what(facts: Mapping[str, Any]) -> str:
    others = ", ".join(f"{count} {escape(kind)}" for kind, count in facts["without_report"].items()) or "none"
    return (
        f"eai-delphi {escape(facts['delphi'])} and this benchmark score the reports of {escape(facts['explainer'])} "
        f"on the same {facts['units']} {facts['tier']} units of suite {escape(facts['suite'])} "
        f"(`{facts['suite_hash'][:12]}`), on each unit's own windows, from the same decisions of the same reader. "
        f"Units drawn by seed {facts['seed']} from those with a report; without one: {others} (delphi has no score for "
        "an abstention). Intervals are bootstraps over units, 95%. Made by "
        "`python -m benchmark.comparison.delphi_detection`."
    )


def _reader(reader: str, summary: Mapping[str, Any]) -> list[str]:
    return [
        f"## By the {reader} reader",
        _table(
            ("delphi's, beside ours", "mean", "ours", "Pearson", "Spearman", "largest difference"),
            [_pair_line(pair, summary["pairs"][pair.name]) for pair in PAIRS],
        ),
        *(part for to in ("r", "f1") for part in _gap(to, summary)),
    ]


def _gap(to: str, summary: Mapping[str, Any]) -> list[str]:
    steps, largest = summary["steps"][to], summary["largest"][to]
    names = list(steps["mean"])
    title = "delphi's accuracy (as 2a − 1) less r" if to == "r" else "delphi's F1 less F1 at base rate"
    counts = ", ".join(f"{name} on {count}" for name, count in sorted(steps["causes"].items(), key=lambda e: -e[1]))
    mean = ["mean of all units", "", "", _signed(steps["mean_gap"]), *(_signed(steps["mean"][n]) for n in names), ""]
    rows = [
        [e["unit"], *(f"{e[k]:.2f}" for k in ("theirs", "ours")), _signed(e["gap"])]
        + [_signed(e["steps"][name]) for name in names]
        + [e["cause"]]
        for e in largest
    ]
    head = ("unit", "delphi's", "ours", "difference", *names, "cause")
    return [
        f"### {title}",
        f"The step that does most for the difference: {counts} (units). The five largest differences:",
        _table(head, [*rows, mean]),
        "\n".join(_evidence(each) for each in largest),
    ]


def _evidence(each: Mapping[str, Any]) -> str:
    text = each["report"] if len(each["report"]) <= LONGEST else each["report"][:LONGEST] + " …"
    said = ", ".join(
        f"{each[f'said_{stratum}']:.0%} of {words}"
        for stratum, words in (("firing", "firing windows"), ("near_miss", "near misses"), ("silent", "silent windows"))
    )
    return (
        f"- **{escape(each['unit'])}**: said to fire: {said} ({each['marginal']:.0f} of 60 windows within half a level "
        f"of the threshold). In text {each['base_rate_windows']:.1%} of windows and {each['base_rate_words']:.2%} of "
        f"words fire, {each['predicted_rate_words']:.2%} of words are said to; precision {each['precision']:.2f}. "
        f"Report: {escape(text)}"
    )


def _pair_line(pair: Pair, found: Mapping[str, Any]) -> list[str]:
    means = f"{found['mean_theirs']:.3f}", f"{found['mean_ours']:.3f}"
    return [pair.words, *means, _of(found["pearson"]), _of(found["spearman"]), f"{found['largest_difference']:.3f}"]


def _signed(value: float) -> str:
    """Two places with their sign; rounding leaves no minus before a zero."""
    return f"{round(value, 2) + 0.0:+.2f}"


def _of(found: Mapping[str, Any]) -> str:
    interval = "" if found["low"] is None else f" [{found['low']:.2f}, {found['high']:.2f}]"
    return f"{found['value']:.2f}{interval}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(escape(cell) for cell in line) + " |" for line in (head, *rows)]
    return "\n".join([lines[0], "|" + " --- |" * len(head), *lines[1:]])
