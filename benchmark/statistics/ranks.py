"""The p of one report on one unit: its rank in the pooled, studentised null bank (METHOD.md sections 4 and 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from benchmark.statistics.headline import THREE_SIGMA, deflated, log_odds
from synthetic_neurons.passages import Floats, Ints

PAIRS_PER_STRATUM = 20_000
MOST_STRATA = 4
# The pool is kept in single precision, and shipped in half: values closer than this (relative), or than the pool's own
# precision, are ties, and ties count against.
_TIE = 1e-6
_NO_SPREAD = 1e-12
# Bank reports of like breadth whose r on all units studentises a report's.
NEIGHBOURS = 50
# The least spread of a breadth, in that of all breadths: few narrow reports have a word in common with any unit, so
# theirs is known by a handful of pairs.
LEAST_BREADTH = 0.5

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class RankP:
    """A rank p.

    Attributes:
        p: (b + 1) / (N + 1), ties against, corrected for best-of-k; what decides.
        z: the studentised r, deflated where the null is by breadth; shown only.
        smallest_p: the smallest p that the pool can give, corrected alike; where it exceeds alpha, "not resolvable".
    """

    p: float
    z: float
    smallest_p: float


@dataclass(frozen=True)
class Share:
    """How many of a list of p are significant.

    Attributes:
        holm: share rejected by Holm (family-wise; for claims).
        benjamini_hochberg: share rejected at that false-discovery rate (for lists).
        tests: the denominator.
    """

    holm: float
    benjamini_hochberg: float
    tests: int


def best_of_correction(p: float, tries: int) -> float:
    """The p of the best of `tries` independent candidates: 1 - (1 - p)^k (Sidak)."""
    if tries < 1:
        raise ValueError(f"best_of={tries}; a report is the best of at least one candidate")
    return 1.0 if p >= 1 else float(-np.expm1(tries * np.log1p(-p)))


def _strata(pairs: Ints) -> Ints:
    """The stratum of each unit: consecutive blocks, equal in units, each of at least 20,000 pairs if more than one.

    Args:
        pairs: int64 [units], allowed bank reports on each unit.
    """
    wanted = min(MOST_STRATA, max(1, int(pairs.sum()) // PAIRS_PER_STRATUM), max(1, len(pairs)))
    for count in range(wanted, 0, -1):
        blocks = np.array_split(np.arange(len(pairs)), count)
        if count == 1 or min(int(pairs[block].sum()) for block in blocks) >= PAIRS_PER_STRATUM:
            break
    return np.repeat(np.arange(len(blocks)), [len(block) for block in blocks])


def _moments(r: Floats, allowed: Bools) -> tuple[Floats, Floats]:
    """Mean and standard deviation per unit over its allowed reports.

    A unit without spread takes the root mean square of the others', so that it can neither divide by 0 nor win by it.
    """
    count = np.maximum(allowed.sum(axis=1), 1)
    mean = np.where(allowed, r, 0.0).sum(axis=1) / count
    spread = np.sqrt(np.where(allowed, (r - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    some = spread > _NO_SPREAD
    typical = float(np.sqrt((spread[some] ** 2).mean())) if some.any() else 1.0
    return mean, np.where(some, spread, typical)


@dataclass(frozen=True, eq=False)
class Alike:
    """The bank in the order of breadth, so that a report is studentised by bank reports as broad as itself.

    Attributes:
        r: float64 [units, readable reports].
        allowed: bool [units, readable reports].
        odds: float64 [readable reports], ascending log odds of being predicted to fire.
        spread: float64 [units], each unit's over all that it may meet.
    """

    r: Floats
    allowed: Bools
    odds: Floats
    spread: Floats

    @classmethod
    def of_bank(cls, r: Floats, allowed: Bools, log_rate: Floats, spread: Floats) -> "Alike":
        """The reports that may be a stranger to some unit, in order."""
        odds, usable = log_odds(log_rate), allowed.any(axis=0)
        order = np.flatnonzero(usable)[np.argsort(odds[usable], kind="stable")]
        return cls(r[:, order], allowed[:, order], odds[order], spread)

    def neighbours(self, odds: float, without: int | None = None) -> Ints:
        """int64 [at most 50]: places of the bank reports nearest in log odds, `without` one of them."""
        distance = np.abs(self.odds - odds)
        if without is not None:
            distance[without] = np.inf
        near = np.argsort(distance, kind="stable")[:NEIGHBOURS]
        found: Ints = near[np.isfinite(distance[near])]
        return found

    def moments(self, near: Ints) -> tuple[Floats, Floats]:
        """float64 [units] each: the neighbours' mean, and the spread: the unit's times the breadth's."""
        return self.means(near), self.spread * self.breadth(near)

    def means(self, near: Ints) -> Floats:
        """float64 [units]: the neighbours' mean over those allowed there."""
        r, allowed = self.r[:, near], self.allowed[:, near]
        found: Floats = np.where(allowed, r, 0.0).sum(axis=1) / np.maximum(allowed.sum(axis=1), 1)
        return found

    def breadth(self, near: Ints) -> float:
        """The neighbours' spread about their means, in each unit's own.

        One number for all units, since r is mostly 0: of the 50 neighbours on one unit often none has a word in common
        with it, and a spread of theirs alone would make a giant of the next that has.
        """
        r, allowed = self.r[:, near], self.allowed[:, near]
        apart = np.where(allowed, (r - self.means(near)[:, None]) / self.spread[:, None], 0.0)
        return max(float(np.sqrt((apart**2).sum() / max(1, allowed.sum()))), LEAST_BREADTH)

    def studentised(self) -> Floats:
        """float64 [units, readable reports]: every bank r by its own neighbours, itself left out.

        A report is no neighbour of its own: with 50 neighbours it would keep its own z below 7, and the own report,
        which is not in the bank, would meet a null without its tail.
        """
        z = np.empty(self.r.shape)
        for place, odds in enumerate(self.odds):
            mean, spread = self.moments(self.neighbours(float(odds), without=place))
            z[:, place] = (self.r[:, place] - mean) / spread
        return z


