"""`viva compare`: contestants of a board against one another on the same units, by every test that METHOD.md names."""

import argparse
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.leaderboard.board_file import Cells, read_board, scores
from benchmark.leaderboard.rank import position
from benchmark.leaderboard.row import READERS, TIERS
from benchmark.printable import aligned, harmless
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.corrections import Decision, decide
from benchmark.statistics.irt import IrtError, ItemResponse, item_response
from benchmark.statistics.mixed import Mixed, MixedError, Score, mixed_model
from benchmark.statistics.paired import MARGIN, Comparison, NoWorse, compare, no_worse_than
from benchmark.statistics.power import ALPHA, FEWEST

NUMBERS = {"margin": MARGIN, "alpha": ALPHA, "seed": 0}
NAMES = ("tier", "reader", "first", "second")
COMMAND = "viva compare"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Pair:
    """Two contestants on the units that both have.

    Attributes:
        first, second: as they were asked for, else the better one first.
        comparison: first against second; `no_worse` among it.
        second_no_worse: second against first, at the margin: what a cheaper or guarded arm is asked.
        decision: Holm's over all pairs of the tier and reader, however many are shown.
    """

    first: str
    second: str
    comparison: Comparison
    second_no_worse: NoWorse | None
    decision: Decision


@dataclass(frozen=True)
class Compared:
    """One tier and reader.

    Attributes:
        tier, reader: which.
        units: that every contestant has.
        pairs: best first.
        mixed: of all contestants with units drawn at random; None where there is none, and then `mixed_note` says why.
        abilities: of the item-response model; None likewise.
        clipped: scores below 0, which that model takes as 0.
    """

    tier: str
    reader: str
    units: int
    pairs: tuple[Pair, ...]
    mixed: Mixed | None
    mixed_note: str
    abilities: ItemResponse | None
    abilities_note: str
    clipped: int

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


@dataclass(frozen=True)
class Wanted:
    """What is compared: None stands for all.

    Attributes:
        tier, reader, first, second: names.
        margin, alpha, seed: of "no worse than", of verdicts and intervals, of draws.
    """

    tier: str | None
    reader: str | None
    first: str | None
    second: str | None
    margin: float
    alpha: float
    seed: int

    def has(self, pair: tuple[str, str]) -> bool:
        """Whether a pair is asked for, in either order."""
        asked = [name for name in (self.first, self.second) if name is not None]
        return all(name in pair for name in asked)


def compared(board: Mapping[str, Any], wanted: Wanted) -> Iterator[Compared]:
    """Every tier and reader that is asked for.

    Raises:
        UserError: a name that the board does not have.
    """
    cells = scores(board, COMMAND)
    _check(cells, wanted)
    for tier, reader in sorted(cells, key=lambda cell: (position(cell[0], TIERS), position(cell[1], READERS))):
        if wanted.tier in (None, tier) and wanted.reader in (None, reader):
            yield _cell(tier, reader, cells[tier, reader], wanted)


def _check(cells: Cells, wanted: Wanted) -> None:
    known = {
        "tier": {tier for tier, _ in cells},
        "reader": {reader for _, reader in cells},
        "first": {name for rows in cells.values() for name in rows},
    }
    known["second"] = known["first"]
    for key in NAMES:
        name, choices = getattr(wanted, key), sorted(known[key])
        if name is not None and name not in choices:
            close = get_close_matches(name, choices, n=2, cutoff=0.4)
            hint = f"did you mean {' or '.join(close)}?" if close else f"it has {', '.join(choices) or 'none'}"
            raise UserError(f"{COMMAND}: the board has no {key}={name}; {hint}")
    if wanted.first is not None and wanted.first == wanted.second:
        raise UserError(f"{COMMAND}: first and second are both {wanted.first}; name two contestants")


def _cell(tier: str, reader: str, rows: Mapping[str, Mapping[str, float]], wanted: Wanted) -> Compared:
    shared = sorted(set.intersection(*(set(units) for units in rows.values()))) if rows else []
    mixed, mixed_note = _mixed(rows, shared, wanted)
    abilities, abilities_note = _abilities(rows, shared, wanted)
    clipped = sum(rows[name][unit] < 0 for name in rows for unit in shared)
    pairs = tuple(_pairs(rows, wanted))
    return Compared(
        tier, reader, len(shared), pairs, mixed, mixed_note, abilities, abilities_note, clipped if abilities else 0
    )


