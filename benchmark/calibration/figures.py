"""The figures: values with their bounds, and lines over a number of windows; SVG files without scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, LEFT, RIGHT, ROW, TOP = 860, 330, 30, 20, 74
PLOT = WIDTH - LEFT - RIGHT
LINES_HEIGHT = 260
STYLE = """
svg{--ink:#1c2430;--soft:#5b6675;--line:#dde2e9;--page:#fbfbfa;--one:#2456a6;--two:#b3541e;--three:#1f7a4d;--bad:#a61c3c}
@media(prefers-color-scheme:dark){svg{--ink:#e6e9ee;--soft:#9aa5b4;--line:#2e3744;--page:#12161c;
--one:#8ab4f8;--two:#f0a070;--three:#6fcf97;--bad:#ff8095}}
text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.title{font-size:16px;font-weight:600}.soft{fill:var(--soft)}.page{fill:var(--page)}.grid{stroke:var(--line)}
.mark{stroke:var(--bad);stroke-dasharray:4 3}
.s0{stroke:var(--one);fill:var(--one)}.s1{stroke:var(--two);fill:var(--two)}
.s2{stroke:var(--three);fill:var(--three)}.range{stroke-width:2}.curve{fill:none;stroke-width:2}
"""


@dataclass(frozen=True)
class Row:
    """One value with its bounds (None: there are none), named in words and by the reader it belongs to."""

    label: str
    series: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Axis:
    """The horizontal axis: its ends, its ticks, whether it is logarithmic, and values to mark."""

    low: float
    high: float
    ticks: Sequence[float]
    log: bool = False
    marks: Sequence[float] = ()

    def place(self, value: float) -> float:
        """Pixels from the left edge; what lies outside stands on the edge."""
        low, high, x = (
            (np.log10([self.low, self.high, max(value, self.low)])) if self.log else (self.low, self.high, value)
        )
        return round(LEFT + PLOT * float(np.clip((x - low) / (high - low), 0.0, 1.0)), 1)


def _frame(title: str, note: str, height: float, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}"><style>{STYLE}</style>'
    )
    titles = [
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="14" y="26">{escape(title)}</text>',
        f'<text class="soft" x="14" y="46">{escape(note)}</text>',
    ]
    return "\n".join([head, *titles, *body, "</svg>"]) + "\n"


def _axis(axis: Axis, bottom: float) -> list[str]:
    parts = [
        f'<path class="grid" d="M{axis.place(tick)} {TOP - 8}V{bottom}"/>'
        f'<text class="soft" text-anchor="middle" x="{axis.place(tick)}" y="{bottom + 16}">{tick:g}</text>'
        for tick in axis.ticks
    ]
    return parts + [f'<path class="mark" d="M{axis.place(mark)} {TOP - 8}V{bottom}"/>' for mark in axis.marks]


def forest(title: str, note: str, rows: Sequence[Row], axis: Axis) -> str:
    """Rows of values with their bounds; a reader has a colour and a shape of its own."""
    series = list(dict.fromkeys(row.series for row in rows))
    body = _axis(axis, TOP + ROW * len(rows))
    for place, row in enumerate(rows):
        y, which = TOP + ROW * place + ROW / 2, series.index(row.series)
        body.append(
            f'<text x="14" y="{y + 4}">{escape(row.label)}<tspan class="soft"> · {escape(row.series)}</tspan></text>'
        )
        if row.low is not None and row.high is not None:
            body.append(f'<path class="s{which % 3} range" d="M{axis.place(row.low)} {y}H{axis.place(row.high)}"/>')
        body.append(_mark(which, axis.place(row.value), y, f"{row.label}, {row.series}: {row.value:.4g}"))
    return _frame(title, note, TOP + ROW * len(rows) + 34, body)


def _mark(which: int, x: float, y: float, said: str) -> str:
    inner = f"<title>{escape(said)}</title>"
    if which % 3 == 0:
        return f'<circle class="s0" cx="{x}" cy="{y}" r="4">{inner}</circle>'
    if which % 3 == 1:
        return f'<path class="s1" d="M{x} {y - 5}l5 9h-10z">{inner}</path>'
    return f'<rect class="s2" x="{x - 4}" y="{y - 4}" width="8" height="8">{inner}</rect>'


def lines(title: str, note: str, rows: Sequence[Row], at: Callable[[Row], float], axis: Axis) -> str:
    """A curve for each reader: shares from 0 to 1 upwards, over whatever `at` gives along the axis."""
    series, bottom = list(dict.fromkeys(row.series for row in rows)), TOP + LINES_HEIGHT

    def up(share: float) -> float:
        return round(bottom - LINES_HEIGHT * float(np.clip(share, 0, 1)), 1)

    body = _axis(axis, bottom)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        body.append(f'<path class="grid" d="M{LEFT} {up(tick)}H{LEFT + PLOT}"/>')
        body.append(f'<text class="soft" text-anchor="end" x="{LEFT - 8}" y="{up(tick) + 4}">{tick:.0%}</text>')
    for which, name in enumerate(series):
        mine = sorted((row for row in rows if row.series == name), key=at)
        path = " ".join(f"{axis.place(at(row))},{up(row.value)}" for row in mine)
        body.append(f'<polyline class="s{which % 3} curve" style="fill:none" points="{path}"/>')
        body += [_bar(which, axis.place(at(row)), row, up) for row in mine if row.low is not None]
        body += [
            _mark(which, axis.place(at(row)), up(row.value), f"{row.label}, {name}: {row.value:.3f}") for row in mine
        ]
        y = TOP + 24 * which + 8
        body += [_mark(which, 22, y, name), f'<text x="36" y="{y + 4}">{escape(name)}</text>']
    return _frame(title, note, bottom + 34, body)


def _bar(which: int, x: float, row: Row, up: Callable[[float], float]) -> str:
    assert row.low is not None
    assert row.high is not None
    return f'<path class="s{which % 3}" d="M{x} {up(row.low)}V{up(row.high)}"/>'
