"""Boards on disk, read back for what is computed of their units: `viva power`, `viva compare`."""

import json
from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.leaderboard.results import TRIVIAL
from benchmark.printable import harmless

# Their units have nothing to correlate with.
_WITHOUT_R = ("null", TRIVIAL)

Cells = dict[tuple[str, str], dict[str, dict[str, float]]]


class BoardFileError(UserError):
    """A file is no board, or holds nothing that could be paired."""


def _nearest_file(path: Path) -> str:
    folder = path.parent if path.parent.is_dir() else Path()
    close = get_close_matches(path.name, sorted(each.name for each in folder.iterdir()), n=1, cutoff=0.4)
    return f"did you mean {folder / close[0]}?" if close else "give the leaderboard.json of a run"


def read_board(path: Path, command: str) -> dict[str, Any]:
    """A board's JSON; boards of older schema versions serve as well, for their units hold the same scores.

    Args:
        path: a leaderboard.json, or the folder that holds it.
        command: who reads it; errors begin with that.

    Raises:
        BoardFileError: there is no such file, or it is no board.
    """
    if path.is_dir():
        path = path / "leaderboard.json"
    if not path.is_file():
        raise BoardFileError(f"{command}: no board at {path}; {_nearest_file(path)}")
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise BoardFileError(f"{command}: {path} is no JSON; give the leaderboard.json of a run") from None
    if not isinstance(value, dict) or not {"rows", "units", "provenance"} <= value.keys():
        raise BoardFileError(f"{command}: {path} is no board; give a leaderboard.json, which has rows and units")
    return value


def _name(entry: Mapping[str, Any]) -> str:
    model = entry.get("model", "")
    return harmless(entry["explainer"] if model in ("", "none") else f"{entry['explainer']} · {model}")


def scores(board: Mapping[str, Any], command: str) -> Cells:
    """(tier, reader) to contestant to unit to r; controls set the floor and the ceiling and are left out.

    Args:
        board: of `read_board`.
        command: who reads it; errors begin with that.

    Raises:
        BoardFileError: a unit lacks what a board's units have.
    """
    found: Cells = defaultdict(lambda: defaultdict(dict))
    try:
        contestants = {_name(row) for row in board["rows"] if row["role"] == "contestant"}
        for unit in board["units"]:
            name, r = _name(unit), unit["r"]
            if name in contestants and r is not None and unit["tier"] not in _WITHOUT_R:
                found[harmless(unit["tier"]), harmless(unit["reader"])][name][unit["unit"]] = float(r)
    except (KeyError, TypeError, AttributeError) as error:
        raise BoardFileError(
            f"{command}: a row or unit of the board lacks {error}; rebuild the board with `viva leaderboard`"
        ) from None
    return found
