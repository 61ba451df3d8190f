"""Attribution beside exact patching, on the same prompts in the same run: how far they agree, and what each costs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.runner import Runner
from benchmark.statistics.association import pearson, spearman

STEPS = 5
# Every turn is warm; the median of so many is told, but for edges patched one by one, which take long: one turn.
TURNS = 3


@dataclass(frozen=True)
class Beside:
    """Effects to first order beside exact ones.

    Attributes:
        r, rank_r: Pearson's and Spearman's correlation.
        faster, fewer: seconds and prompts of exact patching over those of the gradients.
    """

    r: float
    rank_r: float
    faster: float
    fewer: float


@dataclass(frozen=True)
class SideBySide:
    """Of heads and of edges, from one gradient and integrated over several.

    Attributes:
        heads, heads_ig, edges, edges_ig: of each.
    """

    heads: Beside
    heads_ig: Beside
    edges: Beside
    edges_ig: Beside


def side_by_side(runner: Runner) -> SideBySide:
    """Patch every head and every edge, and attribute them.

    Args:
        runner: the model on some prompts.
    """
    laboratory = EdgeLaboratory(runner, budget=10**9)
    _patched_heads(laboratory)
    laboratory.edge_attribution()
    heads = _median(laboratory, lambda: _patched_heads(laboratory))
    edges = _timed(laboratory, lambda: _patched_edges(laboratory))
    return SideBySide(
        _beside(heads, _median(laboratory, lambda: laboratory.attribution())),
        _beside(heads, _median(laboratory, lambda: laboratory.attribution(STEPS))),
        _beside(edges, _median(laboratory, lambda: laboratory.edge_attribution())),
        _beside(edges, _median(laboratory, lambda: laboratory.edge_attribution(STEPS))),
    )


@dataclass(frozen=True)
class _Timed:
    effects: Mapping[Any, float]
    seconds: float
    prompts: int


def _timed(laboratory: EdgeLaboratory, measure: Callable[[], Mapping[Any, float]]) -> _Timed:
    before, started = laboratory.spent, time.perf_counter()
    found = measure()
    return _Timed(found, time.perf_counter() - started, laboratory.spent - before)


def _median(laboratory: EdgeLaboratory, measure: Callable[[], Mapping[Any, float]]) -> _Timed:
    return sorted((_timed(laboratory, measure) for _ in range(TURNS)), key=lambda each: each.seconds)[TURNS // 2]


def _patched_heads(laboratory: EdgeLaboratory) -> Mapping[Any, float]:
    left = laboratory.ablate([frozenset({head}) for head in laboratory.heads], "resample")
    return dict(zip(laboratory.heads, (laboratory.whole - left).tolist(), strict=True))


def _patched_edges(laboratory: EdgeLaboratory) -> Mapping[Any, float]:
    left = laboratory.patch([frozenset({edge}) for edge in laboratory.edges])
    return dict(zip(laboratory.edges, (laboratory.whole - left).tolist(), strict=True))


def _beside(exact: _Timed, quick: _Timed) -> Beside:
    one, other = (np.array([each.effects[part] for part in exact.effects]) for each in (exact, quick))
    return Beside(
        pearson(one, other), spearman(one, other), exact.seconds / quick.seconds, exact.prompts / quick.prompts
    )
