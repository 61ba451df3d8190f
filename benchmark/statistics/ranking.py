"""Explainers ranked by the rivals they beat, with intervals and tie groups as letters.

Every pair meets on the same units: the sign-flip test of its mean paired difference in score decides the contest, and
Holm corrects for the number of contests. So a rank is claimed only where it would stand again on other units.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count, islice

import numpy as np

from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.corrections import Verdict, decide
from benchmark.statistics.paired import DRAWS, PairingError, paired_differences, sign_flip
from benchmark.statistics.power import ALPHA

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Contest:
    """One pair: the first has the higher mean, or the same and the earlier name.

    Attributes:
        difference: mean of first minus second, with its own interval, not corrected for the number of pairs.
        share_won: share of the units on which the first scored higher, a tie as half.
        p: two-sided, by sign flips.
        adjusted: p by Holm over all contests of the ranking; what decides.
        verdict: of `adjusted`.
    """

    first: str
    second: str
    difference: Interval
    share_won: float
    p: float
    adjusted: float
    verdict: Verdict


@dataclass(frozen=True)
class Place:
    """One explainer's place.

    Attributes:
        name: whose.
        score: mean over units with its interval.
        share_won: mean share of units won against each rival, a tie as half, with its interval; 0.5 without rivals.
        won, lost: contests decided for and against it.
        best, worst: the ranks that the contests leave open: below all that beat it, above all that it beats.
        letters: tie groups; two explainers share a letter exactly when their contest is not significant.
    """

    name: str
    score: Interval
    share_won: Interval
    won: int
    lost: int
    best: int
    worst: int
    letters: str


@dataclass(frozen=True)
class Ranking:
    """Places in order, contests won less lost first, then the mean score, then the name; and every contest."""

    places: tuple[Place, ...]
    contests: tuple[Contest, ...]
    units: int


def _names_of_letters() -> Iterator[str]:
    """The letters a to z, then a1 to z1, and so on."""
    yield from _LETTERS
    for turn in count(1):
        yield from (f"{letter}{turn}" for letter in _LETTERS)


def _absorb(groups: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """The groups that lie in no other."""
    distinct = list(dict.fromkeys(groups))
    return [group for group in distinct if not any(group < other for other in distinct)]


def tie_groups(names: Sequence[str], different: Collection[frozenset[str]]) -> list[frozenset[str]]:
    """The largest groups without a significantly different pair, by insert-and-absorb (Piepho 2004).

    All start in one group. Each different pair splits every group that holds both into one without the first and one
    without the second; what then lies within another group is absorbed.

    Args:
        names: in the order of the ranking.
        different: the pairs that differ.

    Returns:
        groups, in the order of their first members; every name is in one at least.
    """
    groups = [frozenset(names)] if names else []
    for first, second in combinations(names, 2):
        if frozenset((first, second)) in different:
            split = [group - {gone} for group in groups for gone in (second, first) if {first, second} <= group]
            groups = _absorb([*(group for group in groups if not {first, second} <= group), *split])
    place = {name: index for index, name in enumerate(names)}
    return sorted(groups, key=lambda group: sorted(place[name] for name in group))


def compact_letters(names: Sequence[str], different: Collection[frozenset[str]]) -> dict[str, str]:
    """Name to its letters: two names share one exactly when their pair is not among the different ones.

    Args:
        names: in the order of the ranking, so that the first has "a".
        different: the pairs that differ.
    """
    groups = tie_groups(names, different)
    letters = list(islice(_names_of_letters(), len(groups)))
    # Beyond z a letter is two characters, so they are set apart.
    between = "" if len(groups) <= len(_LETTERS) else " "
    return {
        name: between.join(each for each, group in zip(letters, groups, strict=True) if name in group) for name in names
    }


def _share(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {unit: (1 + np.sign(first[unit] - second[unit])) / 2 for unit in first}


def _contests(
    order: Sequence[str], scores: Mapping[str, Mapping[str, float]], alpha: float, draws: int, resamples: int, seed: int
) -> list[Contest]:
    pairs = list(combinations(order, 2))
    apart = [paired_differences(scores[first], scores[second]) for first, second in pairs]
    tests = [sign_flip(each, draws=draws, seed=seed) for each in apart]
    decisions = decide(tests, method="holm", alpha=alpha)
    return [
        Contest(
            *pair,
            difference=interval(each, level=1 - alpha, resamples=resamples, seed=seed),
            share_won=float(np.mean((1 + np.sign(each)) / 2)),
            p=test.p,
            adjusted=decision.adjusted,
            verdict=decision.verdict,
        )
        for pair, each, test, decision in zip(pairs, apart, tests, decisions, strict=True)
    ]


def _shares(name: str, scores: Mapping[str, Mapping[str, float]]) -> list[float]:
    """Unit by unit, the share of the rivals that were beaten on it."""
    rivals = [_share(scores[name], scores[rival]) for rival in scores if rival != name]
    return [float(np.mean([each[unit] for each in rivals])) if rivals else 0.5 for unit in sorted(scores[name])]


def rank(
    scores: Mapping[str, Mapping[str, float]],
    *,
    alpha: float = ALPHA,
    draws: int = DRAWS,
    resamples: int = 2_000,
    seed: int,
) -> Ranking:
    """Rank explainers that were given the same units.

    Args:
        scores: explainer to unit to score; failures and abstentions as METHOD section 2 scores them.
        alpha: family-wise level of the contests, and of each interval.
        draws: of each sign-flip test; where Holm's smallest step lies below 1 / (draws + 1), contests are not
            resolvable and so decide nothing: draw more.
        resamples: of each interval.
        seed: of both.

    Raises:
        PairingError: no units, or explainers with different ones.
    """
    if not scores or not all(scores.values()):
        raise PairingError("no units to rank explainers on; give each the same units and their scores")
    means = {name: float(np.mean(list(values.values()))) for name, values in scores.items()}
    by_mean = sorted(scores, key=lambda name: (-means[name], name))
    contests = _contests(by_mean, scores, alpha, draws, resamples, seed)
    decided = [each for each in contests if each.verdict == "significant"]
    # The first of a contest has the higher mean, and a mean of 0 apart is never significant.
    won = {name: sum(each.first == name for each in decided) for name in by_mean}
    lost = {name: sum(each.second == name for each in decided) for name in by_mean}
    order = sorted(by_mean, key=lambda name: (lost[name] - won[name], -means[name], name))
    letters = compact_letters(order, {frozenset((each.first, each.second)) for each in decided})
    places = [
        Place(
            name=name,
            score=interval([scores[name][unit] for unit in sorted(scores[name])], resamples=resamples, seed=seed),
            share_won=interval(_shares(name, scores), resamples=resamples, seed=seed),
            won=won[name],
            lost=lost[name],
            best=1 + lost[name],
            worst=len(order) - won[name],
            letters=letters[name],
        )
        for name in order
    ]
    return Ranking(tuple(places), tuple(contests), len(scores[by_mean[0]]))
