"""The figure: mean r against spend, a row of panels a tier, as one SVG file without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from benchmark.figure_style import STYLE
from benchmark.printable import harmless
from benchmark.spending.curve import SPENDS, Curve
from benchmark.spending.page import NAMES

WIDTH, COLUMNS = 940, 2
PANEL_HEIGHT, PLOT_HEIGHT = 300, 226
LEFT, RIGHT, TOP, MARGIN, LEGEND_ROW = 48, 14, 34, 14, 20
# Of a legend in small letters: pixels a letter, and the longest label that two columns hold.
LETTER, LONGEST = 6.1, 68
TICKS = 4
BELOW = -0.25
DASHES = ("", "7 3", "2 3")
COLOURS = 8


@dataclass(frozen=True)
class Panel:
    """One tier against one currency: how wide the plot is, and the ends of its axes."""

    tier: str
    currency: str
    width: float
    end: float
    low: float
    high: float = 1.0

    def place(self, spend: float, r: float) -> tuple[float, float]:
        """Pixels within the panel; values outside the axes stand on their edge."""
        across = min(1.0, max(0.0, spend / self.end)) if self.end else 0.0
        up = (min(self.high, max(self.low, r)) - self.low) / (self.high - self.low)
        # Inside the frame, so that no mark is cut in half.
        return round(LEFT + 8 + across * (self.width - 16), 1), round(
            TOP + PLOT_HEIGHT - 8 - up * (PLOT_HEIGHT - 16), 1
        )


HOW = (
    "Lines: looped explainers, by what they hold at each spend. Marks without a line: the others, at their mean spend. "
    "Shades and bars: 95% bounds over units."
)


def figure(found: Sequence[Curve], title: str, how: str = HOW) -> str:
    """The SVG.

    Args:
        found: all curves.
        title: of the whole.
        how: a line on how to read it.
    """
    names = list(dict.fromkeys(each.contestant for each in found))
    shown = [spend for spend in SPENDS if any(each.at[-1] > 0 for each in found if each.currency == spend)]
    tiers = list(dict.fromkeys(each.tier for each in found))
    # With two currencies a row is a tier; with one, tiers stand side by side.
    cells = [(tier, currency) for tier in tiers for currency in shown or SPENDS[:1]]
    columns = min(COLUMNS, len(cells))
    legend = _legend(found, names)
    head = 66 + -(-len(names) // _legend_columns(found)) * LEGEND_ROW
    height = head + PANEL_HEIGHT * -(-len(cells) // columns) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        f'<text class="soft small" x="{MARGIN}" y="46">{_said(how)}</text>',
        *legend,
    ]
    width = (WIDTH - 2 * MARGIN) // columns
    for place, cell in enumerate(cells):
        mine = [each for each in found if (each.tier, each.currency) == cell]
        x, y = MARGIN + place % columns * width, head + place // columns * PANEL_HEIGHT
        parts += [f'<g transform="translate({x},{y})">', *_panel(*cell, width, mine, names), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _said(text: str) -> str:
    return escape(harmless(text))


def _label(curve: Curve) -> str:
    name = curve.explainer if curve.model == "none" else f"{curve.explainer} · {curve.model}"
    return f"{name}, {curve.reader}"


def _legend(found: Sequence[Curve], names: Sequence[tuple[str, str]]) -> list[str]:
    parts, columns = [], _legend_columns(found)
    for which, name in enumerate(names):
        own = [each for each in found if each.contestant == name]
        x, y = MARGIN + which % columns * ((WIDTH - 2 * MARGIN) // columns), 62 + which // columns * LEGEND_ROW
        parts += [_line(which, f"M{x} {y}h24")] if any(each.looped for each in own) else []
        label = _label(own[0])
        shown = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
        parts += [_mark(which, x + 12, y, label), f'<text class="small" x="{x + 30}" y="{y + 4}">{_said(shown)}</text>']
    return parts


def _legend_columns(found: Sequence[Curve]) -> int:
    longest = max(len(_label(each)) for each in found)
    return 3 if 30 + LETTER * longest < (WIDTH - 2 * MARGIN) / 3 else 2


def _panel(
    tier: str, currency: str, width: float, mine: Sequence[Curve], names: Sequence[tuple[str, str]]
) -> list[str]:
    below = any(value < 0 for each in mine for r in each.r for value in (r.mean, r.low) if value is not None)
    end = max(each.at[-1] for each in mine)
    panel = Panel(tier, currency, width - LEFT - RIGHT, end, BELOW if below else 0.0)
    units = max(each.units for each in mine)
    parts = [
        f'<text class="name" x="{LEFT}" y="16">{tier} units, {NAMES[currency]}'
        f'<tspan class="soft small" dx="6">{units} units</tspan></text>',
        *_axes(panel),
    ]
    drawn = [(names.index(each.contestant), each) for each in mine]
    parts += [_band(panel, which, each) for which, each in drawn if each.looped and each.r[0].low is not None]
    for which, each in (pair for pair in drawn if pair[1].looped):
        x, y = panel.place(each.at[-1], each.r[-1].mean)
        parts += [_line(which, _path(panel, each)), _mark(which, x, y, _ended(each))]
    return parts + [part for which, each in drawn if not each.looped for part in _point(panel, which, each)]


def _axes(panel: Panel) -> list[str]:
    parts = [f'<rect class="card" x="{LEFT}" y="{TOP}" width="{panel.width}" height="{PLOT_HEIGHT}" rx="4"/>']
    for spend in (tick / TICKS * panel.end for tick in range(TICKS + 1)):
        x, _ = panel.place(spend, 0.0)
        parts += [
            f'<path class="grid" d="M{x} {TOP}v{PLOT_HEIGHT}"/>',
            f'<text class="soft small" text-anchor="middle" x="{x}" y="{TOP + PLOT_HEIGHT + 14}">{spend:,.0f}</text>',
        ]
    for r in (each for each in (BELOW, 0.0, 0.25, 0.5, 0.75, 1.0) if each >= panel.low):
        _, y = panel.place(0.0, r)
        parts += [
            f'<path class="grid" d="M{LEFT} {y}h{panel.width}"/>',
            f'<text class="soft small" text-anchor="end" x="{LEFT - 5}" y="{y + 4}">{r:.2f}</text>',
        ]
    bottom, middle = TOP + PLOT_HEIGHT + 28, TOP + PLOT_HEIGHT / 2
    across = f'<text class="soft small" text-anchor="end" x="{LEFT + panel.width}" y="{bottom}">{NAMES[panel.currency]}'
    up = f'<text class="soft small" text-anchor="middle" transform="translate(10,{middle}) rotate(-90)">mean r</text>'
    return [*parts, f"{across} spent</text>", up]


def _path(panel: Panel, curve: Curve) -> str:
    """Steps: a score holds until the next spend on the grid."""
    points = [panel.place(at, r.mean) for at, r in zip(curve.at, curve.r, strict=True)]
    return f"M{points[0][0]} {points[0][1]}" + "".join(f"H{x}V{y}" for x, y in points[1:])


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same steps as a polygon has them."""
    return [points[0], *(corner for (_, y), (x, now) in pairwise(points) for corner in ((x, y), (x, now)))]


