"""A layer report as Markdown: the same sections and tables as the page, the features cut short."""

from collections.abc import Mapping
from typing import Any

from benchmark.layer_report import tables
from benchmark.layer_report.table import Section, Table
from benchmark.leaderboard.markdown import escape, table

# Of the labelled latents, so many best stand in the Markdown; report.json has all.
MOST = 40
LONGEST = 240


def to_markdown(found: Mapping[str, Any]) -> str:
    """The whole report; every text that an explainer or a corpus wrote is escaped."""
    told = found["provenance"]
    parts = [
        f"# Layer {told['layer']} of {escape(told['subject'])}, explained by {escape(told['explainer'])}",
        table(("", "", ""), tables.glance(found)),
        *(part for section in tables.sections(found) for part in _section(section)),
        "## Examples",
        *(part for group in found["examples"] for part in _group(group)),
        "## Labelled latents",
        f"The {MOST} of greatest r; report.json and report.html have all {len(found['features'])}.",
        _table(tables.features(found), MOST),
        "## Limits",
        "\n".join(f"- {escape(each)}" for each in found["limits"]),
        "## Provenance",
        _table(tables.provenance(found)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    return [f"## {section.title}", *map(escape, section.notes), *(_table(each) for each in section.tables)]


def _table(each: Table, most: int | None = None) -> str:
    rows = [tuple(_short(cell) for cell in row) for row in each.rows[:most]]
    return table(each.head, rows) if rows else ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _group(group: Mapping[str, Any]) -> list[str]:
    lines = [f"### {group['title']}: {escape(group['note'])}"]
    for each in group["latents"]:
        row = each["row"]
        figures = "" if row is None else f" (r {next(iter(row['r'].values())):.2f}, {row['verdict']})"
        lines.append(f"**Latent {each['latent']}**{figures}: {escape(_short(each['text']))}")
        lines.append("\n".join(f"- {_marked(window)}" for window in each["windows"][:2]))
    return lines


def _marked(window: Mapping[str, Any]) -> str:
    """A window with the words that fire in bold, and their level."""
    from benchmark.layer_report.page import pieces

    return "".join(
        escape(piece.text) + " " * (piece.text.endswith(" "))
        if piece.value is None
        else f" **{escape(piece.text)}** ({piece.value:.1f}) "
        for piece in pieces(window)
    )
