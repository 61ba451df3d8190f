"""A sheet of panels, one a unit, in rows of three: what both figures of behaviours share; SVG, no scripts."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from benchmark.figure_style import STYLE
from benchmark.printable import harmless

Row = dict[str, Any]
COLUMNS, WIDTH, MARGIN, HEAD = 3, 300, 14, 66


def sheet(panels: Sequence[Sequence[str]], height: int, title: str, legend: str) -> str:
    """The SVG: panels of `WIDTH` x `height` under a title and one line that says what is drawn."""
    across, down = COLUMNS * WIDTH + 2 * MARGIN, HEAD + -(-len(panels) // COLUMNS) * height + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" width="{across}" height="{down}" '
        f'role="img" aria-label="{said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{across}" height="{down}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{said(title)}</text>',
        f'<text class="soft small" x="{MARGIN}" y="48">{said(legend)}</text>',
    ]
    for place, panel in enumerate(panels):
        x, y = MARGIN + place % COLUMNS * WIDTH, HEAD + place // COLUMNS * height
        parts += [f'<g transform="translate({x},{y})">', *panel, "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def preferred(rows: Iterable[Row], names: Sequence[str]) -> Row | None:
    """The row of the first of these explainers that has one."""
    by_name = {row["explainer"]: row for row in rows}
    return next((by_name[name] for name in names if name in by_name), None)


def said(text: str) -> str:
    """Text of models and files, escaped."""
    return escape(harmless(text))
