"""The headline p of an explainer: its mean r against draws from matched strangers (METHOD.md section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats, Ints

THREE_SIGMA = 0.00135
STRANGERS = 99
FEWEST_STRANGERS = 19
# How far apart the odds of firing may lie, as a logarithm: a stranger fires on half to twice the odds. Reports rarer
# than one word in a thousand, or broader than all but one, count as equal.
CALIPER = float(np.log(2))
LEAST_RATE = 0.001
_TIE = 1e-12
# Reports that know nothing lie this much farther out on a unit than the null bank's strangers do, since what writes
# them differs from what wrote the bank: what exceeds the strangers' mean is divided by it before it is ranked (genomic
# control, Devlin and Roeder 1999). Chosen on pilot placebos; docs/statistics.md has the rates before and after.
INFLATION = 1.5


@dataclass(frozen=True, eq=False)
class Nearest:
    """The strangers matched to one own report.

    Attributes:
        indices: int64 [at most count], candidates, nearest first.
        largest_distance: of the farthest one, in standard deviations; 0 if there is none.
    """

    indices: Ints
    largest_distance: float


@dataclass(frozen=True)
class Headline:
    """One cell, explainer by tier by reader.

    Attributes:
        mean: mean r over units, abstentions and failures as 0.
        p: one-sided, (b + 1) / (draws + 1), ties against.
        z: the mean in standard deviations of the exact null, deflated; shown, never decided on.
        draws: how many were drawn.
        smallest_p: the smallest p that these units can give where strangers' r is nothing beside the own.
        resolvable: False with fewer strangers than 19 (or `fewest`) for any unit, or where `smallest_p` exceeds alpha.
        units: the denominator of `mean`.
    """

    mean: float
    p: float
    z: float
    draws: int
    smallest_p: float
    resolvable: bool
    units: int


def feature_scale(candidates: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """float64 [features]: standard deviation over the allowed candidates, 1 where it is 0."""
    if not allowed.any():
        return np.ones(candidates.shape[1])
    spread: Floats = candidates[allowed].std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def log_odds(log_rate: Floats) -> Floats:
    """float64 [reports]: the log odds that a report is predicted to fire on a word, from its log rate.

    On a logarithm of the rate alone, reports that fire on 70% and on 100% of the words would be neighbours.
    """
    rate = np.clip(np.exp(np.minimum(log_rate, 0.0)), LEAST_RATE, 1 - LEAST_RATE)
    odds: Floats = np.log(rate / (1 - rate))
    return odds


def nearest_strangers(
    own: Floats,
    candidates: Floats,
    allowed: NDArray[np.bool_],
    count: int = STRANGERS,
    scale: Floats | None = None,
    caliper: float | None = CALIPER,
) -> Nearest:
    """The `count` allowed candidates nearest to `own` in (log predicted firing rate, log length), within a caliper.

    Nearest is not near: of few reports that are as broad as the own one, the 99 nearest are mostly narrower, their r
    lies closer to 0, and whatever is broad beats them (Cochran and Rubin 1973 on caliper matching; docs/statistics.md
    has what it did to the false positives). Whoever is not within the caliper is no stranger.

    Args:
        own: float64 [2].
        candidates: float64 [reports, 2].
        allowed: bool [reports], the mask of the null bank on this unit; a masked report is never used.
        count: how many to take.
        scale: float64 [2], what one standard deviation is; from the allowed candidates if None.
        caliper: the largest difference in log odds of firing; None for none.

    Returns:
        nearest first; equal distances in the order of the candidates, so the choice is deterministic. Fewer than
        `count` where fewer are near enough; with fewer than 19 the headline is not resolvable.
    """
    unit = feature_scale(candidates, allowed) if scale is None else scale
    distance = np.sqrt((((candidates - own) / unit) ** 2).sum(axis=1))
    apart = np.abs(log_odds(candidates[:, 0]) - log_odds(own[:1]))
    usable = np.flatnonzero(allowed if caliper is None else allowed & (apart <= caliper + _TIE))
    chosen = usable[np.argsort(distance[usable], kind="stable")[:count]]
    return Nearest(chosen, float(distance[chosen].max(initial=0.0)))


def _drawn_means(members: Sequence[Floats], draws: int, seed: int) -> Floats:
    """float64 [draws]: mean over units of one uniform member of each unit's set."""
    rng = np.random.Generator(np.random.PCG64(seed))
    total = np.zeros(draws)
    for values in members:
        total += values[rng.integers(len(values), size=draws)]
    return total / max(1, len(members))


