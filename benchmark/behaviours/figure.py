"""`behaviours.svg`: a panel a unit, the logit difference by dose as it was predicted and as it is; no scripts."""

from collections.abc import Sequence
from html import escape
from typing import Any

from benchmark.figure_style import STYLE
from benchmark.printable import harmless

Row = dict[str, Any]
# In the order of preference: whose first latent is drawn.
DRAWN = ("oracle", "ablation", "attribution")
COLUMNS, WIDTH, HEIGHT, MARGIN, HEAD = 3, 300, 190, 14, 66
LEFT, RIGHT, TOP, BOTTOM = 40, 14, 40, 34


def figure(units: Sequence[Row], title: str) -> str:
    """The SVG; units of which nobody named a latent are not drawn."""
    shown = [(unit, row) for unit in units if unit["tier"] != "null" and (row := _drawn(unit))]
    lines = -(-len(shown) // COLUMNS)
    width, height = COLUMNS * WIDTH + 2 * MARGIN, HEAD + lines * HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        f'<text class="soft small" x="{MARGIN}" y="48">change in nats of log odds by dose (shares of the usual '
        "length), exam prompts; line: measured, dashes: predicted from teach prompts</text>",
    ]
    for place, (unit, row) in enumerate(shown):
        x, y = MARGIN + place % COLUMNS * WIDTH, HEAD + place // COLUMNS * HEIGHT
        parts += [f'<g transform="translate({x},{y})">', *_panel(unit, row), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(unit: Row) -> Row | None:
    by_name = {row["explainer"]: row for row in unit["explainers"] if row["dose"]}
    return next((by_name[name] for name in DRAWN if name in by_name), None)


def _panel(unit: Row, row: Row) -> list[str]:
    dose = row["dose"]
    points = sorted([*zip(dose["doses"], dose["actual"], dose["predicted"], strict=True), (0.0, 0.0, 0.0)])
    most = max([abs(value) for _, *both in points for value in both]) or 1.0
    end = max(abs(at) for at, *_ in points)

    def path(which: int) -> str:
        marks = [f"{_across(point[0], end):.1f} {_down(point[which], most):.1f}" for point in points]
        return "M" + "L".join(marks)

    middle, ground = _across(0.0, end), _down(0.0, most)
    kind = 0 if unit["tier"] == "planted" else 1
    return [
        f'<text class="name" x="{LEFT}" y="16">{_said(unit["unit"])}</text>',
        f'<text class="soft small" x="{LEFT}" y="31">{_said(row["explainer"])}: latent {dose["latent"]}, '
        f"Spearman {dose['spearman']:+.2f}</text>",
        f'<path class="grid" d="M{LEFT} {ground:.1f}H{WIDTH - RIGHT}M{middle:.1f} {TOP}V{HEIGHT - BOTTOM}"/>',
        f'<path class="curve" style="stroke:var(--c7)" stroke-dasharray="4 4" d="{path(2)}"/>',
        f'<path class="curve" style="stroke:var(--c{kind})" d="{path(1)}"/>',
        *(
            f'<text class="soft small" x="4" y="{_down(value, most) + 4:.1f}">{value:+.1f}</text>'
            for value in (-most, most)
        ),
        *(
            f'<text class="soft small" text-anchor="middle" x="{_across(at, end):.1f}" y="{HEIGHT - 18}">{at:+g}</text>'
            for at in (-end, end)
        ),
    ]


def _across(dose: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (dose + end) / (2 * end)


def _down(value: float, most: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (most - value) / (2 * most)


def _said(text: str) -> str:
    return escape(harmless(text))
