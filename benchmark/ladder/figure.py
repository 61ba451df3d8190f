"""The figure: a reader's score against true agreement, one small panel a family, as one SVG file without scripts."""

from collections.abc import Sequence
from html import escape

import numpy as np

from benchmark.ladder.order import ALL, Summary
from benchmark.ladder.scores import Point

COLUMNS = 3
# Pixels: a panel with its margins, and the plot within it.
PANEL, PLOT = (300, 272), (232, 190)
LEFT, TOP, HEADER = 44, 46, 84
LOW, HIGH = -0.2, 1.0
TICKS = (0.0, 0.5, 1.0)
STYLE = """
svg{--ink:#1c2430;--soft:#5b6675;--line:#dde2e9;--page:#fbfbfa;--card:#fff;--one:#2456a6;--two:#b3541e;--three:#1f7a4d}
@media(prefers-color-scheme:dark){svg{--ink:#e6e9ee;--soft:#9aa5b4;--line:#2e3744;--page:#12161c;--card:#181d25;
--one:#8ab4f8;--two:#f0a070;--three:#6fcf97}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.title{font-size:17px;font-weight:600}.name{font-size:13px;font-weight:600}.soft{fill:var(--soft)}.small{font-size:11px}
.page{fill:var(--page)}.card{fill:var(--card);stroke:var(--line)}.grid{stroke:var(--line)}
.ideal{stroke:var(--soft);stroke-dasharray:3 3}
.r0{fill:var(--one)}.r1{fill:var(--two)}.r2{fill:var(--three)}.dot{fill-opacity:.38}
.mean0,.mean1,.mean2{fill:none;stroke-width:1.8}
.mean0{stroke:var(--one)}.mean1{stroke:var(--two)}.mean2{stroke:var(--three)}
"""


def figure(found: Sequence[Point], rows: Sequence[Summary], title: str) -> str:
    """The SVG.

    Args:
        found: all points of a suite.
        rows: their summaries; each panel states tau for metric r.
        title: of the whole, such as the suite's name.
    """
    readers, families = list(found[0].scores), sorted({point.family for point in found})
    lines = -(-len(families) // COLUMNS)
    width, height = COLUMNS * PANEL[0] + 24, HEADER + lines * PANEL[1] + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        *_header(readers, rows, title),
    ]
    for i, family in enumerate(families):
        x, y = 12 + i % COLUMNS * PANEL[0], HEADER + i // COLUMNS * PANEL[1]
        members = [point for point in found if point.family == family]
        parts += [f'<g transform="translate({x},{y})">', *_panel(family, members, readers, rows), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _header(readers: Sequence[str], rows: Sequence[Summary], title: str) -> list[str]:
    parts = [f'<text class="title" x="14" y="28">{escape(title)}</text>']
    x = 20.0
    for i, reader in enumerate(readers):
        said = f"{reader} reader, {_tau(rows, reader, ALL)} over all units"
        parts += [_mark(i, x, 48.0, "", big=True), f'<text x="{x + 10}" y="52">{escape(said)}</text>']
        x += 30 + 6.6 * len(said)
    note = "One mark a unit and rung; lines join the means of fifths of true agreement; dashed: score equals truth."
    return [*parts, f'<text class="soft small" x="14" y="72">{note}</text>']


def _tau(rows: Sequence[Summary], reader: str, family: str) -> str:
    (row,) = (row for row in rows if (row.reader, row.metric, row.family) == (reader, "r", family))
    interval = "" if row.tau.low is None else f" [{row.tau.low:.2f}, {row.tau.high:.2f}]"
    return f"τ {row.tau.mean:.2f}{interval}"


def _panel(family: str, members: Sequence[Point], readers: Sequence[str], rows: Sequence[Summary]) -> list[str]:
    units = len({point.unit for point in members})
    count = f"{units} unit{'s' * (units != 1)}"
    taus = ", ".join(f"{reader} {_tau(rows, reader, family)}" for reader in readers)
    parts = [
        f'<text class="name" x="{LEFT}" y="16">{escape(family)}<tspan class="soft small" dx="6">{count}</tspan></text>',
        f'<text class="soft small" x="{LEFT}" y="32">{escape(taus)}</text>',
        *_axes(),
    ]
    for i, reader in enumerate(readers):
        parts += [_dot(i, reader, point) for point in members]
    return parts + [_means(i, reader, members) for i, reader in enumerate(readers)]


def _axes() -> list[str]:
    parts = [f'<rect class="card" x="{LEFT}" y="{TOP}" width="{PLOT[0]}" height="{PLOT[1]}" rx="4"/>']
    for tick in TICKS:
        x, y = _place(tick, tick)
        parts += [
            f'<path class="grid" d="M{x} {TOP}v{PLOT[1]}M{LEFT} {y}h{PLOT[0]}"/>',
            f'<text class="soft small" text-anchor="middle" x="{x}" y="{TOP + PLOT[1] + 14}">{tick:g}</text>',
            f'<text class="soft small" text-anchor="end" x="{LEFT - 5}" y="{y + 4}">{tick:g}</text>',
        ]
    (a, b), (c, d) = _place(LOW, LOW), _place(HIGH, HIGH)
    bottom, middle = TOP + PLOT[1] + 28, TOP + PLOT[1] / 2
    return [
        *parts,
        f'<path class="ideal" d="M{a} {b}L{c} {d}"/>',
        f'<text class="soft small" text-anchor="end" x="{LEFT + PLOT[0]}" y="{bottom}">true agreement r</text>',
        f'<text class="soft small" text-anchor="middle" transform="translate(12,{middle}) rotate(-90)">score r</text>',
    ]


def _place(agreement: float, score: float) -> tuple[float, float]:
    """Pixels within a panel; values outside the axes stand on their edge."""
    across, up = ((min(HIGH, max(LOW, each)) - LOW) / (HIGH - LOW) for each in (agreement, score))
    # Inside the frame, so that no mark is cut in half.
    return round(LEFT + 8 + across * (PLOT[0] - 16), 1), round(TOP + PLOT[1] - 8 - up * (PLOT[1] - 16), 1)


def _dot(which: int, reader: str, point: Point) -> str:
    score = point.scores[reader]["r"]
    said = f"{point.unit}, {point.rung}: true {point.agreement:.2f}, {reader} {score:.2f}"
    return _mark(which, *_place(point.agreement, score), said)


def _mark(which: int, x: float, y: float, said: str, big: bool = False) -> str:
    """A circle, triangle or square, so that colour is not all that tells readers apart."""
    size = 5.0 if big else 3.0
    kind = f'class="r{which}{"" if big else " dot"}"'
    title = f"<title>{escape(said)}</title>" if said else ""
    if which == 0:
        return f'<circle {kind} cx="{x}" cy="{y}" r="{size}">{title}</circle>'
    if which == 1:
        return f'<path {kind} d="M{x} {y - 1.2 * size}l{1.2 * size:.1f} {2 * size}h{-2.4 * size:.1f}z">{title}</path>'
    return f'<rect {kind} x="{x - size}" y="{y - size}" width="{2 * size}" height="{2 * size}">{title}</rect>'


def _means(which: int, reader: str, members: Sequence[Point]) -> str:
    """A line through the mean score of each fifth of true agreement that has points."""
    agreement = np.array([point.agreement for point in members])
    score = np.array([point.scores[reader]["r"] for point in members])
    fifth = np.clip(np.round(5 * agreement), -1, 5)
    places = [_place(float(agreement[fifth == t].mean()), float(score[fifth == t].mean())) for t in np.unique(fifth)]
    return f'<polyline class="mean{which}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>'
