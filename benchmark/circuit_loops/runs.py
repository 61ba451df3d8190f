"""Loops over circuits through Inspect: a row a session, read back from the logs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any
from zipfile import BadZipFile

from inspect_ai.log import EvalLog
from inspect_ai.model import ModelName

from benchmark.circuits.agents.guardrails.registry import GUARDRAILS
from benchmark.errors import UserError
from benchmark.eval_logs import read_log
from benchmark.runtime.circuit_grades import WORST, WORST_ON_NULL
from benchmark.runtime.circuit_units import NULLS

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
CRASH = {"outcome": "crash", "reason": "the sample has no record"}


def run(
    explainers: Sequence[str], model: Any, logs: Path, answer: int, units: Sequence[str], **arguments: Any
) -> list[Path]:
    """Run the circuits task once for each explainer, on units that its folder has no record of; the logs' folders.

    Args:
        explainers: by name.
        model: Inspect's, or "none".
        logs: a folder.
        answer: tokens that one answer may have.
        units: identifiers.
        arguments: of the task.

    Raises:
        KeyboardInterrupt: it was stopped; what is done is kept.
        UserError: the folder holds logs of other settings.
    """
    from inspect_ai import eval as inspect_eval

    from tasks.circuits import circuits

    folders = []
    for name in explainers:
        folder = logs / name
        task = circuits(explainer=name, units=list(units), **arguments)
        wanted = {"answer": answer, "model": _named(model), "commit": (task.metadata or {})["commit"], **arguments}
        done = _done(folder, wanted)
        folders.append(folder)
        if left := [unit for unit in units if unit not in done]:
            task = circuits(explainer=name, units=left, **arguments)
            made = inspect_eval(
                task, model=model, log_dir=str(folder), display="plain", max_samples=8, max_tokens=answer, log_buffer=1
            )
            # Inspect takes Ctrl-C for an end like any other: it hands back no log, or one that says cancelled.
            if not made or any(log.status == "cancelled" for log in made):
                raise KeyboardInterrupt
    return folders


def _done(folder: Path, wanted: Mapping[str, Any]) -> set[str]:
    """Units of which the folder has a record under the same settings.

    Raises:
        UserError: it holds logs of others.
    """
    found: set[str] = set()
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file, where logs are to go; remove it, or give --logs <another folder>")
    for path in sorted(folder.glob("*.eval")):
        log = _read(path)
        had = {
            "model": str(log.eval.model),
            "answer": log.eval.model_generate_config.max_tokens or log.plan.config.max_tokens,
        }
        had |= {"commit": (log.eval.metadata or {}).get("commit")}
        had |= {key: log.eval.task_args.get(key) for key in wanted if key not in had}
        if different := [key for key in wanted if had[key] != wanted[key]]:
            raise UserError(
                f"{folder} has logs made with another {different[0]}; delete them, or give --logs <another folder>"
            )
        found |= {str(sample.id) for sample in log.samples or [] if _graded(sample)}
    return found


def _named(model: Any) -> str:
    """As logs name it."""
    return "none/none" if model == "none" else str(ModelName(model))


def _read(path: Path) -> EvalLog:
    try:
        return read_log(str(path))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        told = " ".join(str(error).split())[:120]
        raise UserError(f"{path} cannot be read ({told}); remove it, or give --logs <another folder>") from error


def _graded(sample: Any) -> bool:
    return sample.error is None and bool(sample.store.get("viva_circuit", {}).get("grade"))


def rows(folders: Sequence[Path], units: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """A row a session: explainer, unit, outcome, grade, spend, what was wrong with answers, guardrails' verdicts.

    Of some units, or of all that there are.
    A unit that was to be run and has no record anywhere is a crash; of one run again, its graded record counts.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted(path for folder in folders for path in folder.glob("*.eval")):
        for row in _rows(_read(path)):
            key = (row["explainer"], row["unit"])
            if (units is None or row["unit"] in units) and (key not in found or not found[key]["grade"]):
                found[key] = row
    return list(found.values())


def _rows(log: EvalLog) -> Iterator[dict[str, Any]]:
    samples = {str(sample.id): sample for sample in log.samples or []}
    for unit in dict.fromkeys((*map(str, log.eval.dataset.sample_ids or ()), *samples)):
        kept = samples[unit].store.get("viva_circuit", CRASH) if unit in samples else CRASH
        named = ("outcome", "reason", "grade", "repairs", "guardrails", "report", *COSTS)
        yield {
            "explainer": (log.eval.metadata or {})["explainer"],
            "model": str(log.eval.model),
            "unit": unit,
            "tier": unit.partition("-")[0],
            **{name: kept.get(name) for name in named},
        }


def summary(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A summary an explainer and tier; failures are counted, and what has no grade has the worst one."""
    made = []
    for name, tier in dict.fromkeys((row["explainer"], row["tier"]) for row in found):
        some = [row for row in found if (row["explainer"], row["tier"]) == (name, tier)]
        worst = WORST_ON_NULL if tier in NULLS else WORST
        grades = [row["grade"] or worst for row in some]
        made.append(
            {
                "explainer": name,
                "tier": tier,
                "n": len(some),
                "outcomes": dict(Counter(row["outcome"] for row in some)),
                "repairs": dict(sum((Counter(row["repairs"] or {}) for row in some), Counter[str]())),
                "objections": _objections(some),
                "means": {key: fmean(grade[key] for grade in grades) for key in worst},
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
