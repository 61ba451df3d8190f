"""The table of the rewrite metric, as JSON and Markdown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmark.exam.rewriting import PER_TOKENS, Rewritten, over_units
from benchmark.leaderboard import cells
from benchmark.leaderboard.markdown import escape
from benchmark.leaderboard.rank import position
from benchmark.leaderboard.row import READERS, cell_seed
from benchmark.rewrite.measure import UnitLosses
from benchmark.statistics.bootstrap import FEWEST_UNITS

Cell = tuple[str, str, str]
_HEAD = ("explainer", "score [95% CI]", "mean-ablation", "helped", "reports", "units", "worth")


def figures(losses: Sequence[UnitLosses], provenance: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What `rewrite.json` holds: one row a reader, explainer and model, and every unit; floats of six digits.

    Args:
        losses: of all units.
        provenance: suite, seed, windows and what else the run states of itself.
        seed: of the bootstrap.
    """
    grouped: dict[Cell, list[UnitLosses]] = defaultdict(list)
    for each in losses:
        grouped[each.reader, each.explainer, each.model].append(each)
    rows = [_row(cell, members, seed) for cell, members in grouped.items()]
    rows.sort(key=lambda row: (position(row["reader"], READERS), row["score"] is None, -(row["score"] or 0.0)))
    value: dict[str, Any] = _rounded(
        {"provenance": dict(provenance), "rows": rows, "units": [_unit(each) for each in losses]}
    )
    return value


def _row(cell: Cell, members: Sequence[UnitLosses], seed: int) -> dict[str, Any]:
    reader, explainer, model = cell
    found: Rewritten = over_units([each.losses for each in members], seed=cell_seed(seed, "/".join(cell)))
    reports = sum(each.outcome == "report" for each in members)
    return {"reader": reader, "explainer": explainer, "model": model, **asdict(found), "reports": reports}


def _unit(each: UnitLosses) -> dict[str, Any]:
    return {**asdict(each), "score": each.losses.score, "floor": each.losses.floor}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def to_markdown(found: Mapping[str, Any]) -> str:
    """The page of `figures`; names that somebody chose are escaped."""
    facts = found["provenance"]
    parts = [
        f"# Rewrite: {escape(str(facts['suite']))}",
        _lead(facts),
        *(part for reader in dict.fromkeys(row["reader"] for row in found["rows"]) for part in _reader(found, reader)),
        "## How it was made",
        "\n".join(f"- {escape(str(name))}: {escape(str(value))}" for name, value in facts.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _lead(facts: Mapping[str, Any]) -> str:
    return (
        "A reader's predicted activations are put in the place of a latent of the subject, the error of the SAE and "
        "all other latents kept, and the subject's next-token loss is measured (arXiv 2501.18838). Score: Σ(zero − "
        "predicted) / Σ(zero − own) over found units, where *own* is the loss with the true values, *zero* that with "
        "0 on every token; 1 is the latent itself, 0 no report, below 0 worse than none. Sums, since the quotient of a "
        "unit that is worth next to nothing to the subject is noise. *mean-ablation* is the same score of the latent's "
        "mean on every token, which takes no report. Where these units, drawn anew, are together not always worth "
        "something to the subject, a quotient by their worth says nothing and reads *not resolvable*. *helped*: units "
        "on which the predictions give a lower loss than "
        f"zero does. *worth*: zero − own, nats for {PER_TOKENS:,} tokens, mean over units. Abstentions and failures "
        "predict 0 and score 0. Levels become activations by least squares through the origin on the unit's teach "
        f"windows. Losses are of at most {facts['windows']} firing and as many silent windows of the exam's pool a "
        "unit, weighted to base rate."
    )


def _reader(found: Mapping[str, Any], reader: str) -> list[str]:
    rows = [row for row in found["rows"] if row["reader"] == reader]
    lines = [_HEAD, *(_cells(row) for row in rows)]
    text = ["| " + " | ".join(escape(cell) for cell in line) + " |" for line in lines]
    return [f"## {escape(cells.title(reader))}", "\n".join([text[0], "|" + " --- |" * len(_HEAD), *text[1:]])]


def said(row: Mapping[str, Any]) -> str:
    """A row's score with its interval, or why there is none."""
    if not _resolvable(row):
        return "no effect" if row["score"] is None else "not resolvable"
    bounds = "" if row["low"] is None else f" [{cells.number(row['low'])}, {cells.number(row['high'])}]"
    return cells.number(row["score"]) + bounds


def _resolvable(row: Mapping[str, Any]) -> bool:
    """Whether a quotient by what the units are worth says anything; under ten units nobody can tell."""
    return row["score"] is not None and (row["low"] is not None or row["n"] < FEWEST_UNITS)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = row["explainer"] if row["model"] in ("", "none") else f"{row['explainer']} · {row['model']}"
    return (
        *(name, said(row), cells.number(row["floor"]) if _resolvable(row) else cells.NOTHING),
        f"{row['helped']}/{row['n']}",
        *(str(row["reports"]), str(row["n"]), cells.number(row["effect"], 3)),
    )
