"""A report against what is known: which heads and edges are the circuit, and what interventions do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from benchmark.circuits.faithfulness import Shares
from benchmark.circuits.kinds.kind import Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.report import CircuitReport
from synthetic_neurons.passages import Floats

Bools = NDArray[np.bool_]

# An effect counts as one from this share of the behaviour on.
EFFECT = 0.1
INTERVENTIONS, LARGEST = 64, 6


@dataclass(frozen=True)
class Agreement:
    """How a report's heads or edges agree with the truth.

    Attributes:
        auroc, auprc: of the sizes of its scores; 0.5 and the share of true ones where it scores none.
        f1: of what it names; 0 where it names nothing.
    """

    auroc: float
    auprc: float
    f1: float


@dataclass(frozen=True)
class Foresight:
    """Effects of interventions that nobody had run, predicted and measured.

    Attributes:
        r: their correlation; 0 where the prediction is the same throughout.
        right: share of interventions of which it is rightly said whether they do anything (`EFFECT`).
        signs: share of those that do anything whose effect's sign it foretells; foretelling none is wrong.
        interventions: how many.
    """

    r: float
    right: float
    signs: float
    interventions: int


def of_heads(report: CircuitReport, truth: frozenset[Head], heads: Sequence[Head]) -> Agreement:
    """Heads against the planted ones."""
    is_true = np.array([head in truth for head in heads])
    scores = np.array([abs(report.scores.get(head, 0.0)) for head in heads])
    named = np.array([head in report.circuit for head in heads])
    return _agreement(is_true, scores, named)


def of_edges(report: CircuitReport, truth: frozenset[Edge], edges: Sequence[Edge]) -> Agreement:
    """Edges against the planted ones."""
    is_true = np.array([edge in truth for edge in edges])
    scores = np.array([abs(report.edges.get(edge, 0.0)) for edge in edges])
    return _agreement(is_true, scores, np.array([edge in report.wired for edge in edges]))


def _agreement(is_true: Bools, scores: Floats, named: Bools) -> Agreement:
    return Agreement(
        float(roc_auc_score(is_true, scores)),
        float(average_precision_score(is_true, scores)),
        float(f1_score(is_true, named, zero_division=0.0)),
    )


def interventions(truth: frozenset[Head], heads: Sequence[Head], seed: int) -> list[frozenset[Head]]:
    """Sets of heads to be ablated: two to six, each with a true head or none by the toss of a coin, no two alike.

    Single heads are what explainers ablate themselves; two and more together nobody has.
    """
    rng, members = np.random.default_rng(seed), sorted(truth)
    others = [head for head in heads if head not in truth]
    found: dict[frozenset[Head], None] = {}
    while len(found) < INTERVENTIONS:
        size = int(rng.integers(2, LARGEST + 1))
        true = int(rng.integers(1, min(size, len(members)) + 1)) if members and rng.random() < 0.5 else 0
        chosen = [members[i] for i in rng.choice(len(members), true, replace=False)]
        chosen += [others[i] for i in rng.choice(len(others), size - true, replace=False)]
        found[frozenset(chosen)] = None
    return list(found)


def foresight(report: CircuitReport, shares: Shares, sets: Sequence[frozenset[Head]]) -> Foresight:
    """What a report predicts of interventions, against what they do."""
    predicted = np.array([report.loss(some) for some in sets])
    actual = 1.0 - shares.without(list(sets))
    flat = np.ptp(predicted) < 1e-12 or np.ptp(actual) < 1e-12
    r = 0.0 if flat else float(np.corrcoef(predicted, actual)[0, 1])
    there = np.abs(actual) >= EFFECT
    signs = float((np.sign(predicted) == np.sign(actual))[there].mean()) if there.any() else 1.0
    return Foresight(r, float(((np.abs(predicted) >= EFFECT) == there).mean()), signs, len(sets))
