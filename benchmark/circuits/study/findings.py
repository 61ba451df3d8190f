"""What the study says of each explainer over all planted models, with intervals over models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.circuits.grading import STATED
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.runner import ABLATIONS
from benchmark.circuits.study.models import NULLS, Asked, OnModel
from benchmark.statistics.headline import THREE_SIGMA

# What an abstention's agreement with edges counts as.
CHANCE = {"auroc": 0.5, "auprc": 0.0, "f1": 0.0}
# Bounds of the gates.
NEAR, ADDS, SEES, FLOOR, AUROC_FLOOR = 0.05, 0.02, 0.8, 0.2, (0.35, 0.65)
ACCURATE, FEWEST_NODES, LARGEST_SHARE = 0.95, 16, 0.25
MODELS, FEWEST_KINDS, TRAINED = 12, 6, 6


@dataclass(frozen=True)
class Spread:
    """A figure over models, which are of too few kinds for an interval (METHOD.md section 3).

    Attributes:
        mean, least, most: over models.
        n: of them.
    """

    mean: float
    least: float
    most: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of some models' figures."""
        return cls(_mean(values), float(min(values)), float(max(values)), len(values))


@dataclass(frozen=True)
class Standing:
    """One explainer over all models; a model on which it abstains or fails counts with nothing found.

    Attributes:
        explainer: who.
        shares: sufficiency, necessity, minimality and incompleteness under `STATED`.
        by_ablation: sufficiency and necessity, means under each way of ablating.
        areas: means of the curves' areas and distances, by ablation and ranking.
        heads, edges: AUROC, AUPRC and F1, means; an abstention counts as chance, and None are edges it never scores.
        looks, writes: roles rightly said, means.
        r, right, signs: of predicted interventions, means.
        significant: models on which its circuit beats 1,000 random ones at 3 sigma.
        unresolved: models on which too few circuits match its own for that to be told.
        named: share of the heads of each role that it names.
        false_claims: nulls of each sort on which it names a circuit.
        failures, abstentions: models on which it could not report, or says there is none.
        prompts, seconds: medians.
    """

    explainer: str
    shares: Mapping[str, Spread]
    by_ablation: Mapping[str, Mapping[str, float]]
    areas: Mapping[str, Mapping[str, float]]
    heads: Mapping[str, float]
    edges: Mapping[str, float] | None
    looks: float
    writes: float
    r: float
    right: float
    signs: float
    significant: int
    unresolved: int
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
        {measure: Spread.of([each[measure] for each in stated]) for measure in measures},
        {how: {m: _mean(g["faithfulness"][how][m] for g in grades) for m in measures} for how in ABLATIONS},
        {how: _areas([grade["faithfulness"][how] for grade in grades]) for how in ABLATIONS},
        _agreement([grade["heads"] for grade in grades]),
        _agreement([grade["edges"] or CHANCE for grade in grades]) if any(g["edges"] for g in grades) else None,
        _mean(grade["roles"]["looks"] for grade in grades),
        _mean(grade["roles"]["writes"] for grade in grades),
        _mean(grade["foresight"]["r"] for grade in grades),
        _mean(grade["foresight"]["right"] for grade in grades),
        _mean(grade["foresight"]["signs"] for grade in grades),
        sum(grade["p"] < THREE_SIGMA for grade in grades),
        sum(grade["least_p"] >= THREE_SIGMA for grade in grades),
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


def _agreement(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {what: _mean(each[what] for each in found) for what in CHANCE}


def _named(role: str, models: Sequence[OnModel], grades: Sequence[Mapping[str, Any]]) -> float:
    return float(sum(grade["named"].get(role, 0) for grade in grades) / sum(model.planted[role] for model in models))


def gates(models: Sequence[OnModel], found: Sequence[Standing]) -> list[CircuitGate]:
    """Whether the models are what they should be, and the controls at their ends.

    How many models there are is asked of a whole study alone: all kinds, and two seeds or more.
    """
    whole = {model.kind for model in models} == set(KINDS) and len({model.seed for model in models}) > 1
    return [*(_numbers(models) if whole else ()), *_on_models(models), *_ceiling(models), *_floor(found)]


def _numbers(models: Sequence[OnModel]) -> list[CircuitGate]:
    kinds, trained = len({model.kind for model in models}), sum(model.trained for model in models)
    return [
        CircuitGate(
            "models",
            len(models) >= MODELS and kinds >= FEWEST_KINDS and trained >= TRAINED,
            f"{len(models)} of {kinds} kinds, {trained} trained; at least {MODELS}, {FEWEST_KINDS}, {TRAINED}",
        )
    ]


def _on_models(models: Sequence[OnModel]) -> list[CircuitGate]:
    accuracy, recovered = min(model.accuracy for model in models), max(model.recovered for model in models)
    nodes, share = min(m.nodes for m in models), max(m.circuit / m.nodes for m in models)
    hollow = max(abs(model.hollow) for model in models)
    return [
        CircuitGate("behaviour: accuracy", accuracy >= ACCURATE, f"least {accuracy:.3f}, at least {ACCURATE}"),
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
            hollow < FLOOR,
            f"at most {hollow:.3f} of the logit difference is left, below {FLOOR}",
        ),
    ]


def _ceiling(models: Sequence[OnModel]) -> list[CircuitGate]:
    grades = [_of(model, "oracle").grade or {} for model in models]
    stated = [grade["faithfulness"][STATED] for grade in grades]
    farthest = max((abs(1.0 - each["sufficiency"]), each["sufficiency"]) for each in stated)[1]
    adds, apart = min(each["minimality"] for each in stated), max(each["incompleteness"] for each in stated)
    foresight = min(grade["foresight"]["r"] for grade in grades)
    beats = sum(grade["p"] < THREE_SIGMA for grade in grades)
    return [
        CircuitGate(
            "oracle: sufficiency", abs(1.0 - farthest) <= NEAR, f"farthest from 1: {farthest:.3f}, within {NEAR}"
        ),
        CircuitGate("oracle: each head adds something", adds >= ADDS, f"least {adds:.3f}, at least {ADDS}"),
        CircuitGate("oracle: incompleteness", apart <= NEAR, f"most {apart:.3f}, at most {NEAR}"),
        CircuitGate("oracle: foresight", foresight >= SEES, f"least r {foresight:.3f}, at least {SEES}"),
        CircuitGate("oracle: beats chance at 3 sigma", beats == len(models), f"{beats} of {len(models)} models, all"),
    ]


def _floor(found: Sequence[Standing]) -> list[CircuitGate]:
    worst = next(each for each in found if each.explainer == "random")
    kept, auroc, (low, high) = worst.shares["sufficiency"].mean, worst.heads["auroc"], AUROC_FLOOR
    return [
        CircuitGate("random: mean sufficiency", kept < FLOOR, f"{kept:.3f}, below {FLOOR}"),
        CircuitGate("random: mean AUROC of heads", low <= auroc <= high, f"{auroc:.3f}, {low} to {high}"),
        CircuitGate("random: beats chance at 3 sigma", worst.significant == 0, f"{worst.significant} models, none"),
    ]