def deflated(above: float) -> float:
    """What lies above the null's mean, divided by the inflation; what lies below stays, since it is no claim."""
    return above / INFLATION if above > 0 else above


def _centre(members: Sequence[Floats]) -> float:
    return sum(float(values.mean()) for values in members) / max(1, len(members))


def _exact_z(above: float, members: Sequence[Floats]) -> float:
    spread = np.sqrt(sum(float(values.var()) for values in members)) / max(1, len(members))
    return float(above / spread) if spread > _TIE else 0.0


def _smallest(members: Sequence[Floats]) -> float:
    """The smallest p of own reports that tower over their strangers on some of the units and are nothing elsewhere.

    The observed mean is deflated, so draws reach it with fewer than all own reports; which units best carry it depends
    on their number, and every number is tried, the units with most strangers first.
    """
    chances = sorted(1 / len(values) for values in members)
    return min((_reached(chances[:count]) for count in range(1, len(chances) + 1)), default=1.0)


def _reached(chances: Sequence[float]) -> float:
    """The chance that a draw holds so many own reports, each 1 beside strangers' 0, that it reaches the deflated sum.

    Their number is Poisson binomial, by convolution.
    """
    number = np.ones(1)
    for chance in chances:
        number = np.convolve(number, [1 - chance, chance])
    bar = sum(chances) + deflated(len(chances) - sum(chances))
    return float(number[int(np.ceil(bar - _TIE)) :].sum())


def headline(
    own: Floats,
    strangers: Sequence[Floats],
    *,
    draws: int = 10_000,
    seed: int,
    alpha: float = THREE_SIGMA,
    fewest: int = FEWEST_STRANGERS,
) -> Headline:
    """Whether the mean r of the own reports exceeds that of matched strangers.

    A draw takes one member of {own} and the strangers of each unit uniformly, own included, independently over units.
    Draws are held against the mean deflated: by what it exceeds the draws' expectation, divided by the inflation.

    Args:
        own: float64 [units], r of the own reports; 0 for an abstention or a failure. Null units are not passed.
        strangers: for each unit, float64 [strangers], their r on that unit.
        draws: at least 10,000 for the board.
        seed: of the draws.
        alpha: what `smallest_p` is held against.
        fewest: strangers that every unit must have; a sampled reader's are 6 (METHOD.md section 3).

    Raises:
        ValueError: as many stranger sets as units are needed.
    """
    if len(own) != len(strangers):
        raise ValueError(f"{len(strangers)} sets of strangers for {len(own)} units; give one set a unit")
    members = [np.append(others, mine) for mine, others in zip(own, strangers, strict=True)]
    mean = float(np.mean(own)) if len(own) else 0.0
    centre = _centre(members)
    above = deflated(mean - centre)
    as_good = int((_drawn_means(members, draws, seed) >= centre + above - _TIE).sum())
    smallest = max(1 / (draws + 1), _smallest(members))
    enough = bool(members) and min(map(len, strangers)) >= fewest
    return Headline(
        mean=mean,
        p=(as_good + 1) / (draws + 1),
        z=_exact_z(above, members),
        draws=draws,
        smallest_p=smallest,
        resolvable=enough and smallest <= alpha,
        units=len(own),
    )
