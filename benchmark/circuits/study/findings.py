"""What the study says of each explainer over all planted models, with intervals over models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.circuits.grading import STATED
from benchmark.circuits.runner import ABLATIONS
from benchmark.circuits.study.models import NULLS, Asked, OnModel
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.headline import THREE_SIGMA

SEED = 7_919
DECOYS = ("imitator", "dormant")
# METHOD's ends of the scale, as gates of the instrument.
CEILING, FLOOR, AUROC_FLOOR = 0.95, 0.2, (0.35, 0.65)
ACCURATE, FEWEST_NODES, LARGEST_SHARE, MODELS, KINDS, TRAINED = 0.95, 16, 0.25, 12, 6, 6


@dataclass(frozen=True)
class Standing:
    """One explainer over all models; a model on which it abstains or fails counts with nothing found.

    Attributes:
        explainer: who.
        shares: sufficiency, necessity, minimality and incompleteness under `STATED`, with intervals over models.
        by_ablation: sufficiency and necessity, means under each way of ablating.
        areas: means of the curves' areas and distances, by ablation and ranking.
        heads, edges: AUROC, AUPRC and F1, means; None where no model gives one.
        looks, writes: roles rightly said, means.
        r, right: of predicted interventions, means.
        significant: share of models on which its circuit beats 1,000 random ones at 3 sigma.
        named: share of the heads of each role that it names.
        false_claims: nulls of each sort on which it names a circuit.
        failures, abstentions: models on which it could not report, or says there is none.
        prompts, seconds: medians.
    """

    explainer: str
    shares: Mapping[str, Interval]
    by_ablation: Mapping[str, Mapping[str, float]]
    areas: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, float | None]
    edges: Mapping[str, float | None]
    looks: float
    writes: float
    r: float
    right: float
    significant: float
    named: Mapping[str, float]
    false_claims: Mapping[str, int]
    failures: int
    abstentions: int
    prompts: float
    seconds: float


@dataclass(frozen=True)
class CircuitGate:
    """A condition on the instrument.

    Attributes:
        name: of what.
        passed: whether it holds.
        told: the figure, and what it has to be.
    """

    name: str
    passed: bool
    told: str


def standings(models: Sequence[OnModel]) -> list[Standing]:
    """Best sufficiency first, the controls at the ends wherever they fall."""
    names = [each.explainer for each in models[0].asked]
    found = [_standing(name, models, [_of(model, name) for model in models]) for name in names]
    return sorted(found, key=lambda each: (-each.shares["sufficiency"].mean, each.prompts))


def _of(model: OnModel, name: str) -> Asked:
    return next(each for each in model.asked if each.explainer == name)


def _standing(name: str, models: Sequence[OnModel], asked: Sequence[Asked]) -> Standing:
    grades = [each.grade for each in asked if each.grade is not None]
    stated = [grade["faithfulness"][STATED] for grade in grades]
    measures = ("sufficiency", "necessity", "minimality", "incompleteness")
    return Standing(
        name,
        {measure: interval([each[measure] for each in stated], seed=SEED) for measure in measures},
        {how: {m: _mean(g["faithfulness"][how][m] for g in grades) for m in measures} for how in ABLATIONS},
        {how: _areas([grade["faithfulness"][how] for grade in grades]) for how in ABLATIONS},
        _agreement([grade["heads"] for grade in grades]),
        _agreement([grade["edges"] for grade in grades if grade["edges"] is not None]),
        _mean(grade["roles"]["looks"] for grade in grades),
        _mean(grade["roles"]["writes"] for grade in grades),
        _mean(grade["foresight"]["r"] for grade in grades),
        _mean(grade["foresight"]["right"] for grade in grades),
        _mean(grade["p"] < THREE_SIGMA for grade in grades),
        {role: _named(role, models, grades) for role in models[0].planted},
        {null: sum(each.claims[null] > 0 for each in asked) for null in NULLS if null in asked[0].claims},
        sum(bool(each.failure) for each in asked),
        sum(not each.claimed and not each.failure for each in asked),
        float(np.median([each.prompts for each in asked])),
        float(np.median([each.seconds for each in asked])),
    )


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))


def _areas(graded: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {
        f"{ranking} {what}": _mean(each[ranking][what] for each in graded)
        for ranking in ("signed", "absolute")
        for what in ("area", "distance")
    }


def _agreement(found: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Means; where only some models have scores to rank, over those, and F1 over all."""
    ranked = [each for each in found if each["auroc"] is not None]
    by_rank = {what: _mean(each[what] for each in ranked) if ranked else None for what in ("auroc", "auprc")}
    return {**by_rank, "f1": _mean(each["f1"] for each in found) if found else None}


