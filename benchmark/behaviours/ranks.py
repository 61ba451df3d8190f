"""Whether the latents that a report names matter more than others of their number that are on as often: 3σ by rank."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.behaviours.effects import Effects
from benchmark.statistics.headline import THREE_SIGMA
from synthetic_neurons.passages import Floats

SETS = 1_000
# Draws before a pool is taken to be used up.
PATIENCE = 20


@dataclass(frozen=True)
class Rank:
    """A rank among matched random sets.

    Attributes:
        p: (b + 1) / (n + 1), ties against.
        beaten_by: b.
        sets: n, no two alike.
        significant: p at most 3σ's, one-sided.
        resolvable: whether n sets could show that.
        on: mean share of teach prompts on which a named latent is on, and one of a random set.
    """

    p: float
    beaten_by: int
    sets: int
    significant: bool
    resolvable: bool
    on: tuple[float, float]


def matched_sets(named: Sequence[int], share: Floats, seed: int, count: int = SETS) -> list[frozenset[int]]:
    """Random sets of as many latents, each on about as often as the one in whose place it stands; no two sets alike.

    Args:
        named: the latents in whose places others stand.
        share: float64 [latents], on what share of prompts each is on; those that never are do not stand for any.
        seed: of the draws.
        count: how many are wanted; fewer where the latents that are on do not suffice.
    """
    rng = np.random.default_rng(seed)
    usable = np.array([place for place in np.flatnonzero(share > 0).tolist() if place not in set(named)])
    wide = len(usable) if len(named) == 1 else math.ceil((4 * count) ** (1 / len(named))) + 4 * len(named)
    pools = [usable[np.argsort(np.abs(share[usable] - share[each]), kind="stable")[:wide]] for each in named]
    found: dict[frozenset[int], None] = {}
    for _ in range(PATIENCE * count):
        drawn = frozenset(int(rng.choice(pool)) for pool in pools)
        if len(drawn) == len(named):
            found[drawn] = None
        if len(found) == count:
            break
    return list(found)


def rank(exam: Effects, named: Sequence[int], share: Floats, seed: int) -> Rank:
    """The rank of a report's latents by what is lost on some exam prompts when they are put to zero.

    Args:
        exam: few prompts, since every set runs on each of them.
        named: of the report.
        share: of teach prompts on which each latent is on.
        seed: of the random sets.
    """
    sets = matched_sets(named, share, seed)
    lost = -np.sign(exam.whole) * exam.ablate([frozenset(named), *sets])
    b, n = int((lost[1:] >= lost[0]).sum()), len(sets)
    p = (b + 1) / (n + 1)
    theirs = float(np.mean([share[list(each)].mean() for each in sets])) if sets else 0.0
    mine = float(share[list(named)].mean())
    return Rank(p, b, n, p <= THREE_SIGMA, 1 / (n + 1) <= THREE_SIGMA, (mine, theirs))
