"""One behaviour unit through every explainer and its exam, as plain figures."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.behaviours.draws import seed_of
from benchmark.behaviours.effects import Effects
from benchmark.behaviours.explainers import absent, contestants
from benchmark.behaviours.grading import BehaviourExam
from benchmark.behaviours.interventions import Ablate
from benchmark.behaviours.laboratory import BehaviourLaboratory, OverBudget
from benchmark.behaviours.machine import Machine
from benchmark.behaviours.ranks import rank
from benchmark.behaviours.report import BehaviourReport
from benchmark.behaviours.unit import BehaviourUnit

# Prompts a session by prompts of the unit: what `ablation` needs twice over.
BUDGET = 40
# The explainer whose latents are ranked, and on how many of the exam's pairs.
RANKED, RANK_PAIRS = "ablation", 1


@dataclass(frozen=True, eq=False)
class Bench:
    """What every unit is measured with.

    Attributes:
        unrelated: texts for side effects.
        seed: of everything that is drawn, mixed with each unit's name.
    """

    unrelated: Sequence[str]
    seed: int = 0


def examined(
    unit: BehaviourUnit,
    machine: Machine,
    bench: Bench,
    planted: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """A unit's row: its behaviour, and a grade for every explainer.

    Args:
        unit: whose prompts.
        machine: with what is planted.
        bench: texts and seed.
        planted: `latent`, `decoy` and `exam` (how far the behaviour was moved), where something was.
        say: told of every explainer.
    """
    begun = time.process_time()
    teach, exam = Effects(machine, unit.teach), Effects(machine, unit.exam)
    size = float(planted["exam"]) if planted else exam.whole
    seed = seed_of(unit.identifier, bench.seed)
    sitting = BehaviourExam(exam, machine.texts(bench.unrelated), size, seed)
    truth = _truth(planted)
    rows = []
    for name, explain in contestants(truth, seed).items():
        laboratory = BehaviourLaboratory(teach, BUDGET * teach.rows)
        report = _explained(explain, laboratory)
        foretold = {"foretold": report.predictions(sitting.interventions)}
        rows.append(_row(name, report, laboratory.spent, planted) | asdict(sitting.grade(report)) | foretold)
        say(f"{unit.identifier}: {name}")
    return {
        **{"unit": unit.identifier, "tier": unit.tier, "kind": unit.kind, "question": unit.question},
        "planted": dict(planted) if planted else None,
        "paired": unit.paired,
        "teach": _behaviour(teach),
        "exam": _behaviour(exam),
        "size": size,
        "absent": absent(BehaviourLaboratory(teach, BUDGET * teach.rows)),
        # A share of a behaviour that is not there means nothing.
        "all_latents": None if unit.tier == "null" else exam.transplant(_on(exam)),
        "prompts_run": int(teach.read.ran + exam.read.ran),
        # In the order in which every explainer's `foretold` predicts them.
        "interventions": _interventions(sitting),
        "strongest": sitting.strongest,
        "cpu_seconds": time.process_time() - begun,
        "explainers": rows,
    }


def ranked(unit: BehaviourUnit, machine: Machine, row: Mapping[str, Any], seed: int) -> dict[str, Any] | None:
    """The rank of what `RANKED` named on a unit, among random latents; None where it abstained.

    Args:
        unit: whose prompts.
        machine: with what is planted.
        row: of `examined`.
        seed: of the random sets.
    """
    named = next(each["latents"] for each in row["explainers"] if each["explainer"] == RANKED)
    if not named:
        return None
    share = Effects(machine, unit.teach).active()
    return asdict(rank(Effects(machine, unit.exam[:RANK_PAIRS]), named, share, seed_of(unit.identifier, seed)))


def _interventions(sitting: BehaviourExam) -> list[dict[str, Any]]:
    """What the exam is of, and what each intervention does."""
    return [
        {
            "kind": "ablation" if isinstance(each, Ablate) else "steering",
            "latents": sorted(each.latents) if isinstance(each, Ablate) else [each.latent],
            "dose": None if isinstance(each, Ablate) else each.dose,
            "actual": float(actual),
        }
        for each, actual in zip(sitting.interventions, sitting.actual, strict=True)
    ]


def _on(exam: Effects) -> frozenset[int]:
    return frozenset(np.flatnonzero(exam.active() > 0).tolist())


def _truth(planted: Mapping[str, Any] | None) -> frozenset[int]:
    latent = planted.get("latent") if planted else None
    return frozenset() if latent is None else frozenset({int(latent)})


def _explained(explain: Callable[[BehaviourLaboratory], BehaviourReport], lab: BehaviourLaboratory) -> BehaviourReport:
    try:
        return explain(lab)
    except OverBudget as error:
        return BehaviourReport(reason=f"limit: {error}")


def _behaviour(effects: Effects) -> dict[str, Any]:
    return {
        "mean": effects.whole,
        "error": effects.error,
        "pairs": len(effects.behaviour),
        "same_sign": float((np.sign(effects.behaviour) == np.sign(effects.whole)).mean()),
    }


def _row(name: str, report: BehaviourReport, spent: int, planted: Mapping[str, Any] | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "explainer": name,
        "abstained": report.abstained,
        "reason": report.reason,
        "latents": list(report.latents),
        "effects": {str(each): report.effects.get(each, 0.0) for each in report.latents},
        "slopes": {str(each): report.slopes.get(each, 0.0) for each in report.latents},
        "spent": spent,
    }
    if planted and planted.get("latent") is not None:
        order = sorted(report.effects, key=lambda each: -abs(report.effects[each]))
        row["hit"] = planted["latent"] in report.latents
        row["place"] = order.index(planted["latent"]) + 1 if planted["latent"] in order else None
        row["decoy_named"] = planted["decoy"] in report.latents
    return row
