"""Loops over circuits through Inspect: a row a session, read back from the logs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmark.circuits.agents.guardrails.registry import GUARDRAILS
from benchmark.eval_logs import read_log

# Figures of a grade that tables show, and their titles.
FIGURES = {
    "f1": "F1 of heads",
    "auroc": "AUROC of heads",
    "edges_f1": "F1 of edges",
    "sufficiency": "sufficiency",
    "necessity": "necessity",
    "minimality": "minimality",
    "foresight_r": "r of predicted effects",
    "significant": "significant at 3σ",
    "named": "heads named",
    "decoys_named": "decoys named",
}
COSTS = ("prompts", "rounds", "tokens", "calls", "generated", "seconds")


def run(explainers: Sequence[str], model: Any, logs: Path, answer: int, **arguments: Any) -> list[Path]:
    """Run the circuits task once for each explainer; the folders of their logs.

    Args:
        explainers: by name.
        model: Inspect's, or "none".
        logs: a folder.
        answer: tokens that one answer may have.
        arguments: of the task.
    """
    from inspect_ai import eval as inspect_eval

    from tasks.circuits import circuits

    folders = []
    for name in explainers:
        folder = logs / name
        task = circuits(explainer=name, **arguments)
        inspect_eval(task, model=model, log_dir=str(folder), display="plain", max_samples=8, max_tokens=answer)
        folders.append(folder)
    return folders


def rows(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """A row a session: explainer, unit, outcome, grade, spend, what was wrong with answers, guardrails' verdicts."""
    found = []
    for path in sorted(path for folder in folders for path in folder.glob("*.eval")):
        log = read_log(str(path))
        for sample in log.samples or []:
            kept = sample.store.get("viva_circuit", {"outcome": "crash", "reason": "the sample has no record"})
            told = {name: kept.get(name) for name in ("outcome", "reason", "grade", "repairs", "guardrails", "report")}
            costs = {name: kept.get(name) for name in COSTS}
            found.append(
                {
                    "explainer": (log.eval.metadata or {})["explainer"],
                    "model": str(log.eval.model),
                    "unit": str(sample.id),
                    "tier": sample.metadata["tier"],
                    **told,
                    **costs,
                }
            )
    return found


def summary(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A summary an explainer and tier; failures are counted and graded as who names nothing."""
    made = []
    for name, tier in dict.fromkeys((row["explainer"], row["tier"]) for row in found):
        some = [row for row in found if (row["explainer"], row["tier"]) == (name, tier)]
        grades = [row["grade"] or {} for row in some]
        keys = dict.fromkeys(key for grade in grades for key in grade)
        made.append(
            {
                "explainer": name,
                "tier": tier,
                "n": len(some),
                "outcomes": dict(Counter(row["outcome"] for row in some)),
                "repairs": dict(sum((Counter(row["repairs"] or {}) for row in some), Counter[str]())),
                "objections": _objections(some),
                "means": {key: fmean(grade.get(key, 0.0) for grade in grades) for key in keys},
                "spend": {cost: fmean(row[cost] or 0 for row in some) for cost in COSTS if cost != "seconds"},
                "seconds": sum(row["seconds"] or 0.0 for row in some),
            }
        )
    return made


def _objections(some: Sequence[dict[str, Any]]) -> dict[str, int]:
    counts = {
        name: sum((row["guardrails"] or {}).get(name, {}).get("objections", 0) for row in some) for name in GUARDRAILS
    }
    return {name: count for name, count in counts.items() if count}
