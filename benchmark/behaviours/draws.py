"""Which interventions an exam is of: each unit draws its own, and no latent that matters stands in two of them."""

import zlib

import numpy as np

from benchmark.behaviours.effects import Effects
from benchmark.behaviours.interventions import Ablate, Steer
from synthetic_neurons.passages import Floats

# Explainers steer by another dose.
DOSES = (-0.3, -0.15, 0.15, 0.3)
ABLATED, STEERED, AMONG = 12, 12, 24


def seed_of(name: str, seed: int) -> int:
    """A unit's own seed, so that no two units draw the same slots: CRC-32 of the seed and its name."""
    return zlib.crc32(f"{seed} {name}".encode())


def drawn(effects: Effects, seed: int) -> list[Ablate | Steer]:
    """Ablations of one to four latents, then steerings of one.

    Every ablation has one or two latents of the `AMONG` that matter most by the exam's own gradient (18 in all), and
    none to two of the others that are on (12 in all); every other steering is of one that matters. A latent that
    matters stands in one ablation and in one steering at most: a strong one in two would decide their correlation.
    """
    lost, slopes = effects.first_order
    rng = np.random.default_rng(seed)
    on = effects.active() > 0
    strong, others = _parted(lost, on, rng)
    found: list[Ablate | Steer] = []
    for count in range(ABLATED):
        some = [strong.pop() for _ in range(1 + count % 2)]
        found.append(Ablate(frozenset([*some, *rng.choice(others, count % 3, replace=False).tolist()])))
    strong, others = _parted(slopes, on, rng)
    for count in range(STEERED):
        found.append(Steer(strong.pop() if count % 2 else int(rng.choice(others)), DOSES[count % len(DOSES)]))
    return found


def _parted(
    values: Floats, on: "np.ndarray[tuple[int], np.dtype[np.bool_]]", rng: np.random.Generator
) -> "tuple[list[int], list[int]]":
    """The `AMONG` largest in size of those that are on, shuffled, and all others that are on."""
    order = np.argsort(np.where(on, -np.abs(values), np.inf), kind="stable")
    strong: list[int] = rng.permutation(order[:AMONG]).tolist()
    others = [place for place in np.flatnonzero(on).tolist() if place not in set(strong)]
    return strong, others
