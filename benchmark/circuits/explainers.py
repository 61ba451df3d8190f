"""Explainers of circuits that ask no language model, and the two controls between which they stand."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from benchmark.circuits.laboratory import Change, CircuitLaboratory
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.runner import Ablation

Explain = Callable[[CircuitLaboratory], CircuitReport]
# A head belongs to the circuit from this share of the behaviour on.
SHARE = 0.02
# A greedy search stops once this share is kept, and takes no more heads than this.
ENOUGH, MOST = 0.95, 16
# A head matches a template from this share of its attention on.
MATCHES = 0.4


def random(seed: int) -> Explain:
    """A floor: as many heads as a circuit may have at most, at random."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        rng = np.random.default_rng(seed)
        scores = dict(zip(laboratory.heads, rng.random(len(laboratory.heads)).tolist(), strict=True))
        return _report(scores, 1.0, frozenset(sorted(scores, key=lambda head: -scores[head])[: len(scores) // 8]))

    return explain


def oracle(truth: frozenset[Head]) -> Explain:
    """A ceiling: the planted heads, each with the share that is lost without it."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        members = sorted(truth)
        left = laboratory.ablate([frozenset({head}) for head in members], "mean")
        lost = (laboratory.whole - left) / laboratory.change("mean").mean
        effects = dict(zip(members, lost.tolist(), strict=True))
        return CircuitReport({head: max(effect, 1e-6) for head, effect in effects.items()}, truth, effects=effects)

    return explain


def ablation(how: Ablation) -> Explain:
    """Each head ablated by itself: what is lost without it is its score (activation patching, if by its twin)."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        whole = laboratory.change(how)
        if whole.is_nothing:
            return abstention(whole)
        left = laboratory.ablate([frozenset({head}) for head in laboratory.heads], how)
        lost = (laboratory.whole - left) / whole.mean
        return _report(dict(zip(laboratory.heads, lost.tolist(), strict=True)))

    return explain


def attribution(steps: int = 1) -> Explain:
    """Attribution patching: all heads' effects from one gradient, or integrated over several."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        whole = laboratory.change_to_twin
        if whole.is_nothing:
            return abstention(whole)
        slopes = laboratory.attribution(steps)
        return _report({head: slope / whole.mean for head, slope in slopes.items()})

    return explain


def attention_score() -> Explain:
    """What a head looks at, and nothing else: prefix matching and its kin (Olsson et al. 2022, appendix)."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        known = templates(laboratory.tokens)
        scores, does = dict[Head, float](), dict[Head, str]()
        for layer, pattern in enumerate(laboratory.patterns()):
            for place in range(pattern.shape[1]):
                matches = {name: mass(pattern[:, place], mask) for name, mask in known.items()}
                best = max(matches, key=lambda name: matches[name])
                scores[Head(layer, place)], does[Head(layer, place)] = matches[best], best
        circuit = frozenset(head for head, score in scores.items() if score >= MATCHES)
        return CircuitReport(
            scores, circuit, {head: does[head] for head in circuit}, {head: scores[head] for head in circuit}
        )

    return explain


def templates(tokens: Tensor) -> dict[str, Tensor]:
    """What heads are known to look at; bool [prompts, query, key] each.

    Args:
        tokens: int64 [prompts, position]; the first of them begins every prompt.
    """
    rows, length = tokens.shape
    query, key = torch.arange(length)[:, None], torch.arange(length)[None]
    same = tokens[:, :, None] == tokens[:, None, :]
    after = torch.zeros_like(same)
    after[:, :, 1:] = same[:, :, :-1]
    found = {
        "previous token": (key == query - 1).expand(rows, -1, -1),
        "duplicate token": same & (key < query),
        "induction": after & (key <= query),
        "first token": ((key == 1) & (query > 1)).expand(rows, -1, -1),
    }
    return {name: mask & (query > 0) for name, mask in found.items()}


def mass(pattern: Tensor, mask: Tensor) -> float:
    """Mean attention on what a template marks, over the queries for which it marks anything."""
    asked = mask.any(-1)
    return float((pattern * mask).sum(-1)[asked].mean()) if bool(asked.any()) else 0.0


def logit_attribution() -> Explain:
    """What each head writes of the answer itself; whoever only feeds other heads is not seen."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        if laboratory.preference.is_nothing:
            return abstention(laboratory.preference)
        return _report({head: value / laboratory.whole for head, value in laboratory.direct().items()})

    return explain


def greedy(how: Ablation) -> Explain:
    """Heads taken one by one, always the one that brings back most of the behaviour, until enough is there."""

    def explain(laboratory: CircuitLaboratory) -> CircuitReport:
        whole = laboratory.change(how)
        if whole.is_nothing:
            return abstention(whole)
        # A head of an early layer brings nothing back before those that read it are there; ablate instead of keeping.
        gone: frozenset[Head] = frozenset()
        scores: dict[Head, float] = {}
        while len(gone) < MOST:
            rest = [head for head in laboratory.heads if head not in gone]
            lost = (laboratory.whole - laboratory.ablate([gone | {head} for head in rest], how)) / whole.mean
            best = int(lost.argmax())
            scores[rest[best]] = float(lost[best]) - sum(scores.values())
            gone |= {rest[best]}
            if float(lost[best]) >= ENOUGH:
                break
        return _report(scores, 0.0)

    return explain


def abstention(change: Change) -> CircuitReport:
    """A report that there is no circuit, as there is next to nothing to be explained."""
    told = (
        f"what there is to explain is a change of {change.mean:.2f}, {change.errors:.1f} standard errors over prompts"
    )
    return CircuitReport({}, reason=told)


def _report(
    scores: Mapping[Head, float], least: float = SHARE, circuit: frozenset[Head] | None = None
) -> CircuitReport:
    chosen = frozenset(head for head, score in scores.items() if score > least) if circuit is None else circuit
    effects = {head: max(-1.0, min(1.0, scores[head])) for head in chosen}
    return CircuitReport(dict(scores), chosen, effects=effects)