def _named(role: str, models: Sequence[OnModel], grades: Sequence[Mapping[str, Any]]) -> float:
    return float(sum(grade["named"].get(role, 0) for grade in grades) / sum(model.planted[role] for model in models))


def gates(models: Sequence[OnModel], found: Sequence[Standing]) -> list[CircuitGate]:
    """Whether the models are what they should be, and the controls at their ends."""
    by_name = {each.explainer: each for each in found}
    best, worst = by_name["oracle"], by_name["random"]
    oracles = [_of(model, "oracle").grade or {} for model in models]
    least = min(grade["faithfulness"][STATED]["sufficiency"] for grade in oracles)
    lowest = min(grade["heads"]["auroc"] for grade in oracles)
    auroc, kept = worst.heads["auroc"] or 0.0, worst.shares["sufficiency"].mean
    return [
        *_on_models(models),
        CircuitGate("oracle: sufficiency on every model", least >= CEILING, f"least {least:.3f}, at least {CEILING}"),
        CircuitGate("oracle: AUROC of heads on every model", lowest == 1.0, f"least {lowest:.3f}, 1"),
        CircuitGate(
            "oracle: beats chance at 3 sigma", best.significant == 1.0, f"{best.significant:.0%} of models, all"
        ),
        CircuitGate("random: mean sufficiency", kept < FLOOR, f"{kept:.3f}, below {FLOOR}"),
        CircuitGate(
            "random: mean AUROC of heads",
            AUROC_FLOOR[0] <= auroc <= AUROC_FLOOR[1],
            f"{auroc:.3f}, {AUROC_FLOOR[0]} to {AUROC_FLOOR[1]}",
        ),
        CircuitGate(
            "random: beats chance at 3 sigma", worst.significant == 0.0, f"{worst.significant:.0%} of models, none"
        ),
    ]


def _on_models(models: Sequence[OnModel]) -> list[CircuitGate]:
    kinds, trained = len({model.kind for model in models}), sum(model.trained for model in models)
    accuracy = min(model.accuracy for model in models)
    nodes, share = min(m.nodes for m in models), max(m.circuit / m.nodes for m in models)
    recovered = max(model.recovered for model in models)
    hollow = max(model.hollow_accuracy for model in models)
    return [
        CircuitGate(
            "models",
            len(models) >= MODELS and kinds >= KINDS and trained >= TRAINED,
            f"{len(models)} of {kinds} kinds, {trained} trained; at least {MODELS}, {KINDS}, {TRAINED}",
        ),
        CircuitGate(
            "behaviour: accuracy on every model", accuracy >= ACCURATE, f"least {accuracy:.3f}, at least {ACCURATE}"
        ),
        CircuitGate(
            "heads of a model, and share that is circuit",
            nodes >= FEWEST_NODES and share <= LARGEST_SHARE,
            f"{nodes} and at most {share:.2f}; at least {FEWEST_NODES}, at most {LARGEST_SHARE}",
        ),
        CircuitGate(
            "random circuits that match: mean share kept", recovered < FLOOR, f"most {recovered:.3f}, below {FLOOR}"
        ),
        CircuitGate(
            "hollow models do not behave",
            hollow < 0.6,
            f"greatest accuracy {hollow:.2f}, below 0.6 (half is chance where there are two answers)",
        ),
    ]
