"""Two explainers on the same units: sign-flip test, interval, "no worse than", and what could be told apart at all.

Every unit is paired with itself and counts once: average an explainer's seeds within their unit first (`over_seeds`),
since three seeds on one unit are not three units (METHOD.md sections 3 and 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.weightstats import ttost_paired

from benchmark.errors import UserError
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.corrections import Test, Verdict
from benchmark.statistics.power import ALPHA, FEWEST, POWER, resolvable_difference, spread
from synthetic_neurons.passages import Floats

Alternative = Literal["two-sided", "greater"]
# METHOD.md section 5: the margin of "no worse than", in r.
MARGIN = 0.03
DRAWS = 9_999
# Up to so many units that differ, all sign patterns are counted: 16,384.
EXACT_UNITS = 14
_CHUNK = 1_000
_TIE = 1e-12


class PairingError(UserError):
    """Two explainers cannot be compared on these units."""


@dataclass(frozen=True)
class NoWorse:
    """Non-inferiority and equivalence at a margin, by two one-sided t tests (Schuirmann 1987).

    Attributes:
        margin: in units of the score.
        p_no_worse: of "worse by the margin or more"; None where all units differ by the same, so that nothing is left
            to chance and the difference itself decides.
        p_equivalent: of "apart by the margin or more": the greater of both sides' p; None likewise.
        no_worse, equivalent: the verdicts; an exact zero difference is both (METHOD.md section 7).
        n: paired units.
    """

    margin: float
    p_no_worse: float | None
    p_equivalent: float | None
    no_worse: bool
    equivalent: bool
    n: int


@dataclass(frozen=True)
class Comparison:
    """First against second.

    Attributes:
        difference: the mean of first minus second with its interval over units.
        won, lost, tied: units on which the first scored higher, lower, the same.
        test: the sign-flip test, two-sided.
        verdict: at the level asked for, uncorrected; "not resolvable" where no sign pattern reaches it.
        no_worse: the first against the second at the margin; None under two units.
        resolvable: the smallest difference found with 80% power at this spread; None under two units.
    """

    difference: Interval
    won: int
    lost: int
    tied: int
    test: Test
    verdict: Verdict
    no_worse: NoWorse | None
    resolvable: float | None


def over_seeds(scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Unit to the mean over its seeds.

    Raises:
        PairingError: a unit has none.
    """
    empty = [unit for unit, values in scores.items() if not len(values)]
    if empty:
        raise PairingError(
            f"unit {empty[0]!r} has no score; a failure scores 0 and is never dropped (METHOD section 2)"
        )
    return {unit: float(np.mean(values)) for unit, values in scores.items()}


def paired_differences(first: Mapping[str, float], second: Mapping[str, float]) -> Floats:
    """float64 [units]: first minus second, in the order of the units' names.

    Raises:
        PairingError: a unit is missing from one of the two: a mean over other units is another quantity.
    """
    alone = sorted(first.keys() ^ second.keys())
    if alone:
        raise PairingError(
            f"unit {alone[0]!r} was given to one explainer alone ({len(alone)} such); run the other on it, or give "
            "both without it"
        )
    return np.array([first[unit] - second[unit] for unit in sorted(first)])


def _all_signs(count: int) -> NDArray[np.int8]:
    """int8 [2^count, count], each pattern of signs once."""
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    return (1 - 2 * bits).astype(np.int8)


def _as_good(signs: NDArray[np.int8], size: Floats, observed: float, alternative: Alternative) -> int:
    sums = signs @ size
    reached = np.abs(sums) if alternative == "two-sided" else sums
    return int((reached >= observed - _TIE * float(size.sum())).sum())


