"""The found tier beside the randomised one: the same explainers and readers on a subject that learnt nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.leaderboard import cells
from benchmark.leaderboard.row import ALL, Estimate, Row, Settings, cell_seed
from benchmark.statistics.bootstrap import difference

FOUND, RANDOMISED = "found", "randomised"
NOTE = (
    "Reported auto-interpretability scores are often alike on trained and randomly initialised transformers "
    "(arXiv 2501.17727), so a score on found units speaks of what the subject learnt only as far as it exceeds the "
    "same explainer's on randomised units. Units of the two tiers are not paired: the interval of the difference of "
    "means draws the units of each tier anew, apart from the other's. A difference does not say that what was found is "
    "computed rather than read off a token."
)
Scores = Mapping[tuple[str, str, str, str], Mapping[str, float]]


@dataclass(frozen=True)
class Beside:
    """One explainer by one reader on both tiers.

    Attributes:
        role: "contestant" or "control".
        found: mean r on found units with its interval and ceiling; None where the reader can read none of the reports.
        randomised: the same on randomised units.
        difference: found less randomised.
        low: of the 95% interval of the difference; None with fewer than ten units in either tier.
        high: likewise.
    """

    explainer: str
    model: str
    reader: str
    role: str
    found: Estimate | None
    randomised: Estimate | None
    difference: float | None
    low: float | None
    high: float | None


def beside(rows: Sequence[Row], scores: Scores, settings: Settings) -> list[Beside]:
    """Every explainer and reader that has a row in both tiers, in the order of the found tier's rows.

    Args:
        rows: the board's, in order.
        scores: (explainer, model, tier, reader) to unit to settled r.
        settings: seed and resamples.
    """
    whole = {(row.tier, row.reader, row.explainer, row.model): row for row in rows if row.family == ALL}
    pairs = [
        (row, other)
        for (tier, *who), row in whole.items()
        if tier == FOUND and (other := whole.get((RANDOMISED, who[0], who[1], who[2]))) is not None
    ]
    return [_beside(row, other, scores, settings) for row, other in pairs]


def _beside(found: Row, randomised: Row, scores: Scores, settings: Settings) -> Beside:
    name = (found.explainer, found.model)
    known = [scores.get((*name, tier, found.reader), {}) for tier in (FOUND, RANDOMISED)]
    apart: tuple[float | None, float | None, float | None] = (None, None, None)
    if found.r and randomised.r:
        seed = cell_seed(settings.seed, f"against/{found.reader}/{'/'.join(name)}")
        mine, theirs = (np.array([each[unit] for unit in sorted(each)]) for each in known)
        of = difference(mine, theirs, level=settings.level, resamples=settings.resamples, seed=seed)
        apart = (of.mean, of.low, of.high)
    return Beside(*name, found.reader, found.role, found.r, randomised.r, *apart)


def by_reader(pairs: Sequence[Beside]) -> dict[str, list[Beside]]:
    """The pairs of each reader, in their order."""
    readers = dict.fromkeys(each.reader for each in pairs)
    return {reader: [each for each in pairs if each.reader == reader] for reader in readers}


HEAD = ("explainer", "r, found", "r, randomised", "found less randomised [95% CI]", "units", "ceilings")


def line(pair: Beside) -> tuple[str, ...]:
    """The cells of one pair: `HEAD`'s."""
    name = pair.explainer if pair.model in ("", "none") else f"{pair.explainer} · {pair.model}"
    if pair.found is None or pair.randomised is None:
        return (name, "declares none", "declares none", *[cells.NOTHING] * 3)
    bounds = f" [{cells.number(pair.low)}, {cells.number(pair.high)}]" if pair.low is not None else " [no interval]"
    ceilings = f"{cells.number(pair.found.ceiling)}, {cells.number(pair.randomised.ceiling)}"
    means = (cells.score(each) for each in (pair.found, pair.randomised))
    units = f"{pair.found.n}, {pair.randomised.n}"
    return (name, *means, f"{cells.number(pair.difference)}{bounds}", units, ceilings)
