"""`viva power`: how many units a difference needs, from the paired differences that boards already hold."""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.leaderboard.board_file import BoardFileError, read_board, scores
from benchmark.leaderboard.rank import position
from benchmark.leaderboard.row import READERS, TIERS
from benchmark.printable import aligned, harmless
from benchmark.statistics.power import ALPHA, FEWEST, POWER, Power, power_of

COMMAND = "viva power"
DIFFERENCE = 0.05
OPTIONS = {"difference": DIFFERENCE, "power": POWER, "alpha": ALPHA}

Say = Callable[[str], None]


@dataclass(frozen=True)
class PairPower:
    """What one pair of contestants, on the units that both have, can tell apart."""

    board: str
    tier: str
    reader: str
    first: str
    second: str
    power: Power


def pairs(board: Mapping[str, Any], difference: float, power: float, alpha: float) -> list[PairPower]:
    """Every pair of contestants of a tier and reader on two or more units that both have; best first is first."""
    suite = harmless(str(board["provenance"].get("suite", "unnamed")))
    cells, result = scores(board, COMMAND), []
    for tier, reader in sorted(cells, key=lambda cell: (position(cell[0], TIERS), position(cell[1], READERS))):
        rows = cells[tier, reader]
        order = sorted(rows, key=lambda name: (-float(np.mean(list(rows[name].values()))), name))
        for first, second in combinations(order, 2):
            shared = sorted(rows[first].keys() & rows[second].keys())
            if len(shared) >= FEWEST:
                apart = [rows[first][unit] - rows[second][unit] for unit in shared]
                found = power_of(apart, difference, power, alpha)
                result.append(PairPower(suite, tier, reader, first, second, found))
    return result


_HEAD = ("board", "tier", "reader", "pairs", "units", "sd", "needed", "by t", "resolvable", "power")


def _middle(found: Sequence[PairPower], name: str) -> float:
    return float(np.median([getattr(each.power, name) for each in found]))


def _summary(found: Sequence[PairPower]) -> tuple[str, ...]:
    """One line for a tier and reader: the median over its pairs, and the widest pair in brackets."""
    first, worst = found[0], max(found, key=lambda each: each.power.sd)
    counts = sorted({each.power.n for each in found})
    return (
        first.board,
        first.tier,
        first.reader,
        str(len(found)),
        str(counts[0]) if len(counts) == 1 else f"{counts[0]}-{counts[-1]}",
        f"{_middle(found, 'sd'):.3f} ({worst.power.sd:.3f})",
        f"{_middle(found, 'needed'):.0f} ({worst.power.needed})",
        f"{_middle(found, 'needed_by_t'):.0f} ({worst.power.needed_by_t})",
        f"{_middle(found, 'resolvable'):.3f} ({max(each.power.resolvable for each in found):.3f})",
        f"{_middle(found, 'attained'):.2f}",
    )


def _pair_row(each: PairPower) -> tuple[str, ...]:
    of = each.power
    figures = (f"{of.sd:.3f}", str(of.needed), str(of.needed_by_t), f"{of.resolvable:.3f}", f"{of.attained:.2f}")
    return (each.board, each.tier, each.reader, f"{each.first} / {each.second}", str(of.n), *figures)


def report(found: Sequence[PairPower], *, every_pair: bool, difference: float, power: float, alpha: float) -> list[str]:
    """The table, with a line that says what its columns are."""
    cells: dict[tuple[str, str, str], list[PairPower]] = defaultdict(list)
    for each in found:
        cells[each.board, each.tier, each.reader].append(each)
    rows = [_pair_row(each) for each in found] if every_pair else [_summary(members) for members in cells.values()]
    title = f"A difference in mean r of {difference:g}, found with {power:.0%} power at two-sided {alpha:g}:"
    last = (
        "sd: of paired differences over units; needed: paired units for the difference (by t: by Student's t); "
        "resolvable: the smallest difference that the units at hand find; power: for the difference, at hand."
    )
    medians = "" if every_pair else " Medians over pairs of contestants; in brackets, the widest pair's."
    return [title, *aligned([_HEAD, *rows]), last + medians]


def _is_option(argument: str) -> bool:
    # A path may hold an equals sign, so what exists is a path.
    return "=" in argument and not Path(argument).exists()


def _numbers(arguments: Sequence[str]) -> dict[str, float]:
    chosen = dict(OPTIONS)
    for argument in arguments:
        key, _, value = argument.partition("=")
        if key not in OPTIONS:
            close = get_close_matches(key, OPTIONS, n=1, cutoff=0.4) or list(OPTIONS)
            raise UserError(f"viva power has no option {argument!r}; did you mean {' or '.join(close)}=?")
        try:
            chosen[key] = float(value)
        except ValueError:
            raise UserError(f"viva power: {argument} is no number; write {key}={OPTIONS[key]}") from None
    return chosen


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva power`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments or the boards, in one line.
    """
    parser.description = "Say how many paired units a difference in mean r needs, at the spread that boards show."
    help_ = "leaderboard.json files, or folders that hold one; difference=0.05 power=0.8 alpha=0.05"
    parser.add_argument("boards", nargs="+", metavar="BOARD | KEY=VALUE", help=help_)
    parser.add_argument("--pairs", action="store_true", help="every pair of contestants, not a line a tier and reader")
    parser.add_argument("--json", action="store_true", help="every pair, for programs")
    chosen = parser.parse_intermixed_args(list(arguments))
    numbers = _numbers([each for each in chosen.boards if _is_option(each)])
    places = [Path(each) for each in chosen.boards if not _is_option(each)]
    if not places:
        raise UserError(
            "viva power: no board is named; give a leaderboard.json, such as results/embedded-2/leaderboard.json"
        )
    found = [pair for place in places for pair in pairs(read_board(place, COMMAND), **numbers)]
    if not found:
        raise BoardFileError("viva power: no two contestants share two units on these boards; run another explainer")
    if chosen.json:
        say(json.dumps([asdict(each) for each in found], indent=1))
        return
    for line in report(found, every_pair=chosen.pairs, **numbers):
        say(line)
