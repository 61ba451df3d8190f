"""`foresight.svg`: a panel a unit, every intervention of its exam as it was predicted and as it is; no scripts."""

from collections.abc import Sequence
from html import escape
from typing import Any

from benchmark.figure_style import STYLE
from benchmark.printable import harmless

Row = dict[str, Any]
# In the order of preference: whose predictions are drawn.
DRAWN = ("ablation", "attribution", "mean_difference")
COLUMNS, WIDTH, HEIGHT, MARGIN, HEAD = 3, 300, 250, 14, 66
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 40, 30


def scatter(units: Sequence[Row], title: str) -> str:
    """The SVG; nulls are not drawn, since all but the floor abstain."""
    shown = [(unit, row) for unit in units if unit["tier"] != "null" and (row := _drawn(unit))]
    lines = -(-len(shown) // COLUMNS)
    width, height = COLUMNS * WIDTH + 2 * MARGIN, HEAD + lines * HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        f'<text class="soft small" x="{MARGIN}" y="48">nats of log odds on exam prompts; across: predicted, up: '
        "measured; dots: ablations, with a ring the strongest; squares: steerings; line: as predicted</text>",
    ]
    for place, (unit, row) in enumerate(shown):
        x, y = MARGIN + place % COLUMNS * WIDTH, HEAD + place // COLUMNS * HEIGHT
        parts += [f'<g transform="translate({x},{y})">', *_panel(unit, row), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(unit: Row) -> Row | None:
    by_name = {row["explainer"]: row for row in unit["explainers"] if not row["abstained"]}
    return next((by_name[name] for name in DRAWN if name in by_name), None)


def _panel(unit: Row, row: Row) -> list[str]:
    done, said = unit["interventions"], row["foretold"]
    most = max(abs(value) for value in (*said, *(each["actual"] for each in done))) or 1.0
    middle, ground = _across(0.0, most), _down(0.0, most)
    graded = row["ablation"]
    ends = f"M{_across(-most, most):.1f} {_down(-most, most):.1f}L{_across(most, most):.1f} {_down(most, most):.1f}"
    return [
        f'<text class="name" x="{LEFT}" y="16">{_said(unit["unit"])} by {_said(row["explainer"])}</text>',
        f'<text class="soft small" x="{LEFT}" y="31">r {graded["r"]:.2f}, by rank {graded["rank_r"]:.2f}, '
        f"without the ringed {graded['r_without_strongest']:.2f}</text>",
        f'<path class="grid" d="M{LEFT} {ground:.1f}H{WIDTH - RIGHT}M{middle:.1f} {TOP}V{HEIGHT - BOTTOM}"/>',
        f'<path class="curve" style="stroke:var(--c7);stroke-width:1" stroke-dasharray="4 4" d="{ends}"/>',
        *(
            _mark(each, unit["strongest"], _across(at, most), _down(each["actual"], most))
            for each, at in zip(done, said, strict=True)
        ),
        *(
            f'<text class="soft small" x="4" y="{_down(value, most) + 4:.1f}">{value:+.1f}</text>'
            for value in (-most, most)
        ),
        *(
            f'<text class="soft small" text-anchor="middle" x="{_across(value, most):.1f}" '
            f'y="{HEIGHT - 14}">{value:+.1f}</text>'
            for value in (-most, most)
        ),
    ]


def _mark(each: Row, strongest: int, x: float, y: float) -> str:
    if each["kind"] == "steering":
        return (
            f'<rect class="steered" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" '
            'style="fill:var(--c1);fill-opacity:.6"/>'
        )
    ring = ";stroke:var(--ink);stroke-width:2" if strongest in each["latents"] else ""
    return f'<circle class="ablated" cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:var(--c0);fill-opacity:.6{ring}"/>'


def _across(value: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value + most) / (2 * most)


def _down(value: float, most: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (most - value) / (2 * most)


def _said(text: str) -> str:
    return escape(harmless(text))
