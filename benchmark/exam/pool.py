"""How windows enter the shared pool: independently, with known probabilities (METHOD.md section 1)."""

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats

LEAST_FLOOR = 0.05
EXPECTED = 40

Bools = NDArray[np.bool_]


def unit_probabilities(positive: Bools, near_miss: Bools, expect: int = EXPECTED) -> Floats:
    """p_wu of one unit: scaled so that it expects `expect` positive and `expect` near-miss windows, or all there are.

    Args:
        positive: bool [windows], where the unit fires.
        near_miss: bool [windows]; a window that is also positive counts as positive.
        expect: windows of each kind to expect from this unit's own draw.

    Returns:
        float64 [windows], 0 outside both kinds.
    """
    near = near_miss & ~positive
    probability = np.zeros(len(positive))
    for kind in (positive, near):
        probability[kind] = min(1.0, expect / max(1, int(kind.sum())))
    return probability


def inclusion(p_unit: Floats, floor: float = LEAST_FLOOR) -> Floats:
    """pi_w = 1 - (1 - f) * prod_u (1 - p_wu): a window enters if the floor or any unit draws it.

    Args:
        p_unit: float64 [windows, units], from `unit_probabilities`.
        floor: f; at least 0.05, so that no weight 1/pi exceeds 20.

    Raises:
        ValueError: the floor or a probability is out of range.
    """
    if not LEAST_FLOOR <= floor <= 1:
        raise ValueError(f"the floor f is {floor}; it must lie in [{LEAST_FLOOR}, 1], so that no weight exceeds 20")
    if p_unit.size and not ((p_unit >= 0) & (p_unit <= 1)).all():
        raise ValueError("a unit's inclusion probability lies outside [0, 1]; make them with unit_probabilities")
    pi: Floats = 1 - (1 - floor) * np.prod(1 - p_unit, axis=1)
    return pi


def draw(pi: Floats, seed: int) -> Bools:
    """Which windows enter, bool [windows]: each independently with its own probability."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return np.asarray(rng.random(len(pi)) < pi, dtype=bool)
