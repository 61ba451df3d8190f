"""A unit, of a suite or of a harvest's store, as a page in a file or as lines of text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.harvest.reading import Harvest
from benchmark.printable import harmless
from benchmark.subjects.token_ends import subject_tokenizer
from benchmark.suites import Suite
from benchmark.unit_page.from_harvest import harvested_page, window_of
from benchmark.unit_page.from_suite import BY_TOKENS, home_of, page_of
from benchmark.unit_page.page import Piece
from benchmark.unit_page.render import percent, to_html
from benchmark.unit_page.said import said_of
from benchmark.units.unit import Unit

Say = Callable[[str], None]


class PageError(UserError):
    """The page cannot be written where it should go; the message names the place and the mend."""


def write_page(
    suite: Suite,
    unit: Unit,
    place: str = "",
    each: int = 10,
    say: Say = lambda line: None,
    board: Path | None = None,
) -> Path:
    """Write the page of one unit and return where it lies.

    Args:
        suite: where the unit lies.
        unit: one of the suite's.
        place: a file; empty: `unit-<identifier>.html` in the working folder.
        each: windows a group at most.
        say: told of progress where the subject has to be written first.
        board: a leaderboard.json whose reports on the unit the page shows.

    Raises:
        PageError: `place` is a folder.
        BoardFileError, SaidError: the board is none, or of another suite.
    """
    path = _place(place, unit.identifier)
    said = said_of(board, suite, unit) if board is not None else ()
    page = page_of(suite, unit, each, _tokenizer(suite, unit, say) if unit.tier in BY_TOKENS else None)
    return _write(path, to_html(replace(page, said=said)))


def write_harvested_page(
    harvest: Harvest, unit: str, store: str, place: str = "", each: int = 10, say: Say = lambda line: None
) -> Path:
    """Write the page of a harvested unit and return where it lies.

    Args:
        harvest: the store, read.
        unit: one of its units.
        store: what the page calls it.
        place: as for `write_page`.
        each: windows a group at most.
        say: told of progress where the embedded subject has to be written first.

    Raises:
        HarvestStoreError: the unit was not harvested.
        PageError: `place` is a folder.
    """
    harvest.column(unit)
    path = _place(place, unit)
    tokens, why_not = _promoted(harvest, unit, say)
    return _write(path, to_html(harvested_page(harvest, unit, store, each, tokens, why_not)))


def harvested_lines(harvest: Harvest, unit: str, most: int = 10) -> Iterator[str]:
    """The strongest windows as text, with each token that fires and its value in brackets.

    Raises:
        HarvestStoreError: the unit was not harvested.
    """
    windows = [window_of(each) for each in harvest.strongest(unit)[:most]]
    yield f"{unit}: found, on {percent(harvest.firing_rate(unit))} of tokens"
    for window in windows:
        yield f"{window.peak:5.1f}  {' '.join(harmless(''.join(map(_marked, window.pieces))).split())}"


def _marked(piece: Piece) -> str:
    text = piece.text.lstrip()
    return f"{piece.text[: len(piece.text) - len(text)]}[{text} {piece.value:.1f}]" if piece.value else piece.text


def _place(place: str, identifier: str) -> Path:
    # A suite in somebody's folder, or a file of directions, may name its units as it likes.
    path = Path(place) if place else Path(f"unit-{re.sub(r'[^A-Za-z0-9._-]', '_', identifier)}.html")
    if path.is_dir():
        raise PageError(f"{path} is a folder; mend: give a file, such as {path / 'unit.html'}")
    return path


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _promoted(harvest: Harvest, unit: str, say: Say) -> tuple[list[str], str]:
    """Promoted tokens, or why they cannot be told: the page is worth having without them."""
    from benchmark.subjects.selected.promoted import promoted

    try:
        return promoted(harvest.manifest["source"], unit, say=say), ""
    except UserError as error:
        return [], str(error)


def _tokenizer(suite: Suite, unit: Unit, say: Say) -> Any:
    """That of the unit's subject, or None where it is not here: the page then says that it is by words."""
    try:
        return subject_tokenizer(home_of(suite, unit).subject, say)
    except UserError:
        return None
