"""Made-up results: no figure here was measured."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.leaderboard import Board, UnitResult, build

PROVENANCE = {
    "suite": "embedded-1",
    "suite_hash": "9f2c11d07be4aa1f",
    "seed": 7,
    "code": "0.1.0",
}
FAMILIES = ("atom", "union", "context")
# Explainer: model, mean r on planted units, mean r on found units.
ARMS: dict[str, tuple[str, float, float]] = {
    "oracle": ("none", 1.0, 0.0),
    "rule_induction": ("none", 0.72, 0.42),
    "top_tokens": ("none", 0.70, 0.45),
    "single_pass": ("smollm2-135m-instruct", 0.12, 0.10),
    "placebo": ("none", 0.0, 0.0),
    "constant": ("none", 0.0, 0.0),
}


def made_up(explainer: str, tier: str, index: int, reader: str = "executable", **changes: Any) -> UnitResult:
    """One made-up result; the same arguments always give the same result."""
    name = f"{explainer}/{tier}/{index}/{reader}"
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()))
    model, planted, found = ARMS.get(explainer, ("none", 0.4, 0.3))
    centre = {"planted": planted, "found": found, "null": 0.0}[tier] * (1.0 if reader == "executable" else 0.7)
    exact = explainer == "oracle" and reader == "executable"
    r = 1.0 if exact else float(np.clip(centre + rng.normal(0, 0.12), -1, 1))
    family = FAMILIES[index % 3] if tier == "planted" else "null" if tier == "null" else f"rate-{index % 2}"
    result = UnitResult(
        explainer=explainer,
        model=model,
        unit=f"{tier}-{index:02d}",
        tier=tier,
        family=family,
        reader=reader,
        outcome="graded",
        r=r,
        simulation_accuracy=float(np.clip(0.5 + r / 2, 0, 1)),
        auprc=max(r, 0.01),
        f1=max(r, 0.0),
        precision=max(r, 0.0),
        p=5e-5 if r > 0.35 else float(rng.uniform(0.01, 1)),
        z=float(r / 0.05),
        stranger_r=tuple(float(x) for x in rng.normal(0, 0.08, 99)),
        stranger_distance=float(rng.uniform(0.2, 1.5)),
        discrimination=float(np.clip(0.5 + r / 2, 0, 1)),
        comprehension_gain=None,
        report_text=f"Fires on words like those of {family} {index}.",
        tokens=0 if model == "none" else int(rng.integers(800, 3000)),
        unit_queries=int(rng.integers(0, 300)),
        seconds=float(rng.uniform(0.01, 20)),
        dollars=None,
    )
    if explainer == "constant":
        result = replace(result, outcome="constant", r=0.0)
    return replace(result, **changes)


def whole_board(units: int = 24, nulls: int = 12) -> list[UnitResult]:
    """All arms by two readers on planted, found and null units; `single_pass` declares no predicates."""
    results = []
    for reader in ("executable", "embedding"):
        for explainer in ARMS:
            for tier, count in (("planted", units), ("found", units), ("null", nulls)):
                if explainer == "oracle" and tier != "planted":
                    continue
                results += [made_up(explainer, tier, index, reader) for index in range(count)]
    return [_varied(result) for result in results]


def _varied(result: UnitResult) -> UnitResult:
    index = int(result.unit[-2:])
    silent: dict[str, Any] = {"stranger_r": (), "stranger_distance": 0.0, "p": None, "z": None}
    if result.explainer == "rule_induction" and result.tier == "null" and index % 4:
        return replace(result, outcome="abstained", report_text="nothing to explain", **silent)
    if result.explainer == "single_pass" and index == 5:
        return replace(result, outcome="unparsable", report_text="", **silent)
    if result.explainer == "single_pass" and result.reader == "executable":
        return replace(
            result, outcome="declares_none", r=None, simulation_accuracy=None, auprc=None, f1=None, precision=None
        )
    return result


@pytest.fixture(scope="session")
def make() -> Callable[..., UnitResult]:
    return made_up


@pytest.fixture(scope="session")
def rebuild() -> Callable[..., Board]:
    """Build a board of given results quickly."""

    def build_it(results: list[UnitResult], **changes: Any) -> Board:
        given: dict[str, Any] = {"provenance": PROVENANCE, "floors": {}, "ceilings": {}, "seed": 7, "draws": 2000}
        return build(results, **(given | {"resamples": 200} | changes))

    return build_it


@pytest.fixture(scope="session")
def results() -> list[UnitResult]:
    return whole_board()


@pytest.fixture(scope="session")
def board(results: list[UnitResult], rebuild: Callable[..., Board]) -> Board:
    return rebuild(results)
