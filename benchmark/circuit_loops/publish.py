"""Tables of the studies, JSON beside them, with what they were made with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from statsmodels.stats.proportion import proportion_confint

from benchmark import provenance
from benchmark.circuit_loops.runs import FIGURES
from benchmark.circuits.agents.report_json import from_json, told
from benchmark.leaderboard.markdown import escape, table
from benchmark.printable import number
from benchmark.rounding import rounded_json

NULLS = {"null": "Shuffled answers", "hollow": "Hollow models, their circuits' heads silenced"}
# Of a report, in the table of sessions.
MOST_LETTERS = 300
SOURCES = ("benchmark/circuits", "benchmark/circuit_loops", "benchmark/runtime", "tasks/circuits")


def made_with(command: str) -> dict[str, Any]:
    """What a study was made with."""
    return {
        "command": command,
        "commit": provenance.commit(),
        "sources_sha256": provenance.sources_hash(SOURCES),
        "versions": provenance.versions(),
    }


def publish(path: Path, document: dict[str, Any], markdown: str) -> None:
    """Write both beside one another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").write_text(json.dumps(rounded_json(document), indent=1, sort_keys=True) + "\n", "utf-8")
    path.with_suffix(".md").write_text(markdown, "utf-8")


def of_loops(title: str, intro: str, summaries: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> str:
    """Planted models, nulls, and every session with what it handed in."""
    real = [each for each in summaries if each["tier"] == "planted"]
    parts = [
        f"# {escape(title)}",
        intro,
        f"## Planted models: means over {_n(real)}, failures and abstentions included",
    ]
    parts.append(
        table(
            ["explainer", *FIGURES.values()],
            [[each["explainer"], *(_mean(each, key) for key in FIGURES)] for each in real],
        )
    )
    columns = ["explainer", "abstained", "false claims", "failed"]
    keys = ("rejected", "false_claim", "failed")
    for tier, named in NULLS.items():
        null = [each for each in summaries if each["tier"] == tier]
        parts.append(f"## {named} ({_n(null)}): the right answer is to abstain")
        parts.append(table(columns, [[each["explainer"], *(_count(each, key) for key in keys)] for each in null]))
    parts.append("## What became of the sessions, and what they cost on average")
    columns = [
        "explainer",
        "tier",
        "outcomes",
        "answers and experiments that were declined",
        "objections",
        "prompts",
        "calls",
    ]
    parts.append(
        table(
            columns,
            [
                [
                    each["explainer"],
                    each["tier"],
                    *(_told(each[name]) for name in ("outcomes", "repairs", "objections")),
                    number(each["spend"]["prompts"], 0),
                    number(each["spend"]["calls"], 1),
                ]
                for each in summaries
            ],
        )
    )
    parts.append("## Every session")
    parts.append(table(["explainer", "unit", "outcome", "handed in"], list(map(_session, rows))))
    return "\n\n".join(parts) + "\n"


def of_guardrails(intro: str, rows: Sequence[dict[str, Any]]) -> str:
    """Guardrails against sorts of report."""
    guardrails = list(dict.fromkeys(row["guardrail"] for row in rows))
    cells = {(row["guardrail"], row["sort"]): row for row in rows}
    lines = []
    for sort in dict.fromkeys(row["sort"] for row in rows):
        some = [cells[name, sort] for name in guardrails]
        lines.append([sort, *(f"{each['sent_back']} of {each['n']}" for each in some)])
    few = [row for row in rows if row["resolvable"] < row["n"] and row["guardrail"] != "any"]
    unresolved = "; ".join(f"{row['sort']} {row['n'] - row['resolvable']} of {row['n']}" for row in few)
    named = [row for row in rows if row["named_any"]]
    told = [
        f"- `{row['guardrail']}`, {row['sort']}: it named heads in {row['named_any']}, exactly the idle decoys in "
        f"{row['named_right']}"
        for row in named
    ]
    right = cells["any", "right"]
    low, high = proportion_confint(right["sent_back"], right["n"], method="wilson")
    calibration = (
        f"Of {right['n']} right reports {right['sent_back']} were sent back by any guardrail "
        f"(95% interval {100 * low:.0f}% to {100 * high:.0f}%)."
    )
    heads = ["report", *guardrails]
    return (
        "\n\n".join(
            [
                "# What each guardrail of circuits sends back",
                intro,
                table(heads, lines),
                f"Not resolvable by `significance`: {unresolved or 'none'}.",
                calibration,
                "\n".join(told),
            ]
        )
        + "\n"
    )


def _n(some: Sequence[dict[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(str(each["n"]) for each in some)) or "0"


def _mean(each: dict[str, Any], key: str) -> str:
    return number(each["means"].get(key))


def _count(each: dict[str, Any], key: str) -> str:
    return str(round(each["means"].get(key, 0.0) * each["n"]))


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "–"


def _session(row: dict[str, Any]) -> list[str]:
    said = told(from_json(row["report"])) if row["report"] else str(row["reason"])
    return [row["explainer"], row["unit"], row["outcome"], said[:MOST_LETTERS]]
