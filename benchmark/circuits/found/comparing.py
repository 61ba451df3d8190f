"""Methods against each other: which heads they rank alike, and attribution patching against what it approximates."""

import time
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from scipy.stats import pearsonr, spearmanr

from benchmark.circuits.laboratory import CircuitLaboratory
from benchmark.circuits.layered import LayeredRunner

PLENTY = 10**9
# A gradient is over in a moment: the least of so many times.
TIMES = 3


def agreement(reports: Mapping[str, Mapping[str, Any]], prefix: Mapping[str, float]) -> list[dict[str, Any]]:
    """For each pair of methods, and each method and prefix matching: overlap of circuits, rank correlation."""
    found: list[dict[str, Any]] = []
    speaking = {name: report for name, report in reports.items() if report["scores"]}
    for one, other in combinations(speaking, 2):
        first, second = (set(speaking[name]["circuit"]) for name in (one, other))
        found.append(
            {
                "pair": [one, other],
                "jaccard": len(first & second) / max(1, len(first | second)),
                "shared": len(first & second),
                **_correlated(speaking[one]["scores"], speaking[other]["scores"]),
            }
        )
    return found + [
        {"pair": [name, "prefix_matching"], **_correlated(report["scores"], prefix)}
        for name, report in speaking.items()
        if any(prefix.values())
    ]


def _correlated(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    names = sorted(set(one) & set(other))
    pair = [one[name] for name in names], [other[name] for name in names]
    return {"pearson": float(pearsonr(*pair).statistic), "spearman": float(spearmanr(*pair).statistic)}


def attribution_and_patching(runner: LayeredRunner) -> dict[str, Any]:
    """Attribution patching against exact patching on the same prompts, timed one after the other in this process.

    Each head's output, at all positions, is what it is on the twin; exact patching runs each once, from its layer on.
    """
    laboratory = CircuitLaboratory(runner, PLENTY)
    quick = [_timed(laboratory, steps) for steps in (1, 5) for _ in range(TIMES if steps == 1 else 1)]
    began = time.perf_counter()
    left = laboratory.ablate([frozenset({head}) for head in laboratory.heads], "resample")
    exact_seconds = time.perf_counter() - began
    exact = (laboratory.whole - left).tolist()
    one, several = min(quick[:TIMES], key=lambda each: each[1]), quick[TIMES]
    return {
        "heads": len(exact),
        "prompts": laboratory.prompts,
        "exact_seconds": exact_seconds,
        "exact_prompts": len(exact) * laboratory.prompts,
        "attribution": _compared(one, exact, exact_seconds),
        "integrated_gradients": _compared(several, exact, exact_seconds),
    }


def _timed(laboratory: CircuitLaboratory, steps: int) -> tuple[list[float], float]:
    began = time.perf_counter()
    found = laboratory.attribution(steps)
    return [found[head] for head in laboratory.heads], time.perf_counter() - began


def _compared(quick: tuple[Sequence[float], float], exact: Sequence[float], seconds: float) -> dict[str, float]:
    values, own = quick
    return {
        "pearson": float(pearsonr(values, exact).statistic),
        "spearman": float(spearmanr(values, exact).statistic),
        "seconds": own,
        "times_faster": seconds / own,
    }
