"""The effects of guardrails on every outcome, from the results of all arms."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ablation.arms import AblationError, Arms
from benchmark.ablation.outcomes import (
    ACCURACY,
    BY_READER,
    COSTS,
    MISCALIBRATION,
    NOTHING_TO_EXPLAIN,
    REAL,
    R,
    abstained,
    cells,
    claimed,
    costs_of,
)
from benchmark.leaderboard.rank import position
from benchmark.leaderboard.results import UnitResult
from benchmark.leaderboard.row import READERS, count_nulls
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.factorial import Factorial, factorial
from benchmark.statistics.factorial_design import FactorialError
from benchmark.statistics.switched import Switched, switched

SEED = 0
# Families with fewer units are counted and not fitted.
FEWEST_OF_FAMILY = 5
# Interactions of all orders up to so many guardrails; beyond, of two.
ALL_ORDERS = 4
TENTHS = 10
ALL = "all"

Setting = tuple[bool, ...]


@dataclass(frozen=True)
class Effects:
    """One outcome on one tier, or one of its families, by one reader.

    Attributes:
        tier, family, reader: where; the reader is "" for what does not depend on it.
        outcome: its key.
        fit: None where nothing could be fitted, and then `note` says why.
        left_out: scores of units in arms where the outcome has no value.
        units: of the tier or family.
    """

    tier: str
    family: str
    reader: str
    outcome: str
    fit: Factorial | None
    note: str
    left_out: int
    units: int


@dataclass(frozen=True)
class Decision:
    """A yes or no over the units of a tier: abstentions on real units, false claims on nulls."""

    tier: str
    outcome: str
    found: Switched


@dataclass(frozen=True)
class Tenth:
    """Reports of like confidence: their mean confidence, the mean r they reached (within 0 to 1), and how many."""

    tier: str
    reader: str
    arms: str
    low: float
    high: float
    confidence: float
    r: float
    reports: int
    units: int


@dataclass(frozen=True)
class ArmRow:
    """One arm on one tier by one reader.

    Attributes:
        on: the guardrails that were on.
        r, simulation_accuracy: means over all units; None on nulls.
        miscalibration: mean over reports; None without any.
        reports, abstained, failures: of the units.
        significant: on nulls, reports whose rank p survives Holm at 0.00135; None on real units.
        unit_queries, tokens, seconds: means over units.
    """

    tier: str
    reader: str
    on: tuple[str, ...]
    units: int
    r: Interval | None
    simulation_accuracy: Interval | None
    miscalibration: Interval | None
    reports: int
    abstained: int
    failures: int
    significant: int | None
    unit_queries: float
    tokens: float
    seconds: float


@dataclass(frozen=True)
class Ablated:
    """All of one explainer and model."""

    arms: Arms
    rows: tuple[ArmRow, ...]
    effects: tuple[Effects, ...]
    decisions: tuple[Decision, ...]
    reliability: tuple[Tenth, ...]
    unread: tuple[str, ...]


def ablated(arms: Arms, results: Iterable[UnitResult]) -> Ablated:
    """Every effect of one explainer's arms.

    Args:
        arms: which results are of which arm.
        results: settled (`benchmark.leaderboard.results.settle`), of these and of any other explainers.

    Raises:
        AblationError: an arm has no results, or none is on real or null units.
    """
    mine = arms.cut(results)
    _refuse_absent(arms, mine)
    by_cell: dict[tuple[str, str], list[UnitResult]] = defaultdict(list)
    for each in mine:
        by_cell[each.tier, each.reader].append(each)
    unread = sorted({each.reader for each in mine if each.outcome == "declares_none"})
    met = sorted({each.reader for each in mine}, key=lambda reader: position(reader, READERS))
    read = [reader for reader in met if reader not in unread]
    tiers = [tier for tier in (*REAL, NOTHING_TO_EXPLAIN) if any(each.tier == tier for each in mine)]
    if not tiers or not read:
        raise AblationError(f"{arms.explainer}: no arm has real or null units that a reader read; widen units.tiers")
    real = [tier for tier in tiers if tier != NOTHING_TO_EXPLAIN]
    return Ablated(
        arms=arms,
        rows=tuple(
            row for tier in tiers for reader in read for row in _rows(arms, tier, reader, by_cell[tier, reader])
        ),
        effects=tuple(each for tier in real for each in _effects(arms, tier, read, by_cell)),
        decisions=tuple(_decision(arms, tier, by_cell[tier, read[0]]) for tier in tiers),
        reliability=tuple(t for tier in real for reader in read for t in _tenths(arms, by_cell[tier, reader])),
        unread=tuple(unread),
    )


def _refuse_absent(arms: Arms, mine: Sequence[UnitResult]) -> None:
    absent = sorted(arms.of.keys() - {each.explainer for each in mine})
    if absent:
        raise AblationError(f"{absent[0]} has no results; mend: run the same command again, so that it is finished")


def _effects(
    arms: Arms, tier: str, read: Sequence[str], by_cell: dict[tuple[str, str], list[UnitResult]]
) -> list[Effects]:
    order = len(arms.factors) if len(arms.factors) <= ALL_ORDERS else 2
    found = []
    for reader in read:
        members = by_cell[tier, reader]
        found += [_fitted(arms, members, of.key, of.value, ALL, reader, order) for of in BY_READER]
        found += _families(arms, members, reader)
    return found + [_fitted(arms, by_cell[tier, read[0]], of.key, of.value, ALL, "", order) for of in costs_of(arms)]


def _families(arms: Arms, members: Sequence[UnitResult], reader: str) -> list[Effects]:
    found = []
    for family in sorted({each.family for each in members}):
        mine = [each for each in members if each.family == family]
        found += [_fitted(arms, mine, of.key, of.value, family, reader, 1) for of in (R, ACCURACY)]
    return found


def _fitted(
    arms: Arms,
    members: Sequence[UnitResult],
    outcome: str,
    value: Callable[[UnitResult], float | None],
    family: str,
    reader: str,
    order: int,
) -> Effects:
    found, units = cells(arms, members, value), len({each.unit for each in members})
    where = (members[0].tier, family, reader, outcome)
    left_out = len(members) - len(found)
    if family != ALL and units < FEWEST_OF_FAMILY:
        return Effects(*where, None, f"{units} units; effects from {FEWEST_OF_FAMILY} on", left_out, units)
    try:
        return Effects(*where, factorial(found, arms.factors, order=order, seed=SEED), "", left_out, units)
    except FactorialError as error:
        return Effects(*where, None, str(error), left_out, units)


def _decision(arms: Arms, tier: str, members: Sequence[UnitResult]) -> Decision:
    asked, key = (claimed, "false_claims") if tier == NOTHING_TO_EXPLAIN else (abstained, "abstentions")
    return Decision(tier, key, switched(cells(arms, members, asked), arms.factors, seed=SEED))


def _rows(arms: Arms, tier: str, reader: str, members: Sequence[UnitResult]) -> list[ArmRow]:
    by_arm: dict[Setting, list[UnitResult]] = defaultdict(list)
    for each in members:
        by_arm[arms.of[each.explainer]].append(each)
    return [_row(arms, tier, reader, on, by_arm[on]) for on in sorted(by_arm, key=lambda on: (sum(on), _places(on)))]


def _places(on: Setting) -> list[int]:
    return [at for at, each in enumerate(on) if each]


def _row(arms: Arms, tier: str, reader: str, on: Setting, members: Sequence[UnitResult]) -> ArmRow:
    null = tier == NOTHING_TO_EXPLAIN
    nulls = count_nulls(members) if null else None
    return ArmRow(
        tier,
        reader,
        tuple(name for name, switch in zip(arms.factors, on, strict=True) if switch),
        len(members),
        None if null else _mean(R.value(each) for each in members),
        None if null else _mean(ACCURACY.value(each) for each in members),
        None if null else _mean(MISCALIBRATION.value(each) for each in members),
        int(sum(map(claimed, members))),
        int(sum(map(abstained, members))),
        sum(each.failed for each in members),
        nulls.significant_claims if nulls else None,
        *(float(np.mean([of.value(each) for each in members])) for of in COSTS),
    )


def _mean(values: Iterable[float | None]) -> Interval | None:
    known = [value for value in values if value is not None]
    return interval(known, seed=SEED) if known else None


def _tenths(arms: Arms, members: Sequence[UnitResult]) -> list[Tenth]:
    """Reliability over all arms together, with no guardrail, and with all."""
    groups = {"all arms": lambda on: True, "all off": lambda on: not any(on), "all on": all}
    return [
        tenth
        for name, kept in groups.items()
        for tenth in _reliability(name, [each for each in members if kept(arms.of[each.explainer])])
    ]


def _reliability(name: str, members: Sequence[UnitResult]) -> list[Tenth]:
    stated = [each for each in members if MISCALIBRATION.value(each) is not None]
    found = []
    for at in range(TENTHS):
        mine = [each for each in stated if min(TENTHS - 1, int((each.confidence or 0.0) * TENTHS)) == at]
        if mine:
            confidence = float(np.mean([each.confidence for each in mine]))
            r = float(np.mean([min(1.0, max(0.0, each.r or 0.0)) for each in mine]))
            bounds, counts = (at / TENTHS, (at + 1) / TENTHS), (len(mine), len({each.unit for each in mine}))
            found.append(Tenth(mine[0].tier, mine[0].reader, name, *bounds, confidence, r, *counts))
    return found
