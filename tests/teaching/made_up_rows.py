"""Rows of made-up students: each arm's scores as they are told."""

from collections.abc import Mapping

import numpy as np

from benchmark.students.course import TeachingArm
from benchmark.teaching.rows import Row

GOOD: Mapping[TeachingArm, float] = {
    "none": 0.0,
    "off_topic": 0.0,
    "placebo": 0.1,
    "examples": 0.3,
    "static": 0.4,
    "yoked": 0.5,
    "live": 0.6,
    "misaligned": 0.0,
    "oracle": 0.8,
    "trained": 0.9,
    "relay": 0.4,
}


# Firing windows of the post-test that the parrot finds, as many that it does not, and as many silent ones.
HALF = 500


def bits(share: float, of: int = HALF) -> str:
    """So many right windows."""
    right = round(min(1.0, max(0.0, share)) * of)
    return "1" * right + "0" * (of - right)


def row(arm: TeachingArm, unit: str, after: float, tier: str = "planted", before: float = 0.0, **more: object) -> Row:
    found = Row(
        unit=unit,
        tier=tier,
        student="made_up",
        capacity="text-only",
        arm=arm,
        before=before,
        after=after,
        delayed=after,
        accuracy=0.5 + after / 2,
        right=bits(0.5 + after / 2) + bits(0.5 + after / 4) + bits(0.5),
        repeats="1" * HALF + "0" * HALF + "10" * (HALF // 2),
        fires="1" * (2 * HALF) + "0" * HALF,
        forecasts=10,
        unanswered=1,
        forecast_error=0.8,
        base_error=1.0,
        regret=0.1,
        random_regret=0.3,
        curve=((600, after),),
        own_state=True if arm == "yoked" else None,
    )
    return Row(**{**vars(found), **more})


def rows(
    means: Mapping[TeachingArm, float] = GOOD, tier: str = "planted", units: int = 24, sd: float = 0.05
) -> list[Row]:
    """Every arm on the same units, each unit with an offset of its own, and noise."""
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.1, units)
    return [
        row(arm, f"{tier}-{i}", mean + (shared[i] + rng.normal(0, sd) if mean else 0.0), tier)
        for arm, mean in means.items()
        for i in range(units)
    ]
