"""Made-up arms of known effects: no figure here was measured."""

from itertools import product

import numpy as np

from benchmark.ablation.arms import Arms, arms_of
from benchmark.leaderboard.results import UnitResult

CLASSIC = ("min_rounds", "adversarial", "out_of_distribution", "significance")
SETTINGS = tuple(product((False, True), repeat=len(CLASSIC)))
FAMILIES = ("confounded", "adversarial", "polysemantic")
# What significance does, with a reader that sees it: r falls by 0.05, and claims on nulls from 6 of 10 to 1 of 10.
FALL, QUERIES = 0.05, (90, 12, 57, 57)


def label(setting: tuple[bool, ...]) -> str:
    """What the board calls an arm."""
    return f"guarded [{','.join(name for name, on in zip(CLASSIC, setting, strict=True) if on) or 'none'}]"


def made_up_arms() -> Arms:
    """The sixteen."""
    on = {label(s): frozenset(name for name, yes in zip(CLASSIC, s, strict=True) if yes) for s in SETTINGS}
    return arms_of("guarded", "none", on)


def _result(setting: tuple[bool, ...], tier: str, at: int, reader: str, outcome: str, r: float) -> UnitResult:
    rng = np.random.default_rng([at, *map(int, setting), tier == "null"])
    spoken = outcome == "graded"
    return UnitResult(
        explainer=label(setting),
        model="none",
        unit=f"{tier}-{at:02d}",
        tier=tier,
        family=FAMILIES[at % 3] if tier == "planted" else "null",
        reader=reader,
        outcome=outcome,
        r=r if spoken else 0.0,
        simulation_accuracy=0.5 + r / 2 if spoken else 0.5,
        auprc=0.0,
        f1=0.0,
        precision=0.0,
        p=0.5 if spoken else None,
        z=None,
        stranger_r=(),
        stranger_distance=0.0,
        discrimination=None,
        comprehension_gain=None,
        report_text="Fires on made-up words.",
        tokens=0,
        unit_queries=250 + sum(q for q, on in zip(QUERIES, setting, strict=True) if on),
        seconds=float(1 + 0.1 * sum(setting) + rng.uniform(0, 0.2)),
        dollars=None,
        confidence=float(np.clip(r + 0.1 - 0.05 * setting[3], 0, 1)) if spoken else None,
    )


def made_up_results(units: int = 18, nulls: int = 20, readers: tuple[str, ...] = ("executable",)) -> list[UnitResult]:
    """Planted and null units in all arms; the same arguments always give the same."""
    rng, found = np.random.default_rng(7), []
    for at in range(units):
        level, slope = rng.normal(0.7, 0.1), rng.normal(FALL, 0.02)
        for setting in SETTINGS:
            r = float(np.clip(level - slope * setting[3] + 0.02 * setting[0] + rng.normal(0, 0.02), 0, 1))
            found += [_result(setting, "planted", at, reader, "graded", r) for reader in readers]
    for at in range(nulls):
        lure = rng.uniform()
        for setting in SETTINGS:
            claims = lure < (0.1 if setting[3] else 0.6) or (setting == SETTINGS[1] and at == 0)
            outcome = "graded" if claims else "abstained"
            found += [_result(setting, "null", at, reader, outcome, 0.01) for reader in readers]
    return found