def _band(panel: Panel, which: int, curve: Curve) -> str:
    highs = [panel.place(at, r.high or 0.0) for at, r in zip(curve.at, curve.r, strict=True)]
    lows = [panel.place(at, r.low or 0.0) for at, r in zip(curve.at, curve.r, strict=True)]
    path = "L".join(f"{x} {y}" for x, y in [*_corners(highs), *reversed(_corners(lows))])
    return f'<path class="band" style="fill:var(--c{which % COLOURS})" d="M{path}Z"/>'


def _ended(curve: Curve) -> str:
    return f"{_label(curve)}: {curve.r[-1].mean:.2f} at the end"


def _line(which: int, path: str) -> str:
    dash = DASHES[which // COLOURS % len(DASHES)]
    style = f"stroke:var(--c{which % COLOURS})" + (f";stroke-dasharray:{dash}" if dash else "")
    return f'<path class="curve" style="{style}" d="{path}"/>'


def _point(panel: Panel, which: int, curve: Curve) -> list[str]:
    (value,), (at,) = curve.r, curve.at
    x, y = panel.place(at, value.mean)
    parts = []
    if value.low is not None and value.high is not None:
        low, high = panel.place(at, value.low)[1], panel.place(at, value.high)[1]
        parts.append(f'<path class="bar" style="stroke:var(--c{which % COLOURS})" d="M{x} {low}V{high}"/>')
    return [*parts, _mark(which, x, y, f"{_label(curve)}: {value.mean:.2f} at {at:,.0f}")]


def _mark(which: int, x: float, y: float, said: str) -> str:
    """A circle, triangle, square or diamond, so that colour is not all that tells explainers apart."""
    style = f'style="fill:var(--c{which % COLOURS})"'
    title = f"<title>{_said(said)}</title>"
    shapes = (
        f'<circle {style} cx="{x}" cy="{y}" r="4.5">{title}</circle>',
        f'<path {style} d="M{x} {y - 5.5}l5.5 9.5h-11z">{title}</path>',
        f'<rect {style} x="{x - 4}" y="{y - 4}" width="8" height="8">{title}</rect>',
        f'<path {style} d="M{x} {y - 6}l6 6l-6 6l-6 -6z">{title}</path>',
    )
    # Where colours begin again, shapes do not.
    return shapes[(which + which // COLOURS) % len(shapes)]