def _pairs(rows: Mapping[str, Mapping[str, float]], wanted: Wanted) -> Iterator[Pair]:
    order = sorted(rows, key=lambda name: (-_mean(rows[name]), name))
    if wanted.first and wanted.second:
        # As they were asked for: which of the two is better is the question.
        order.sort(key=lambda name: (name == wanted.second, name != wanted.first))
    pairs = [pair for pair in combinations(order, 2) if len(rows[pair[0]].keys() & rows[pair[1]].keys()) >= FEWEST]
    found = [_compared(rows[first], rows[second], wanted) for first, second in pairs]
    decided = decide([each.test for each in found], method="holm", alpha=wanted.alpha)
    for pair, each, decision in zip(pairs, found, decided, strict=True):
        if wanted.has(pair):
            yield Pair(*pair, each, _turned(rows, pair, wanted), decision)


def _shared(rows: Mapping[str, Mapping[str, float]], pair: tuple[str, str]) -> tuple[list[float], list[float]]:
    units = sorted(rows[pair[0]].keys() & rows[pair[1]].keys())
    return [rows[pair[0]][unit] for unit in units], [rows[pair[1]][unit] for unit in units]


def _turned(rows: Mapping[str, Mapping[str, float]], pair: tuple[str, str], wanted: Wanted) -> NoWorse:
    first, second = _shared(rows, pair)
    return no_worse_than(second, first, wanted.margin, wanted.alpha)


def _compared(first: Mapping[str, float], second: Mapping[str, float], wanted: Wanted) -> Comparison:
    shared = sorted(first.keys() & second.keys())
    one, other = ({unit: each[unit] for unit in shared} for each in (first, second))
    return compare(one, other, margin=wanted.margin, alpha=wanted.alpha, seed=wanted.seed)


def _mixed(rows: Mapping[str, Mapping[str, float]], shared: Sequence[str], wanted: Wanted) -> tuple[Mixed | None, str]:
    # A board holds one score for each contestant and unit; seeds that a run averaged are no longer apart.
    every = [Score(name, unit, 0, rows[name][unit]) for name in rows for unit in shared]
    try:
        return mixed_model(every, reference=wanted.second or min(rows, key=lambda name: _mean(rows[name]))), ""
    except MixedError as error:
        return None, str(error)


def _mean(units: Mapping[str, float]) -> float:
    return float(np.mean(list(units.values())))


def _abilities(
    rows: Mapping[str, Mapping[str, float]], shared: Sequence[str], wanted: Wanted
) -> tuple[ItemResponse | None, str]:
    clipped = {name: {unit: min(1.0, max(0.0, rows[name][unit])) for unit in shared} for name in rows}
    try:
        return item_response(clipped, seed=wanted.seed), ""
    except IrtError as error:
        return None, str(error)


_HEAD = ("pair", "units", "difference", "won/lost/tied", "p", "Holm", "1st no worse", "2nd", "equivalent", "resolvable")


def _interval(found: Interval) -> str:
    bounds = "" if found.low is None else f" [{found.low:+.3f}, {found.high:+.3f}]"
    return f"{found.mean:+.3f}{bounds}"


def _line(pair: Pair) -> tuple[str, ...]:
    of = pair.comparison
    return (
        f"{pair.first} / {pair.second}",
        str(of.difference.n),
        _interval(of.difference),
        f"{of.won}/{of.lost}/{of.tied}",
        f"{of.test.p:.4f}",
        pair.decision.verdict,
        *(_shown(each, "no_worse") for each in (of.no_worse, pair.second_no_worse)),
        _shown(of.no_worse, "equivalent"),
        "-" if of.resolvable is None else f"{of.resolvable:.3f}",
    )


def _shown(found: NoWorse | None, what: str) -> str:
    return "-" if found is None else "yes" if getattr(found, what) else "not shown"


def report(found: Compared, wanted: Wanted) -> list[str]:
    """One tier and reader as lines."""
    table = aligned([_HEAD, *map(_line, found.pairs)])
    return [
        f"{found.tier}, {found.reader} reader, {found.units} units that all contestants have",
        *table,
        *_models(found),
    ]