@dataclass(frozen=True, eq=False)
class PooledNull:
    """The bank's r, studentised per unit and pooled within strata; without `alike` small enough to ship with a suite.

    Attributes:
        mean, sd: float64 [units].
        stratum: int64 [units].
        pools: per stratum, float32 or, where a suite ships them so, float16 [pairs], ascending studentised r.
        alike: the bank by breadth, where r is studentised by unit and breadth; None where by unit alone.
    """

    mean: Floats
    sd: Floats
    stratum: Ints
    pools: tuple[NDArray[np.float32] | NDArray[np.float16], ...]
    alike: Alike | None = None

    @classmethod
    def of_bank(
        cls, r: Floats, allowed: Bools, rate: Floats | None = None, log_rate: Floats | None = None
    ) -> "PooledNull":
        """Pool a bank.

        Args:
            r: float64 [units, reports].
            allowed: bool [units, reports], the mask of the null bank; a masked pair enters neither moments nor pool.
            rate: float64 [units], firing rates: a stratum holds units of neighbouring rates; None if the units come in
                that order.
            log_rate: float64 [reports], on what share of the words each report is predicted to fire: r is then
                studentised by unit and by breadth, since broad reports correlate more widely with anything. None: by
                unit alone.
        """
        if r.shape != allowed.shape:
            raise ValueError(f"the bank's r is {r.shape} and its mask {allowed.shape}; both are [units, reports]")
        mean, sd = _moments(r, allowed)
        order = np.arange(len(r)) if rate is None else np.argsort(rate, kind="stable")
        stratum = np.empty(len(r), dtype=np.int64)
        stratum[order] = _strata(allowed.sum(axis=1)[order])
        alike = None if log_rate is None else Alike.of_bank(r, allowed, log_rate, sd)
        z, kept = (
            ((r - mean[:, None]) / sd[:, None], allowed) if alike is None else (alike.studentised(), alike.allowed)
        )
        pools = tuple(
            np.sort(z[stratum == each][kept[stratum == each]].astype(np.float32))
            for each in range(int(stratum.max()) + 1)
        )
        return cls(mean, sd, stratum, pools, alike)

    def p(self, unit: int, r: float, best_of: int = 1, log_rate: float | None = None) -> RankP:
        """The p of a report with correlation `r` on unit number `unit`.

        By breadth, z is deflated before it is ranked; by unit alone, as practice slices have it, it is not.

        Args:
            unit: its number.
            r: of the report on it.
            best_of: how many submitted candidates it is the best of.
            log_rate: on what share of the words it is predicted to fire; needed where the null was made by breadth.

        Raises:
            ValueError: the null was made by breadth and the report's is not given.
        """
        mean, sd = float(self.mean[unit]), float(self.sd[unit])
        if self.alike is not None:
            if log_rate is None:
                raise ValueError("this null is studentised by breadth; give the report's log predicted firing rate")
            near = self.alike.neighbours(float(log_odds(np.array([log_rate]))[0]))
            mean, sd = (float(each[unit]) for each in self.alike.moments(near))
            return self.rank(deflated((r - mean) / sd), int(self.stratum[unit]), best_of)
        return self.rank((r - mean) / sd, int(self.stratum[unit]), best_of)

    def rank(self, z: float, stratum: int, best_of: int = 1) -> RankP:
        """The p of a studentised r within one stratum."""
        pool = self.pools[stratum]
        near = max(_TIE, float(np.finfo(pool.dtype).eps)) * max(1.0, abs(z))
        as_good = len(pool) - int(np.searchsorted(pool, z - near, side="left"))
        total = len(pool) + 1
        return RankP(best_of_correction((as_good + 1) / total, best_of), z, best_of_correction(1 / total, best_of))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays for safetensors or npz, the pools in half precision; `from_arrays` reads them back.

        A p may grow by what then ties, and never shrinks.
        """
        pools = {f"pool_{index}": pool.astype(np.float16) for index, pool in enumerate(self.pools)}
        return {"mean": self.mean, "sd": self.sd, "stratum": self.stratum, **pools}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "PooledNull":
        """Read what `to_arrays` wrote."""
        stratum = np.asarray(arrays["stratum"], dtype=np.int64)
        pools = tuple(np.asarray(arrays[f"pool_{each}"]) for each in range(int(stratum.max()) + 1))
        return cls(np.asarray(arrays["mean"], dtype=float), np.asarray(arrays["sd"], dtype=float), stratum, pools)


def _rejected(ps: Sequence[float] | Floats, alpha: float, method: str) -> Bools:
    if len(ps) == 0:
        return np.zeros(0, dtype=bool)
    return np.asarray(multipletests(np.asarray(ps, dtype=float), alpha=alpha, method=method)[0], dtype=bool)


def holm(ps: Sequence[float] | Floats, alpha: float = THREE_SIGMA) -> Bools:
    """Which are significant with the family-wise error at `alpha` (Holm 1979): for claims."""
    return _rejected(ps, alpha, "holm")


def benjamini_hochberg(ps: Sequence[float] | Floats, alpha: float = THREE_SIGMA) -> Bools:
    """Which are significant with the false-discovery rate at `alpha` (Benjamini and Hochberg 1995): for lists."""
    return _rejected(ps, alpha, "fdr_bh")


def significant_share(ps: Sequence[float] | Floats, alpha: float = THREE_SIGMA) -> Share:
    """The shares rejected by Holm and by Benjamini-Hochberg; 0 of 0 tests is 0."""
    tests = max(1, len(ps))
    return Share(float(holm(ps, alpha).sum() / tests), float(benjamini_hochberg(ps, alpha).sum() / tests), len(ps))
