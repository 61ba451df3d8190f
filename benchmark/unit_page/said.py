"""What explainers said of one unit, from a board of its suite: reports with their scores and diagnoses."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.leaderboard import cells
from benchmark.leaderboard.board_file import read_board
from benchmark.leaderboard.rank import position
from benchmark.leaderboard.row import READERS
from benchmark.suites import Suite
from benchmark.unit_page.page import Said
from benchmark.units.unit import Unit

LONGEST = 2_000
_COMMAND = "viva unit"


class SaidError(UserError):
    """A board is not of the unit's suite, or its units lack what a board's units have."""


def said_of(path: Path, suite: Suite, unit: Unit) -> tuple[Said, ...]:
    """What each explainer of a board said of a unit, best r by the most exact reader first; none if none was asked.

    Args:
        path: a leaderboard.json, of this schema version or an older one, or its folder.
        suite: the unit's.
        unit: one of the suite's.

    Raises:
        BoardFileError: there is no such file, or it is no board.
        SaidError: the board is of another suite, or is damaged.
    """
    board = read_board(path, _COMMAND)
    try:
        hashed = str(board["provenance"]["suite_hash"])
        if hashed != suite.hash:
            raise SaidError(
                f"{_COMMAND}: {path} is a board of {board['provenance'].get('suite')} ({hashed[:12]}), not of "
                f"{suite.name} ({suite.hash[:12]}); give --suite, or a board of this one"
            )
        return tuple(_said(board, unit))
    except (KeyError, TypeError, AttributeError) as error:
        raise SaidError(f"{_COMMAND}: {path} lacks {error}; rebuild the board with `viva leaderboard`") from None


def _said(board: Mapping[str, Any], unit: Unit) -> list[Said]:
    texts = {(each["explainer"], each["model"], each["unit"]): str(each["text"]) for each in board["reports"]}
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for entry in board["units"]:
        if entry["unit"] == unit.identifier:
            found[entry["explainer"], entry["model"]].append(entry)
    read = {who: sorted(entries, key=lambda each: position(each["reader"], READERS)) for who, entries in found.items()}
    best = sorted(read.items(), key=lambda pair: (-(pair[1][0]["r"] or 0.0), pair[0]))
    return [_one(who, entries, texts.get((*who, unit.identifier), "")) for who, entries in best]


def _one(who: tuple[str, str], entries: Sequence[Mapping[str, Any]], text: str) -> Said:
    name = who[0] if who[1] in ("", "none") else f"{who[0]} \N{MIDDLE DOT} {who[1]}"
    outcomes = dict.fromkeys(str(each["outcome"]).replace("_", " ") for each in entries)
    scores = [f"{cells.title(each['reader'])} r {cells.number(each['r'])}" for each in entries if each["r"] is not None]
    parts = [", ".join(outcomes), "; ".join(scores), cells.diagnosis(entries[0])]
    cut = " \N{HORIZONTAL ELLIPSIS}" if len(text) > LONGEST else ""
    return Said(name, " \N{MIDDLE DOT} ".join(part for part in parts if part), text[:LONGEST] + cut)
