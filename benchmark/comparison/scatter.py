"""The scatter: one small panel for each pair of scores, as one SVG file without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmark.ladder.figure import LEFT, PANEL, PLOT, STYLE, TOP
from benchmark.printable import harmless

HEADER = 64
RING = ".ring{fill:none;stroke:var(--two);stroke-width:1.8}\n"


@dataclass(frozen=True)
class Point:
    """One unit: both scores, its name, and whether it is one of the largest differences."""

    across: float
    up: float
    name: str
    ringed: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of scores.

    Attributes:
        title, note: above it.
        across, up: names of the axes.
        ticks: of both axes; the first and the last are their ends.
        line: where both scores say the same, two points.
        points: one a unit.
    """

    title: str
    note: str
    across: str
    up: str
    ticks: tuple[tuple[float, ...], tuple[float, ...]]
    line: tuple[tuple[float, float], tuple[float, float]]
    points: tuple[Point, ...]


def figure(title: str, note: str, panels: Sequence[Panel], columns: int) -> str:
    """The SVG; all text in it is escaped.

    Args:
        title: of the whole.
        note: under it.
        panels: in reading order.
        columns: panels a row.
    """
    width, height = columns * PANEL[0] + 24, HEADER + -(-len(panels) // columns) * PANEL[1] + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}{RING}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="title" x="14" y="28">{_said(title)}</text>',
        f'<text class="soft small" x="14" y="50">{_said(note)}</text>',
    ]
    for place, panel in enumerate(panels):
        x, y = 12 + place % columns * PANEL[0], HEADER + place // columns * PANEL[1]
        parts += [f'<g transform="translate({x},{y})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _said(text: str) -> str:
    return escape(harmless(text))


def _panel(panel: Panel) -> list[str]:
    (a, b), (c, d) = (_place(panel, *point) for point in panel.line)
    bottom, middle = TOP + PLOT[1] + 28, TOP + PLOT[1] / 2
    return [
        f'<text class="name" x="{LEFT}" y="16">{_said(panel.title)}</text>',
        f'<text class="soft small" x="{LEFT}" y="32">{_said(panel.note)}</text>',
        f'<rect class="card" x="{LEFT}" y="{TOP}" width="{PLOT[0]}" height="{PLOT[1]}" rx="4"/>',
        *_grid(panel),
        f'<path class="ideal" d="M{a} {b}L{c} {d}"/>',
        *(_mark(panel, point) for point in panel.points),
        f'<text class="soft small" text-anchor="end" x="{LEFT + PLOT[0]}" y="{bottom}">{_said(panel.across)}</text>',
        f'<text class="soft small" text-anchor="middle" transform="translate(12,{middle}) rotate(-90)">'
        f"{_said(panel.up)}</text>",
    ]


def _grid(panel: Panel) -> list[str]:
    across, up = panel.ticks
    columns, rows = (
        [(_place(panel, tick, up[0])[0], tick) for tick in across],
        [(_place(panel, across[0], tick)[1], tick) for tick in up],
    )
    return [
        *(f'<path class="grid" d="M{x} {TOP}v{PLOT[1]}"/>' for x, _ in columns),
        *(f'<path class="grid" d="M{LEFT} {y}h{PLOT[0]}"/>' for y, _ in rows),
        *(
            f'<text class="soft small" text-anchor="middle" x="{x}" y="{TOP + PLOT[1] + 14}">{tick:g}</text>'
            for x, tick in columns
        ),
        *(f'<text class="soft small" text-anchor="end" x="{LEFT - 5}" y="{y + 4}">{tick:g}</text>' for y, tick in rows),
    ]


def _place(panel: Panel, across: float, up: float) -> tuple[float, float]:
    """Pixels within a panel; values outside the axes stand on their edge."""
    shares = []
    for value, ticks in zip((across, up), panel.ticks, strict=True):
        low, high = ticks[0], ticks[-1]
        shares.append((min(high, max(low, value)) - low) / (high - low))
    # Inside the frame, so that no mark is cut in half.
    return round(LEFT + 8 + shares[0] * (PLOT[0] - 16), 1), round(TOP + PLOT[1] - 8 - shares[1] * (PLOT[1] - 16), 1)


def _mark(panel: Panel, point: Point) -> str:
    x, y = _place(panel, point.across, point.up)
    title = f"<title>{_said(point.name)}: {point.across:.2f}, {point.up:.2f}</title>"
    ring = f'<circle class="ring" cx="{x}" cy="{y}" r="5.5"/>' if point.ringed else ""
    return f'{ring}<circle class="r0 dot" cx="{x}" cy="{y}" r="3">{title}</circle>'
