"""`readers_beside.json` and `.md`: how well each reader of prose orders the ladder on few items, and how fast it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmark.ladder.order import ALL, LEAST_TAU, Summary, summaries
from benchmark.ladder.scores import Point
from benchmark.ladder.tables import said
from benchmark.leaderboard.markdown import escape, table
from benchmark.rounding import rounded_json
from benchmark.suites import Suite

METRIC = "r_own"


@dataclass(frozen=True)
class Read:
    """What the readers made of the rungs.

    Attributes:
        points: one a rung, scores by reader.
        rates: reader to items a second.
        unread: reader to the share of answers that could not be read.
    """

    points: Sequence[Point]
    rates: Mapping[str, float]
    unread: Mapping[str, float]


def publish(out: Path, suite: Suite, read: Read) -> list[Path]:
    """Write everything down.

    Args:
        out: the JSON file; the Markdown lies beside it.
        suite: whose units were read.
        read: what the readers made of them.

    Returns:
        The files, JSON first.
    """
    rows = summaries(read.points, seed=0)
    facts = {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "items_per_s": dict(read.rates),
        "unread": dict(read.unread),
        "summaries": [row.to_json() for row in rows],
        "points": [asdict(point) for point in read.points],
    }
    text = json.dumps(rounded_json(facts, 4), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    out.parent.mkdir(parents=True, exist_ok=True)
    for path, content in ((out, text), (out.with_suffix(".md"), markdown(suite.name, rows, read))):
        path.write_text(content, "utf-8")
    return [out, out.with_suffix(".md")]


def markdown(suite: str, rows: Sequence[Summary], read: Read) -> str:
    """The page."""
    units = len({point.unit for point in read.points})
    families = sorted({row.family for row in rows} - {ALL})
    note = (
        f"{len(read.points)} explanations of known quality for {units} planted units of {escape(suite)}, of families "
        f"that the finetuned reader was not trained on ({', '.join(families)}), each read on the unit's 42 own items "
        "with one marked word. τ is Kendall's tau-b between true agreement (on the whole pool) and r_own over a unit's "
        "rungs, averaged over units; *falls* is the share of units whose r_own is lower with a concept left out or "
        f"with one too many. Asked of a valid reader: τ {LEAST_TAU} and both shares clearly above one half. The "
        "executable reader runs the rungs' predicates and is what 42 items allow at most. Items a second "
        "are of this run, without what earlier ones kept; the embedding reader embeds a unit's windows once and reads "
        "all of its rungs from that, and the others read each rung's windows anew."
    )
    head = ("reader", "τ", "falls: missing label", "falls: extra label", "verdict", "unreadable", "items a second")
    body = (
        (
            row.reader,
            said(row.tau),
            said(row.missing_label),
            said(row.extra_label),
            row.verdict,
            f"{read.unread[row.reader]:.1%}",
            f"{read.rates[row.reader]:,.0f}",
        )
        for row in rows
        if row.family == ALL
    )
    by_family = ((family, *(_tau(rows, reader, family) for reader in read.rates)) for family in families)
    parts = ["# Readers of prose beside one another", note, table(head, body), "## τ by family"]
    return "\n\n".join([*parts, table(("family", *read.rates), by_family)]) + "\n"


def _tau(rows: Sequence[Summary], reader: str, family: str) -> str:
    return next(said(row.tau) for row in rows if (row.reader, row.family) == (reader, family))
