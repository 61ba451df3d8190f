"""The outcomes of an ablation: what is asked of each unit in each arm."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmark.ablation.arms import Arms
from benchmark.leaderboard.results import UnitResult
from benchmark.statistics.factorial_design import Cell

NOTHING_TO_EXPLAIN = "null"
REAL = ("planted", "probed", "found", "randomised")
_REPORTED = ("graded", "constant")


@dataclass(frozen=True)
class Outcome:
    """A score of one unit in one arm.

    Attributes:
        key: in JSON.
        title: for people.
        said: its definition, with what an abstention counts.
        value: of one result; None where the unit has none, and is left out and counted.
        places: decimal places shown.
    """

    key: str
    title: str
    said: str
    value: Callable[[UnitResult], float | None]
    places: int = 3


def miscalibration(result: UnitResult) -> float | None:
    """(confidence - r)² with r within 0 to 1, of a report that was read; None of an abstention or a failure."""
    if result.outcome not in _REPORTED or result.confidence is None or result.r is None:
        return None
    return (result.confidence - min(1.0, max(0.0, result.r))) ** 2


def claimed(result: UnitResult) -> float:
    """1 where there is a report; one without its promised predicate is a claim all the same."""
    return float(result.outcome == "no_predicate" or not (result.failed or result.outcome == "abstained"))


def abstained(result: UnitResult) -> float:
    """1 where the explainer abstained."""
    return float(result.outcome == "abstained")


R = Outcome("r", "r", "weighted Pearson r at base rate; an abstention and a failure count 0", lambda each: each.r)
ACCURACY = Outcome(
    "simulation_accuracy",
    "simulation accuracy",
    "balanced accuracy on the own items; an abstention counts 0.5, a failure 0",
    lambda each: each.simulation_accuracy,
)
MISCALIBRATION = Outcome(
    "miscalibration",
    "miscalibration",
    "(confidence − r)² with r within 0 to 1, of reports alone (abstentions and failures have none and are counted); "
    "less is better",
    miscalibration,
    4,
)
QUERIES = Outcome(
    "unit_queries", "unit queries", "texts measured on the unit, raw scale", lambda each: float(each.unit_queries), 1
)
TOKENS = Outcome("tokens", "tokens", "model tokens on the unit, raw scale", lambda each: float(each.tokens), 0)
SECONDS = Outcome("seconds", "seconds", "seconds on the unit, raw scale", lambda each: each.seconds, 2)

BY_READER = (R, ACCURACY, MISCALIBRATION)
COSTS = (QUERIES, TOKENS, SECONDS)


def costs_of(arms: Arms) -> tuple[Outcome, ...]:
    """The costs on which guardrails have effects; seconds are not among them where answers came from a cache."""
    return tuple(of for of in COSTS if not (arms.cached and of is SECONDS))


def cells(arms: Arms, results: Iterable[UnitResult], value: Callable[[UnitResult], float | None]) -> list[Cell]:
    """One cell a unit and arm, where the unit has a value."""
    found = ((each, value(each)) for each in results)
    return [Cell(each.unit, arms.of[each.explainer], float(of)) for each, of in found if of is not None]