def _models(found: Compared) -> list[str]:
    lines = [f"mixed model: {found.mixed_note or _mixed_line(found.mixed)}"]
    if found.abilities is None:
        return [*lines, f"item response: {found.abilities_note}"]
    told = ", ".join(f"{name} {value:+.2f}" for name, value in sorted(found.abilities.ability.items(), key=_last))
    note = f"; {found.abilities.note}" if found.abilities.note else ""
    clipped = f"; {found.clipped} scores below 0 taken as 0" if found.clipped else ""
    return [*lines, f"item response: abilities in logits {told or 'not resolvable'}{note}{clipped}"]


def _last(item: tuple[str, float]) -> float:
    return -item[1]


def _mixed_line(found: Mixed | None) -> str:
    assert found is not None
    if not found.converged:
        return f"did not converge ({found.note})"
    apart = ", ".join(f"{name} {each.estimate:+.3f} ± {each.error:.3f}" for name, each in found.differences.items())
    share = ", ".join(f"{name} {value:.4f}" for name, value in found.components.items())
    return f"differences from {found.reference}: {apart}; variances: {share}" + (
        f"; {found.note}" if found.note else ""
    )


def _json(board: Mapping[str, Any], wanted: Wanted, found: Sequence[Compared]) -> str:
    names = ("suite", "suite_hash", "score_version")
    stated = {name: board["provenance"].get(name) for name in names} | {name: getattr(wanted, name) for name in NUMBERS}
    return json.dumps({**stated, "compared": [each.to_json() for each in found]}, indent=1, sort_keys=True)


def _options(arguments: Sequence[str]) -> Wanted:
    numbers: dict[str, float] = dict(NUMBERS)
    names: dict[str, str | None] = dict.fromkeys(NAMES)
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if key not in {*NAMES, *NUMBERS} or not equals:
            every = [*NAMES, *NUMBERS]
            close = get_close_matches(key, every, n=1, cutoff=0.4) or every
            raise UserError(f"{COMMAND} has no option {argument!r}; did you mean {' or '.join(close)}=?")
        if not value:
            raise UserError(f"{COMMAND}: {key} has no value; write {key}=<value>, without blanks")
        if key in names:
            names[key] = harmless(value)
        else:
            numbers[key] = _number(key, value)
    return Wanted(**names, margin=numbers["margin"], alpha=numbers["alpha"], seed=int(numbers["seed"]))


def _number(key: str, value: str) -> float:
    """A margin above 0, a level between 0 and 1, or a whole seed."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    fits = {"margin": 0 < number < math.inf, "alpha": 0 < number < 1, "seed": value.isascii() and value.isdecimal()}
    if not fits[key]:
        raise UserError(f"{COMMAND}: {key}={value} is no {key}; write {key}={NUMBERS[key]:g}")
    return number


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva compare`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments or the board, in one line.
    """
    parser.description = (
        "Compare contestants on the units that both have: paired differences with intervals, sign-flip tests under "
        "Holm, no worse than and equivalent at a margin, a mixed model, and an item-response model from 200 units on."
    )
    help_ = "a leaderboard.json or its folder; tier= reader= first= second= margin=0.03 alpha=0.05 seed=0"
    parser.add_argument("board", metavar="BOARD", help=help_)
    parser.add_argument("options", nargs="*", metavar="KEY=VALUE", help="see BOARD")
    parser.add_argument("--json", action="store_true", help="for programs")
    chosen = parser.parse_intermixed_args(list(arguments))
    wanted = _options(chosen.options)
    board = read_board(Path(chosen.board), COMMAND)
    found = list(compared(board, wanted))
    if not any(each.pairs for each in found):
        raise UserError(f"{COMMAND}: no two contestants share two units there; run another explainer")
    if chosen.json:
        say(_json(board, wanted, found))
        return
    for place, each in enumerate(found):
        for line in [*([""] if place else []), *report(each, wanted)]:
            say(line)
    say(
        f"difference: mean r of the first less the second's, with {100 * (1 - wanted.alpha):.5g}% interval over units; "
        f"p: sign flips, two-sided; Holm: over all pairs of the tier and reader at {wanted.alpha:g}; 1st no worse "
        f"(than the 2nd), 2nd (than the 1st), equivalent: one-sided t tests at {wanted.margin:g}; resolvable: the "
        "smallest difference found with 80% power."
    )
