"""Tables of the studies, JSON beside them, with what they were made with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from statsmodels.stats.proportion import proportion_confint

from benchmark import provenance
from benchmark.circuit_loops.runs import FIGURES
from benchmark.circuits.agents.report_json import from_json, told
from benchmark.printable import harmless, number
from benchmark.rounding import rounded_json

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


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table."""
    lines = [list(heads), ["---"] * len(heads), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of_loops(title: str, intro: str, summaries: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> str:
    """Planted models, nulls, and every session with what it handed in."""
    real = [each for each in summaries if each["tier"] == "planted"]
    null = [each for each in summaries if each["tier"] == "null"]
    parts = [f"# {title}", intro, f"## Planted models: means over {_n(real)}, failures and abstentions included"]
    parts.append(
        table(
            ["explainer", *FIGURES.values()],
            [[each["explainer"], *(_mean(each, key) for key in FIGURES)] for each in real],
        )
    )
    parts.append(f"## Null behaviours ({_n(null)}): the right answer is to abstain")
    columns = ["explainer", "abstained", "false claims", "failed"]
    keys = ("rejected", "false_claim", "failed")
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
            ["# What each guardrail of circuits sends back", intro, table(heads, lines), calibration, "\n".join(told)]
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
    text = harmless(said[:300]).replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return [row["explainer"], row["unit"], row["outcome"], text]