def sign_flip(
    differences: Sequence[float] | Floats,
    *,
    alternative: Alternative = "two-sided",
    draws: int = DRAWS,
    seed: int,
) -> Test:
    """The sign-flip test of mean 0 (Fisher 1935, section 21): under the null each difference's sign is a coin's.

    Exact over all patterns for up to 14 units that differ, else by draws with p = (b + 1) / (n + 1) (Phipson and Smyth
    2010). Ties count against. Units without a difference have no sign and change nothing. scipy's `permutation_test`
    does the same; one product of signs and sizes is some ten times faster, which tests of all pairs need.

    Args:
        differences: [units], first minus second.
        alternative: "two-sided", or "greater": the first scores higher.
        draws: of sign patterns, where they are not all counted.
        seed: of the draws.

    Returns:
        p, with the smallest p that so many units and draws can give; both 1 where nothing differs.
    """
    values = np.asarray(differences, dtype=float)
    size, total = np.abs(values[values != 0]), float(values.sum())
    observed = abs(total) if alternative == "two-sided" else total
    attainable = min(1.0, (2 if alternative == "two-sided" else 1) * 0.5 ** len(size))
    if len(size) <= EXACT_UNITS:
        return Test(_as_good(_all_signs(len(size)), size, observed, alternative) / 2 ** len(size), attainable)
    rng, reached = np.random.Generator(np.random.PCG64(seed)), 0
    for at in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - at)
        signs = (1 - 2 * rng.integers(2, size=(count, len(size)), dtype=np.int8)).astype(np.int8)
        reached += _as_good(signs, size, observed, alternative)
    return Test((reached + 1) / (draws + 1), max(attainable, 1 / (draws + 1)))


def no_worse_than(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats, margin: float = MARGIN, alpha: float = ALPHA
) -> NoWorse:
    """Whether the first is no worse than the second by `margin`, and whether the two are equivalent within it.

    Args:
        first: [units], scores.
        second: [units], those of the other on the same units in the same order.
        margin: above 0, in units of the score.
        alpha: of each one-sided test.

    Raises:
        PairingError: no margin, unequal lengths, or fewer than two units.
    """
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not margin > 0:
        raise PairingError(
            f"margin={margin}: nothing is within it; give a difference that would matter, such as {MARGIN}"
        )
    if len(one) != len(other) or len(one) < FEWEST:
        raise PairingError(f"{len(one)} scores against {len(other)}; give both explainers the same two units or more")
    apart = one - other
    if spread(apart) == 0:
        same = float(apart.mean())
        return NoWorse(margin, None, None, same > -margin, abs(same) < margin, len(one))
    both, lower, _ = ttost_paired(one, other, -margin, margin)
    p_lower, p_both = float(lower[1]), float(both)
    return NoWorse(margin, p_lower, p_both, p_lower <= alpha, p_both <= alpha, len(one))


def _verdict(test: Test, alpha: float) -> Verdict:
    if test.smallest_p > alpha:
        return "not resolvable"
    return "significant" if test.p <= alpha else "not significant"


def compare(
    first: Mapping[str, float],
    second: Mapping[str, float],
    *,
    margin: float = MARGIN,
    alpha: float = ALPHA,
    draws: int = DRAWS,
    resamples: int = 2_000,
    seed: int,
) -> Comparison:
    """All that is said of two explainers on the same units.

    Args:
        first: unit to score.
        second: unit to score; the same units.
        margin: of "no worse than".
        alpha: of the verdicts, two-sided for the difference.
        draws: of the sign-flip test.
        resamples: of the interval.
        seed: of both.

    Raises:
        PairingError: a unit is missing from one of the two.
    """
    apart = paired_differences(first, second)
    test = sign_flip(apart, draws=draws, seed=seed)
    units, enough = sorted(first), len(apart) >= FEWEST
    scores = ([first[unit] for unit in units], [second[unit] for unit in units])
    return Comparison(
        difference=interval(apart, level=1 - alpha, resamples=resamples, seed=seed),
        won=int((apart > 0).sum()),
        lost=int((apart < 0).sum()),
        tied=int((apart == 0).sum()),
        test=test,
        verdict=_verdict(test, alpha),
        no_worse=no_worse_than(*scores, margin, alpha) if enough else None,
        resolvable=resolvable_difference(spread(apart), len(apart), POWER, alpha) if enough else None,
    )
