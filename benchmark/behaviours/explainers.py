"""Explainers of behaviours that ask no language model, and the two controls between which they stand."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats

from benchmark.behaviours.laboratory import BehaviourLaboratory
from benchmark.behaviours.report import BehaviourReport
from synthetic_neurons.passages import Floats

Explain = Callable[[BehaviourLaboratory], BehaviourReport]
# A latent is named from this share of the behaviour on, and no more than this many are.
SHARE, MOST = 0.1, 5
# How many of attribution's first are looked at by themselves.
LOOKED_AT = 16
DOSE = 0.1
# A behaviour is there if chance would make as consistent a one less often than this (two-sided, 3σ).
ALPHA = 0.0027


def absent(laboratory: BehaviourLaboratory) -> str:
    """Why there is nothing to explain; empty where the behaviour is consistent over pairs (t-test)."""
    values = laboratory.behaviours()
    p = float(stats.ttest_1samp(values, 0.0).pvalue) if np.ptp(values) else float(not values.any())
    if p < ALPHA:
        return ""
    return f"no consistent difference: {laboratory.whole:.2f} ± {laboratory.error:.2f} over {len(values)} pairs"


def guarded(explain: Explain) -> Explain:
    """Abstain where there is no behaviour, else explain."""

    def explained(laboratory: BehaviourLaboratory) -> BehaviourReport:
        reason = absent(laboratory)
        return BehaviourReport(reason=reason) if reason else explain(laboratory)

    return explained


def random(seed: int) -> Explain:
    """A floor: three latents at random among those that are on, each with a third of the behaviour."""

    def explain(laboratory: BehaviourLaboratory) -> BehaviourReport:
        rng = np.random.default_rng(seed)
        chosen = rng.choice(np.flatnonzero(laboratory.active() > 0), 3, replace=False).tolist()
        return BehaviourReport(
            tuple(chosen), dict.fromkeys(chosen, -laboratory.whole / 3), dict.fromkeys(chosen, laboratory.whole / 3)
        )

    return explain


def oracle(truth: frozenset[int]) -> Explain:
    """A ceiling: the planted latents as they are measured on the teach prompts, and all others to first order."""

    def explain(laboratory: BehaviourLaboratory) -> BehaviourReport:
        members = tuple(sorted(truth))
        effects, slopes = map(_scored, laboratory.attribution())
        alone = laboratory.ablate([frozenset({each}) for each in members]).tolist()
        measured = {each: _slope(laboratory, each) for each in members}
        return BehaviourReport(members, effects | dict(zip(members, alone, strict=True)), slopes | measured)

    return explain


def _slope(laboratory: BehaviourLaboratory, latent: int) -> float:
    """The slope of steering, from a step to either side."""
    up, down = laboratory.steer([(latent, DOSE), (latent, -DOSE)])
    return float(up - down) / (2 * DOSE)


def mean_difference(laboratory: BehaviourLaboratory) -> BehaviourReport:
    """The latents whose values differ most between prompts and twins; each is said to carry its share of the sum."""
    apart = laboratory.difference_of_means()
    first = _first(apart, MOST)
    total = float(np.abs(apart[first]).sum()) or 1.0
    return BehaviourReport(tuple(first), {each: -laboratory.whole * abs(float(apart[each])) / total for each in first})


def attribution(laboratory: BehaviourLaboratory) -> BehaviourReport:
    """Gradient times activation, of every latent at once."""
    effects, slopes = laboratory.attribution()
    return _report(laboratory, _scored(effects), _scored(slopes))


def ablation(laboratory: BehaviourLaboratory) -> BehaviourReport:
    """Attribution's first, each ablated by itself, and those that are named all together."""
    effects, slopes = laboratory.attribution()
    first = _first(effects, LOOKED_AT)
    measured = laboratory.ablate([frozenset({each}) for each in first]).tolist()
    found = _report(laboratory, _scored(effects) | dict(zip(first, measured, strict=True)), _scored(slopes), first)
    if found.abstained:
        return found
    together = float(laboratory.ablate([frozenset(found.latents)])[0])
    return BehaviourReport(found.latents, found.effects, found.slopes, together)


def steering_probe(laboratory: BehaviourLaboratory) -> BehaviourReport:
    """Attribution's first, each steered to either side; an ablation is said to be a step back of its value."""
    effects, slopes = laboratory.attribution()
    first = _first(effects, LOOKED_AT // 2)
    measured = {each: _slope(laboratory, each) for each in first}
    apart = laboratory.difference_of_means()
    predicted = {each: -measured[each] * float(apart[each]) / laboratory.per_dose(each) for each in first}
    return _report(laboratory, predicted, _scored(slopes) | measured, first)


def _first(values: Floats, count: int) -> list[int]:
    """The largest in size, largest first."""
    found: list[int] = np.argsort(-np.abs(values), kind="stable")[:count].tolist()
    return found


def _scored(values: Floats) -> dict[int, float]:
    return {int(place): float(values[place]) for place in np.flatnonzero(values)}


def _report(
    laboratory: BehaviourLaboratory,
    effects: Mapping[int, float],
    slopes: Mapping[int, float],
    among: list[int] | None = None,
) -> BehaviourReport:
    """Name those without which a good share of the behaviour is said to be lost."""
    candidates = list(effects) if among is None else among
    lost = {each: -effects[each] / laboratory.whole for each in candidates}
    named = sorted((each for each in lost if lost[each] >= SHARE), key=lambda each: -lost[each])[:MOST]
    if not named:
        most = max(lost.values(), default=0.0)
        return BehaviourReport(reason=f"no latent carries {SHARE:.0%} of the difference; the most is {most:.0%}")
    return BehaviourReport(tuple(named), dict(effects), dict(slopes))


PLAIN: Mapping[str, Explain] = {
    "mean_difference": mean_difference,
    "attribution": attribution,
    "ablation": ablation,
    "steering_probe": steering_probe,
}


def contestants(truth: frozenset[int], seed: int) -> dict[str, Explain]:
    """Explainers by name; the oracle only where there is a truth that a latent can be."""
    found: dict[str, Explain] = {"random": random(seed)}
    found |= {name: guarded(explain) for name, explain in PLAIN.items()}
    return found | ({"oracle": oracle(truth)} if truth else {})
