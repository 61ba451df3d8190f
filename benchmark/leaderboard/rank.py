"""Ranks by r within a tier and reader, from paired contests between contestants; ties shown as ties."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmark.leaderboard.results import UnitResult
from benchmark.leaderboard.row import ALL, LEAST_UNITS, READERS, TIERS, Row, cell_seed
from benchmark.statistics.paired import paired_differences
from benchmark.statistics.power import resolvable_difference, spread
from benchmark.statistics.ranking import rank

Cell = tuple[str, str, str]
Scores = Mapping[tuple[str, str, str, str], Mapping[str, float]]


@dataclass(frozen=True)
class Resolvable:
    """The smallest difference in mean r that a cell resolves, from its first two contestants' paired differences.

    Attributes:
        first: the leading contestant.
        second: the one after it.
        difference: their difference in mean r.
        sd: standard deviation of the paired differences over units.
        smallest: the difference found with 80% power at two-sided 5% (`benchmark.statistics.power`).
    """

    tier: str
    reader: str
    n: int
    first: str
    second: str
    difference: float
    sd: float
    smallest: float


def label(row: Row) -> str:
    """The contestant's name: the explainer, with its model where one drives it."""
    return row.explainer if row.model in ("", "none") else f"{row.explainer} · {row.model}"


def position(name: str, known: Sequence[str]) -> tuple[int, str]:
    """A sort key: the known names in their order, then the others by name."""
    return (known.index(name) if name in known else len(known), name)


def order(rows: Sequence[Row]) -> list[Row]:
    """By tier, reader (most exact first), family ("all" first), then mean r downwards; rows without r last, by name."""

    def place(row: Row) -> tuple[tuple[int, str], tuple[int, str], bool, str, bool, float, str, str]:
        # As it is written: sums of another order, as other threads make, must not swap equals.
        mean = float(f"{row.r.mean:.6g}") if row.r else 0.0
        tier, reader = position(row.tier, TIERS), position(row.reader, READERS)
        return (tier, reader, row.family != ALL, row.family, row.r is None, -mean, row.explainer, row.model)

    return sorted(rows, key=place)


def ranked(rows: Sequence[Row], scores: Scores, seed: int) -> list[Row]:
    """The rows with ranks and letters set: contestants of one cell that were given the same units, ten of them or more.

    Controls are not ranked, as they set the floor and the ceiling. A contestant that ran on fewer units than the
    fullest of its cell is not ranked either: a mean over other units is another quantity.
    """
    cells: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        cells[row.tier, row.family, row.reader].append(row)
    return [row for cell, members in cells.items() for row in _rank_cell(cell, members, scores, seed)]


def comparable(members: Sequence[Row]) -> list[Row]:
    """The scored contestants of a cell that have all its units."""
    most = max(row.n_units for row in members)
    return [row for row in members if row.role == "contestant" and row.r is not None and row.n_units == most]


def units_of(row: Row, scores: Scores) -> Mapping[str, float]:
    """Unit to settled r for a scored row of family "all"."""
    return scores[row.explainer, row.model, row.tier, row.reader]


def _rank_cell(cell: Cell, members: list[Row], scores: Scores, seed: int) -> list[Row]:
    fair = comparable(members)
    if not fair or fair[0].n_units < LEAST_UNITS or cell[1] != ALL:
        return members
    values = {label(row): units_of(row, scores) for row in fair}
    places = {place.name: place for place in rank(values, seed=cell_seed(seed, "/".join(cell))).places}

    def placed(row: Row) -> Row:
        place = places[label(row)]
        return replace(row, rank=(place.best, place.worst), letters=place.letters)

    return [placed(row) if row in fair else row for row in members]


def resolvable(rows: Sequence[Row], scores: Scores) -> list[Resolvable]:
    """One entry for each tier and reader with two contestants on the same two or more units."""
    cells: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in order(rows):
        if row.family == ALL:
            cells[row.tier, row.reader].append(row)
    found = []
    for (tier, reader), members in cells.items():
        fair = comparable(members)[:2]
        if len(fair) == 2 and fair[0].n_units > 1:
            found.append(_paired(tier, reader, fair[0], fair[1], scores))
    return found


def _paired(tier: str, reader: str, one: Row, other: Row, scores: Scores) -> Resolvable:
    apart = paired_differences(units_of(one, scores), units_of(other, scores))
    sd = spread(apart)
    smallest = resolvable_difference(sd, len(apart))
    return Resolvable(tier, reader, len(apart), label(one), label(other), float(apart.mean()), sd, smallest)


def settled_scores(results: Sequence[UnitResult]) -> dict[tuple[str, str, str, str], dict[str, float]]:
    """(explainer, model, tier, reader) to unit to r, where r is known."""
    scores: dict[tuple[str, str, str, str], dict[str, float]] = defaultdict(dict)
    for result in results:
        if result.r is not None:
            scores[result.explainer, result.model, result.tier, result.reader][result.unit] = result.r
    return scores
