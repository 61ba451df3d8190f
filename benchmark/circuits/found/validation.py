"""A circuit that was found, on exam prompts: whether it is needed, enough, no larger than it has to be, and rare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import bootstrap

from benchmark.circuits.faithfulness import RANDOM, Shares, matched
from benchmark.circuits.layered import LayeredRunner
from benchmark.circuits.nodes import Head, Node
from benchmark.circuits.runner import ABLATIONS, Ablation
from synthetic_neurons.passages import Floats

# Resamples of prompts for an interval.
RESAMPLES = 10_000


@dataclass(frozen=True)
class Rank:
    """A circuit among random ones of its size in its layers, each kept alone.

    Attributes:
        own: what it keeps of the behaviour.
        random: what they keep: mean, and the greatest.
        p: (b + 1) / (n + 1), b being how many keep as much.
        sigma: how many of their standard deviations it lies above their mean.
        circuits, prompts: how many.
    """

    own: float
    random: float
    greatest: float
    p: float
    sigma: float
    circuits: int
    prompts: int


def rank(circuit: frozenset[Head], runner: LayeredRunner, how: Ablation, number: int = RANDOM, seed: int = 0) -> Rank:
    """Rank a circuit among others, of which it is none; see `Rank`."""
    some = matched(circuit, runner.machine.each, number + 1, seed)
    others = [other for other in some if other != circuit][:number]
    own, *rest = Shares(runner, how).kept([circuit, *others])
    # A circuit of all heads has no other like it: p is 1, and nothing is rarer than it.
    kept = rest or [own]
    spread = float(np.std(kept))
    return Rank(
        float(own),
        float(np.mean(kept)),
        float(np.max(kept)),
        float((1 + sum(each >= own - 1e-9 for each in rest)) / (len(others) + 1)),
        (float(own) - float(np.mean(kept))) / spread if spread else 0.0,
        len(others),
        len(runner.behaviour),
    )


def graded(circuit: frozenset[Head], runner: LayeredRunner, leave_out: Sequence[Ablation]) -> dict[str, Any]:
    """Sufficiency and necessity under each way of ablating, and what each head adds under some of them.

    `between` has the 95% intervals of both over prompts, which are what these figures would be repeated on. Minimality
    is the least that a head adds, f(C) - f(C without it); `needed` the share of heads that add anything.
    """
    found: dict[str, Any] = {}
    for how in ABLATIONS:
        shares, members = Shares(runner, how), sorted(circuit)
        alone = float(shares.kept([circuit])[0])
        found[how] = {"sufficiency": alone, "necessity": 1.0 - float(shares.without([circuit])[0])}
        found[how] |= {"between": _between(circuit, runner, how)}
        if how in leave_out:
            adds = alone - shares.kept([circuit - {head} for head in members])
            found[how] |= {"minimality": float(adds.min()), "needed": float((adds > 0).mean())}
            found[how]["adds"] = {str(head): float(each) for head, each in zip(members, adds, strict=True)}
    return found


def _between(circuit: frozenset[Head], runner: LayeredRunner, how: Ablation) -> dict[str, list[float]]:
    """95% intervals of sufficiency and necessity: BCa bootstrap over prompts (Efron 1987); none of one prompt."""
    if len(runner.behaviour) < 2:
        return {}
    alone, without, nothing = runner.differences([runner.scope - circuit, circuit, runner.scope], how)

    def share(kept: Floats, none: Floats, all_of_it: Floats, axis: int = -1) -> Floats:
        found: Floats = (kept.mean(axis) - none.mean(axis)) / (all_of_it.mean(axis) - none.mean(axis))
        return found

    def interval(kept: Floats) -> list[float]:
        data, rng = (kept, nothing, runner.whole), np.random.default_rng(0)
        made = bootstrap(data, share, paired=True, n_resamples=RESAMPLES, rng=rng).confidence_interval
        return [float(made.low), float(made.high)]

    low, high = interval(without)
    return {"sufficiency": interval(alone), "necessity": [1.0 - high, 1.0 - low]}


def of_mlps(circuit: frozenset[Head], runner: LayeredRunner) -> dict[str, Any]:
    """What MLPs are to a behaviour, as shares of the same range as heads' (all heads ablated is 0, the model is 1).

    Returns:
        by way of ablating: what is lost with each MLP, what is left without all of them, and what a circuit keeps
        when all MLPs are ablated beside the other heads.
    """
    found: dict[str, Any] = {}
    every, others = frozenset[Node](runner.mlps), frozenset[Node](runner.heads) - circuit
    for how in ABLATIONS:
        sets = [frozenset[Node](), *(frozenset[Node]({mlp}) for mlp in runner.mlps), every, every | others]
        means = runner.differences(sets, how).mean(1)
        nothing = float(runner.kept_alone([frozenset()], how).mean())
        whole, *left = ((means - nothing) / (float(runner.whole.mean()) - nothing)).tolist()
        lost = {str(mlp): whole - share for mlp, share in zip(runner.mlps, left, strict=False)}
        found[how] = {"lost": lost, "without_mlps": left[-2], "circuit_without_mlps": left[-1]}
    return found
