"""The first table: how often the shipped 3 sigma rejects where there is nothing, and what making it wrong does.

Kinds of decision, each bounded for every reader at both levels, all upper bounds together with 99% and all lower ones:

- `null`: per-unit p of rule induction's best hypothesis on a null unit, handed in or not;
- `null_submitted`: the same where an abstention makes no claim, so cannot be significant;
- `null_headline`: explainers of as many null units as the tier of found units has;
- `placebo_found`, `placebo_planted`: per-unit p of placebo reports on the suite's units;
- `placebo_headline_found`, `placebo_headline_planted`: explainers that hand in placebos throughout a tier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.calibration.decisions import (
    Matching,
    Runs,
    null_rank_ps,
    null_runs,
    placebo_runs,
    rank_ps,
    suite_null,
)
from benchmark.calibration.evidence import Bools, Evidence
from benchmark.statistics.error_rates import Effective, RateBound, effective_number, rate_bound, rejections
from benchmark.statistics.headline import THREE_SIGMA, Nearest, nearest_strangers
from benchmark.statistics.ranks import PooledNull
from synthetic_neurons.passages import Floats, Ints

ALPHAS = (THREE_SIGMA, 0.05)
KINDS = (
    "null",
    "null_submitted",
    "null_headline",
    "placebo_found",
    "placebo_planted",
    "placebo_headline_found",
    "placebo_headline_planted",
)
# Upper ends of the classes of breadth: shares of words on which a report is predicted to fire.
BREADTHS = {"up to 0.1%": 0.001, "to 1%": 0.01, "to 5%": 0.05, "to 30%": 0.3, "above 30%": np.inf}
BLOCKS = 20
# From this share of the words on a report is broad.
BROAD = 0.05
# A level at which rejections are common enough to show what clustered decisions are worth.
_COMMON = 0.05
# Rejections from which their own variance between clusters is taken for what decisions are worth.
_ENOUGH = 10


def family(readers: int) -> int:
    """How many bounds hold together: every reader, kind and level."""
    return readers * len(KINDS) * len(ALPHAS)


@dataclass(frozen=True)
class Cell:
    """One reader and kind at one level.

    Attributes:
        reader, kind: what was decided.
        bound: the rate with its bounds and verdict.
        resolvable: the share of decisions that could be made at all; the bound is over these.
        note: what else is to be known.
    """

    reader: str
    kind: str
    bound: RateBound
    resolvable: float = 1.0
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {
            "reader": self.reader,
            "kind": self.kind,
            **self.bound.to_json(),
            "resolvable": self.resolvable,
            "note": self.note,
        }


@dataclass(frozen=True, eq=False)
class Decided:
    """Decisions by p, with the clusters that share units or reports.

    Attributes:
        p: float64 [decisions].
        resolvable: bool [decisions].
        breadth: float64 [decisions], share of words predicted to fire, of the report or a run's median one.
        first, second: int64 [decisions], clusters; None for independent decisions, or one way alone.
        least: how many decisions they are worth for sure.
    """

    p: Floats
    resolvable: Bools
    breadth: Floats
    first: Ints | None = None
    second: Ints | None = None
    least: float = 1.0

    def effective(self, alpha: float) -> Effective:
        """What the decisions are worth at one level."""
        if self.first is None:
            return Effective(float(len(self.p)))
        rejected = rejections(self.p, alpha)
        found = effective_number(rejected, self.first, self.second, self.least)
        if alpha >= _COMMON or rejected.sum() >= _ENOUGH:
            return found
        # A few rejections have no variance to see: alone in their clusters they would pass for independent. That of a
        # commoner level stands in for it, unless theirs says that the decisions are worth less.
        common = effective_number(rejections(self.p, _COMMON), self.first, self.second, self.least)
        return common if found.freedom is None else min(found, common, key=lambda each: each.number)

    def bound(self, alpha: float, members: int) -> RateBound:
        """The rate of rejections with its bounds, over the decisions that could be made.

        What is not resolvable is no "not significant": counted among the decisions it would thin out the rate.
        """
        made = self if self.resolvable.all() else self.where(self.resolvable)
        return rate_bound(rejections(made.p, alpha), alpha, members, made.effective(alpha))

    def where(self, keep: Bools) -> "Decided":
        """Some of the decisions; clusters stay, and nothing is claimed for sure."""
        first = None if self.first is None else self.first[keep]
        second = None if self.second is None else self.second[keep]
        return Decided(self.p[keep], self.resolvable[keep], self.breadth[keep], first, second)


def _of_runs(found: Sequence[Runs]) -> Decided:
    """Runs of several shards or blocks; those of two places share no report."""
    cluster = np.concatenate([each.cluster + 1_000 * place for place, each in enumerate(found)])
    return Decided(
        np.concatenate([each.p for each in found]),
        np.concatenate([each.resolvable for each in found]),
        np.concatenate([each.breadth for each in found]),
        cluster,
        least=float(sum(each.disjoint for each in found)),
    )


def decided_on_nulls(
    null: PooledNull, rates: Floats, shards: Sequence[tuple[Evidence, Ints]], size: int, runs: int, seed: int
) -> dict[str, Decided]:
    """All decisions on null units by one reader.

    Args:
        null: the pooled null of the suite's units on the natural pool.
        rates: float64 [units of the suite], their firing rates.
        shards: evidence of each shard, and how many candidates each null's explainer handed in (0 or 1).
        size: units of a headline.
        runs: headlines in all, spread over the shards.
        seed: of the draws.
    """
    p = np.concatenate([null_rank_ps(null, rates, evidence) for evidence, _ in shards])
    handed_in = np.concatenate([submitted for _, submitted in shards]) > 0
    breadth = np.concatenate([evidence.breadth for evidence, _ in shards])
    each = -(-runs // len(shards))
    groups = [
        null_runs(evidence, size, each, seed + 10_000 * place)
        for place, (evidence, _) in enumerate(shards)
        if len(evidence.r) >= size
    ]
    everyone = np.ones(len(p), dtype=bool)
    found = {
        "null": Decided(p, everyone, breadth),
        "null_submitted": Decided(np.where(handed_in, p, 1.0), everyone, breadth),
    }
    return found | ({"null_headline": _of_runs(groups)} if groups else {})


def decided_on_placebos(
    evidence: Evidence, tier: Ints, sources: NDArray[np.str_], runs: int, seed: int
) -> tuple[Decided, Decided]:
    """Per-unit and headline decisions of one reader on placebos.

    Args:
        evidence: placebos on all units of a pool.
        tier: int64, the units of the tier.
        sources: [reports], what each placebo is about.
        runs: headlines.
        seed: of the draws.
    """
    units, reports = np.nonzero(evidence.allowed[tier])
    p = rank_ps(suite_null(evidence), evidence, tier[units], reports)
    source = np.unique(sources, return_inverse=True)[1]
    least = float(min(len(tier), int(source.max()) + 1))
    single = Decided(
        p, np.ones(len(p), dtype=bool), evidence.breadth[reports], units.astype(np.int64), source[reports], least
    )
    together = placebo_runs(evidence.on(tier), sources, _blocks(sources, len(tier)), runs, seed)
    return single, _of_runs([together])


def _blocks(sources: NDArray[np.str_], units: int) -> int:
    """Into how many blocks placebos are dealt, so that each holds sources for a headline and half of another."""
    return max(1, min(BLOCKS, 2 * len(np.unique(sources)) // (3 * units)))


def cells(reader: str, decided: Mapping[str, Decided], members: int) -> list[Cell]:
    """Every kind at both levels."""
    return [
        Cell(reader, kind, each.bound(alpha, members), float(each.resolvable.mean()) if len(each.p) else 0.0)
        for kind, each in decided.items()
        for alpha in ALPHAS
    ]


def by_breadth(reader: str, decided: Mapping[str, Decided]) -> list[dict[str, Any]]:
    """Rates of rejection by classes of breadth; shown, not judged."""
    made = []
    for kind, each in decided.items():
        low = 0.0
        for name, high in BREADTHS.items():
            some = each.where((each.breadth >= low) & (each.breadth < high))
            low = high
            if len(some.p):
                rates = {f"{alpha:g}": float(rejections(some.p, alpha).mean()) for alpha in ALPHAS}
                share = float(some.resolvable.mean())
                row = {"reader": reader, "kind": kind, "breadth": name, "decisions": len(some.p)}
                made.append({**row, "resolvable": share, "rejected": rates})
    return made


def unmatched(own: Floats, candidates: Floats, allowed: Bools) -> Nearest:
    """Wrong on purpose: strangers matched on length alone, and not on how often they are predicted to fire."""
    length = float(candidates[allowed, 1].std()) if allowed.any() else 1.0
    return nearest_strangers(own, candidates, allowed, scale=np.array([1e12, length or 1.0]), caliper=None)


def without_caliper(own: Floats, candidates: Floats, allowed: Bools) -> Nearest:
    """As it was: the 99 nearest, however far."""
    return nearest_strangers(own, candidates, allowed, caliper=None)


MATCHINGS: dict[str, Matching] = {
    "shipped: matched within the caliper": nearest_strangers,
    "matched, no caliper": without_caliper,
    "not matched on firing rate": unmatched,
}


def wrong_matching(
    reader: str, evidence: Evidence, tier: str, sources: NDArray[np.str_], runs: int, seed: int
) -> list[Cell]:
    """Headlines of broad placebos (5% of the words or more) with the strangers matched rightly and wrongly.

    An exhibit outside the family of bounds: each of these holds with 99% by itself.
    """
    broad = evidence.breadth >= BROAD
    count = _blocks(sources[broad], len(evidence.r))
    made = []
    for name, match in MATCHINGS.items():
        decided = _of_runs([placebo_runs(evidence, sources, count, runs, seed, keep=broad, match=match)])
        if len(decided.p):
            share = float(decided.resolvable.mean())
            made.append(
                Cell(reader, f"{tier}: {name}", decided.bound(0.05, 1), share, "reports on 5% of words or more")
            )
    return made


def with_paraphrases(
    reader: str, evidence: Evidence, own: Sequence[Sequence[int]], exact: Ints, members: int
) -> dict[str, Any]:
    """Wrong on purpose: the bank holds paraphrases of the very reports that it is to judge, unmasked.

    As strangers they make the test blind: the share of exact reports found at 3 sigma, with and without. As placebos
    they make it seem false: the rate of rejections, which the bound refuses.

    Args:
        reader: its name.
        evidence: ladder rungs on the planted units.
        own: for each unit, the places of its paraphrases among the reports.
        exact: int64 [units], the place of each unit's exact report.
        members: of the family of bounds.
    """
    units, columns = np.arange(len(exact)), np.array(sorted({place for each in own for place in each}), dtype=np.int64)
    right = suite_null(evidence)
    mixed = PooledNull.of_bank(
        np.concatenate([evidence.bank_r, evidence.r[:, columns]], axis=1),
        np.concatenate([evidence.bank_allowed, np.ones((len(units), len(columns)), dtype=bool)], axis=1),
        evidence.rate,
        np.concatenate([evidence.bank_features[:, 0], evidence.features[columns, 0]]),
    )
    rates = evidence.features[:, 0]
    found = {
        name: [
            null.p(int(u), float(evidence.r[u, j]), log_rate=float(rates[j])).p
            for u, j in zip(units, exact, strict=True)
        ]
        for name, null in (("bank", right), ("bank with paraphrases", mixed))
    }
    pairs = [(unit, place) for unit, mine in enumerate(own) for place in mine]
    strangers = np.argwhere(evidence.bank_allowed)
    ps = [right.p(int(u), float(evidence.r[u, j]), log_rate=float(rates[j])).p for u, j in pairs]
    ps += [
        right.p(int(u), float(evidence.bank_r[u, j]), log_rate=float(evidence.bank_features[j, 0])).p
        for u, j in strangers
    ]
    clusters = np.array([u for u, _ in pairs] + [int(u) for u, _ in strangers], dtype=np.int64)
    decided = Decided(np.array(ps), np.ones(len(ps), dtype=bool), np.zeros(len(ps)), clusters, least=float(len(units)))
    return {
        "reader": reader,
        "exact_found": {name: float(np.mean(rejections(each, THREE_SIGMA))) for name, each in found.items()},
        "units": len(units),
        "paraphrases": len(columns),
        "as_placebos": decided.bound(THREE_SIGMA, members).to_json(),
    }


def as_json(found: Iterable[Cell]) -> list[dict[str, Any]]:
    """Plain JSON values."""
    return [each.to_json() for each in found]
