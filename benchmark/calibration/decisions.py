"""The shipped 3 sigma on evidence: the rank p of single reports, and the headline p of made-up explainers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.calibration.evidence import Bools, Evidence
from benchmark.statistics.headline import Nearest, deflated, headline, log_odds, nearest_strangers
from benchmark.statistics.ranks import Alike, PooledNull
from synthetic_neurons.passages import Floats, Ints

Matching = Callable[[Floats, Floats, Bools], Nearest]


@dataclass(frozen=True, eq=False)
class Runs:
    """The headline p of many explainers that know nothing.

    Attributes:
        p: float64 [runs]; 1 where the cell is not resolvable, since then nothing is claimed.
        resolvable: bool [runs].
        cluster: int64 [runs]: runs of one cluster share reports, runs of two share none.
        disjoint: how many runs there are at least that share no report at all.
        breadth: float64 [runs], the median share of words on which a run's reports are predicted to fire.
        farthest: float64 [runs], the largest matching distance.
    """

    p: Floats
    resolvable: Bools
    cluster: Ints
    disjoint: int
    breadth: Floats
    farthest: Floats


def suite_null(evidence: Evidence) -> PooledNull:
    """The pooled null of the units of some evidence, as a board makes it."""
    return PooledNull.of_bank(evidence.bank_r, evidence.bank_allowed, evidence.rate, evidence.bank_features[:, 0])


def rank_ps(null: PooledNull, evidence: Evidence, units: Ints, reports: Ints) -> Floats:
    """float64 [pairs]: the shipped per-unit p of report j on unit i, of which `null` was made."""
    rates = evidence.features[:, 0]
    return np.array(
        [
            null.p(int(i), float(evidence.r[i, j]), log_rate=float(rates[j])).p
            for i, j in zip(units, reports, strict=True)
        ]
    )


def null_rank_ps(null: PooledNull, rates: Floats, evidence: Evidence) -> Floats:
    """float64 [nulls]: the per-unit p of each null's own report, as if the null were one more unit of the suite.

    The bank is examined on the null, which gives its mean and spread; the spread of the breadth, and the pool of ranks,
    of the stratum of the unit whose firing rate is nearest, are the suite's.

    Args:
        null: of the suite's units on the natural pool.
        rates: float64 [units of the suite], the rates that gave them their strata.
        evidence: one shard; report i is about null i.
    """
    assert null.alike is not None, "the shipped per-unit null is by breadth"
    own = PooledNull.of_bank(evidence.bank_r, evidence.bank_allowed).sd
    alike = Alike.of_bank(evidence.bank_r, evidence.bank_allowed, evidence.bank_features[:, 0], own)
    odds = log_odds(evidence.features[:, 0])
    ps = np.empty(len(evidence.r))
    for unit in range(len(ps)):
        mean = alike.means(alike.neighbours(float(odds[unit])))[unit]
        sd = alike.spread[unit] * null.alike.breadth(null.alike.neighbours(float(odds[unit])))
        nearest = int(np.argmin(np.abs(np.log(rates) - np.log(evidence.rate[unit]))))
        z = float((evidence.r[unit, unit] - mean) / sd)
        ps[unit] = null.rank(deflated(z), int(null.stratum[nearest])).p
    return ps


def one_run(
    evidence: Evidence, units: Ints, reports: Ints, seed: int, match: Matching | None = None
) -> tuple[float, bool, float]:
    """The headline of an explainer that hands in report j on unit i: p, whether it is resolvable, and the distance.

    Args:
        evidence: of one reader.
        units: int64 [n], the units of the tier.
        reports: int64 [n], the report on each.
        seed: of the draws.
        match: which strangers stand in; those of the board if None.
    """
    match = match or nearest_strangers
    features = evidence.features[reports]
    candidates = np.concatenate([evidence.bank_features, features])
    strangers, farthest = [], 0.0
    for place, unit in enumerate(units):
        others = evidence.allowed[unit, reports].copy()
        others[place] = False
        near = match(features[place], candidates, np.concatenate([evidence.bank_allowed[unit], others]))
        everyone = np.concatenate([evidence.bank_r[unit], evidence.r[unit, reports]])
        strangers.append(everyone[near.indices])
        farthest = max(farthest, near.largest_distance)
    found = headline(evidence.r[units, reports], strangers, seed=seed)
    return found.p, found.resolvable, farthest


def _gathered(
    evidence: Evidence,
    drawn: Sequence[tuple[Ints, Ints]],
    cluster: Sequence[int],
    disjoint: int,
    seed: int,
    match: Matching | None,
) -> Runs:
    made = [one_run(evidence, units, reports, seed + place, match) for place, (units, reports) in enumerate(drawn)]
    resolvable = np.array([each[1] for each in made], dtype=bool)
    return Runs(
        np.where(resolvable, np.array([each[0] for each in made]), 1.0),
        resolvable,
        np.array(cluster, dtype=np.int64),
        disjoint,
        np.array([float(np.median(evidence.breadth[reports])) for _, reports in drawn]),
        np.array([each[2] for each in made]),
    )


def null_runs(evidence: Evidence, size: int, runs: int, seed: int, match: Matching | None = None) -> Runs:
    """Explainers of null units: `size` nulls of one shard, drawn without replacement, each with its own report.

    Args:
        evidence: one shard; report i is about unit i.
        size: how many units a tier of the suite has.
        runs: how many explainers; they overlap where they are more than the shard has disjoint groups.
        seed: of the draws.
        match: which strangers stand in.
    """
    rng, total = np.random.default_rng([seed, 2]), len(evidence.r)
    groups: list[Ints] = []
    while len(groups) < runs:
        order = rng.permutation(total)
        groups += [order[at : at + size] for at in range(0, total - size + 1, size)]
    drawn = [(group, group) for group in groups[:runs]]
    return _gathered(evidence, drawn, [0] * len(drawn), min(runs, total // size), seed, match)


def _assigned(allowed: Bools, source: Ints, rng: np.random.Generator) -> Ints | None:
    """One placebo a unit, no two of one source and each allowed there; None where that does not come off.

    An explainer reports on as many things as there are units; what is said of one thing is much alike.
    """
    order = rng.permutation(allowed.shape[1])
    taken = np.zeros(int(source.max(initial=0)) + 1, dtype=bool)
    chosen = np.empty(len(allowed), dtype=np.int64)
    for unit in range(len(allowed)):
        free = order[allowed[unit, order] & ~taken[source[order]]]
        if not len(free):
            return None
        chosen[unit], taken[source[free[0]]] = free[0], True
        order = rng.permutation(order)
    return chosen


def blocks(sources: NDArray[np.str_], count: int, seed: int) -> Ints:
    """int64 [reports]: reports dealt to blocks at random, all reports on one source to the same one."""
    names, of = np.unique(sources, return_inverse=True)
    dealt: Ints = np.random.default_rng([seed, 3]).permutation(len(names)) % count
    return dealt[of]


def placebo_runs(
    evidence: Evidence,
    sources: NDArray[np.str_],
    count: int,
    runs: int,
    seed: int,
    keep: Bools | None = None,
    match: Matching | None = None,
) -> Runs:
    """Explainers that hand in placebos: one unrelated report to each unit of a tier.

    Args:
        evidence: placebos on the units of one tier.
        sources: [reports], what each is about; a run takes no two of one.
        count: blocks that the sources are dealt to; a run takes its reports from one, so runs of two blocks share none.
        runs: how many in all, in turn over the blocks that hold enough sources.
        seed: of the draws.
        keep: bool [reports], the placebos that may be handed in, such as those of one breadth; all if None.
        match: which strangers stand in.
    """
    rng, units = np.random.default_rng([seed, 4]), np.arange(len(evidence.r))
    places = np.arange(len(sources)) if keep is None else np.flatnonzero(keep)
    source = np.unique(sources[places], return_inverse=True)[1]
    block = blocks(sources[places], count, seed)
    members = [np.flatnonzero(block == each) for each in np.unique(block)]
    able = [each for each in members if len(np.unique(source[each])) >= len(units)]
    drawn: list[tuple[Ints, Ints]] = []
    cluster: list[int] = []
    for turn in range(runs if able else 0):
        some = able[turn % len(able)]
        chosen = _assigned(evidence.allowed[:, places[some]], source[some], rng)
        if chosen is not None:
            drawn.append((units, places[some][chosen]))
            cluster.append(turn % len(able))
    most = -(-runs // len(able)) if able else 0
    disjoint = sum(min(len(np.unique(source[each])) // len(units), most) for each in able)
    return _gathered(evidence, drawn, cluster, disjoint, seed, match)
