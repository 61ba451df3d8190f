"""What is left of a behaviour, as a share, with some heads kept or ablated; and what that says of a report.

The share is f(C) = (m(C) - m(nothing)) / (m(model) - m(nothing)), with m the mean logit difference and everything
outside C ablated (Mueller et al. 2025, MIB, arXiv 2504.13151, section 3). It is stated for each way of ablating, since
circuits are faithful under one and not under another (Miller et al. 2024, arXiv 2407.08734).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product
from typing import Literal

import numpy as np

from benchmark.circuits.nodes import Head, Node
from benchmark.circuits.report import CircuitReport
from benchmark.circuits.runner import Ablation, Runner
from synthetic_neurons.passages import Floats

# Shares of the heads that are kept, as in MIB.
GRID = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
RANDOM, SUBSETS = 1_000, 16
Ranking = Literal["signed", "absolute"]


class NoBehaviour(ValueError):
    """The model and its ablated self differ by next to nothing, so that no share of it can be stated."""


@dataclass(frozen=True)
class Curve:
    """Faithfulness by the share of heads kept, best first.

    Attributes:
        faithfulness: at each share of `GRID`.
        area: its integral over the shares (MIB's CPR); more is better.
        distance: the integral of its distance from 1 (MIB's CMD); less is better.
    """

    faithfulness: tuple[float, ...]
    area: float
    distance: float


@dataclass(frozen=True)
class Faithfulness:
    """A report under one way of ablating.

    Attributes:
        sufficiency: f of the circuit alone.
        necessity: 1 - f of the model without it.
        minimality: the least that a head of it adds, f(C) - f(C without it); 0 where it has none.
        incompleteness: mean |f(C without K) - f(model without K)| over subsets K of it (Wang et al. 2022, IOI).
        signed, absolute: curves by the order of the scores, and by that of their sizes.
    """

    sufficiency: float
    necessity: float
    minimality: float
    incompleteness: float
    signed: Curve
    absolute: Curve


class Shares:
    """f for any heads, under one way of ablating; a set of heads is run once, whoever asks for it.

    Args:
        runner: the model on prompts that the report has not seen.
        how: ablates.

    Raises:
        NoBehaviour: there is nothing of which a share could be had.
    """

    def __init__(self, runner: Runner, how: Ablation) -> None:
        self.runner, self.how = runner, how
        self._means: dict[frozenset[Node], float] = {}
        self._all = runner.scope
        self._nothing = float(self._ablated([self._all])[0])
        self._range = float(runner.whole.mean()) - self._nothing
        if abs(self._range) < 1e-3:
            raise NoBehaviour(
                f"the behaviour's logit difference changes by {self._range:.1g} when all heads are ablated"
            )

    def kept(self, some: Sequence[frozenset[Node]]) -> Floats:
        """float64 [sets]: f with all others ablated."""
        return self.without([self._all - each for each in some])

    def without(self, some: Sequence[frozenset[Node]]) -> Floats:
        """float64 [sets]: f of the model without them."""
        found: Floats = (self._ablated(some) - self._nothing) / self._range
        return found

    def _ablated(self, some: Sequence[frozenset[Node]]) -> Floats:
        new = [each for each in dict.fromkeys(some) if each not in self._means]
        if new:
            self._means |= dict(zip(new, self.runner.differences(new, self.how).mean(1).tolist(), strict=True))
        return np.array([self._means[each] for each in some])


def faithfulness(report: CircuitReport, runner: Runner, how: Ablation, seed: int = 0) -> Faithfulness:
    """Grade a report under one way of ablating.

    Args:
        report: with a circuit.
        runner: the model on prompts that the report has not seen.
        how: ablates.
        seed: of the subsets.
    """
    return graded(report, Shares(runner, how), seed)


def graded(report: CircuitReport, shares: Shares, seed: int = 0) -> Faithfulness:
    """Grade a report by shares that may have been asked for before; see `faithfulness`."""
    circuit, heads = report.circuit, shares.runner.heads
    members, rng = sorted(circuit), np.random.default_rng(seed)
    less = [circuit - {head} for head in members]
    some = [frozenset(head for head in members if rng.random() < 0.5) for _ in range(SUBSETS)]
    alone, *without_one = shares.kept([circuit, *less])
    apart = np.abs(shares.kept([circuit - each for each in some]) - shares.without(some))
    return Faithfulness(
        float(alone),
        1.0 - float(shares.without([circuit])[0]),
        float(alone - max(without_one, default=alone)),
        float(apart.mean()),
        curve(report, shares, heads, "signed"),
        curve(report, shares, heads, "absolute"),
    )


def curve(report: CircuitReport, shares: Shares, heads: Sequence[Head], ranking: Ranking) -> Curve:
    """Faithfulness of the best heads by the report's scores; equal ones in the order of their places."""

    def size(head: Head) -> float:
        score = report.scores.get(head, 0.0)
        return -abs(score) if ranking == "absolute" else -score

    order = sorted(heads, key=lambda head: (size(head), head))
    kept = [frozenset(order[: math.ceil(share * len(order))]) for share in GRID]
    found = shares.kept(kept)
    area = float(np.trapezoid(found, GRID))
    return Curve(tuple(map(float, found)), area, float(np.trapezoid(np.abs(1.0 - found), GRID)))


def matched(circuit: frozenset[Head], each: int, number: int, seed: int) -> list[frozenset[Head]]:
    """Random circuits with as many heads in each layer as `circuit` has, no two alike; all there are if no more.

    Args:
        circuit: the one to be matched, which may be among them.
        each: heads in a layer.
        number: how many are drawn.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    counts = Counter(head.layer for head in circuit)
    if math.prod(math.comb(each, count) for count in counts.values()) <= number:
        every = [combinations([Head(layer, place) for place in range(each)], n) for layer, n in sorted(counts.items())]
        return [frozenset(chain(*parts)) for parts in product(*every)]
    found: dict[frozenset[Head], None] = {}
    while len(found) < number:
        drawn = ((layer, rng.choice(each, count, replace=False)) for layer, count in sorted(counts.items()))
        found[frozenset(Head(layer, int(place)) for layer, places in drawn for place in places)] = None
    return list(found)


class Chance:
    """Random circuits to rank reports among, drawn once for each way in which circuits lie in the layers.

    Args:
        shares: of the model, on prompts that no report has seen.
        number: how many are drawn.
        seed: of the draws.
    """

    def __init__(self, shares: Shares, number: int = RANDOM, seed: int = 0) -> None:
        self._shares, self._number, self._seed = shares, number, seed
        self._drawn: dict[tuple[int, ...], dict[frozenset[Head], float]] = {}

    def of(self, circuit: frozenset[Head]) -> Floats:
        """float64 [number, or as many as there are]: f of other circuits with as many heads in each layer."""
        machine = self._shares.runner.machine
        key = tuple(sum(head.layer == layer for head in circuit) for layer in range(machine.layers))
        if key not in self._drawn:
            # One more than are asked for, since the circuit itself may be drawn.
            some = matched(circuit, machine.each, self._number + 1, self._seed)
            self._drawn[key] = dict(zip(some, self._shares.kept(some).tolist(), strict=True))
        others = [share for other, share in self._drawn[key].items() if other != circuit]
        return np.array(others[: self._number])

    def p(self, circuit: frozenset[Head]) -> float:
        """The chance that a circuit drawn like these keeps as much as this one: (b + 1) / (n + 1).

        A rank among others drawn without replacement, which is uniform where the circuit is no better than they are.
        Never below 1 / (n + 1); n is smaller where fewer circuits match.
        """
        others, own = self.of(circuit), float(self._shares.kept([circuit])[0])
        return float((1 + (others >= own - 1e-9).sum()) / (len(others) + 1))

    def least(self, circuit: frozenset[Head]) -> float:
        """The smallest p that a circuit with as many heads in each layer could have."""
        return 1.0 / (len(self.of(circuit)) + 1)
