"""Writing a suite's unit as a page to a file."""

import re
from collections.abc import Callable
from pathlib import Path

from benchmark.errors import UserError
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.token_ends import TokenEnds, embedded_token_ends
from benchmark.suites import Suite
from benchmark.unit_page.from_suite import page_of
from benchmark.unit_page.render import to_html
from benchmark.units.unit import Unit

Say = Callable[[str], None]


class PageError(UserError):
    """The page cannot be written where it should go; the message names the place and the mend."""


def write_page(suite: Suite, unit: Unit, place: str = "", each: int = 10, say: Say = lambda line: None) -> Path:
    """Write the page of one unit and return where it lies.

    Args:
        suite: where the unit lies.
        unit: one of the suite's.
        place: a file; empty: `unit-<identifier>.html` in the working folder.
        each: windows a group at most.
        say: told of progress where the subject has to be written first.

    Raises:
        PageError: `place` is a folder.
    """
    # A suite in somebody's folder may name its units as it likes.
    path = Path(place) if place else Path(f"unit-{re.sub(r'[^A-Za-z0-9._-]', '_', unit.identifier)}.html")
    if path.is_dir():
        raise PageError(f"{path} is a folder; mend: give a file, such as {path / 'unit.html'}")
    page = page_of(suite, unit, each, _token_ends(say) if unit.tier == "found" else None)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(page), "utf-8")
    return path


def _token_ends(say: Say) -> TokenEnds | None:
    """The embedded subject's, or None without the subject: the page then says that it is by words."""
    try:
        return embedded_token_ends(say)
    except SubjectError:
        return None
