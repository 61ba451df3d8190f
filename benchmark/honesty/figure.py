"""The figure: what the best single detector, trees and the truth find of each strategy, as one SVG."""

from html import escape
from typing import Any

from benchmark.ladder.figure import STYLE

WIDTH, LEFT, PLOT, ROW, TOP = 760, 150, 400, 34, 84
BAR = 8
SERIES = (("best single detector", "r0"), ("trees, strategy not fitted on", "r1"), ("reads the truth", "r2"))


def figure(value: dict[str, Any]) -> str:
    """The SVG, without scripts.

    Args:
        value: what `publish.examined` returns.
    """
    rows = value["best"]
    unseen = {row["strategies"]: row for row in value["unseen"] if row["detector"] == "combined_trees"}
    height, title = TOP + ROW * len(rows) + 40, "Detection at a nominal 5% of false alarms, by strategy"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="14" y="28">{escape(title)}</text>',
    ]
    for place, (name, colour) in enumerate(SERIES):
        x = 20 + 200 * place
        parts.append(f'<rect class="{colour}" x="{x}" y="44" width="10" height="10"/>')
        parts.append(f'<text class="small" x="{x + 16}" y="53">{name}</text>')
    for share in (0.0, 0.05, 0.5, 1.0):
        at = LEFT + PLOT * share
        parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{TOP - 6}" y2="{height - 34}"/>')
        parts.append(f'<text class="small soft" x="{at}" y="{height - 18}" text-anchor="middle">{share:g}</text>')
    for place, row in enumerate(rows):
        parts += _bars(row, unseen[row["strategy"]], TOP + ROW * place)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _bars(row: dict[str, Any], unseen: dict[str, Any], y: float) -> list[str]:
    parts = [f'<text class="name" x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(row["strategy"])}</text>']
    for place, rate in enumerate((row["rate"], unseen["detected_0.05"]["rate"], row["truth"])):
        width, colour = max(PLOT * rate, 1), SERIES[place][1]
        parts.append(
            f'<rect class="{colour}" x="{LEFT}" y="{y + BAR * place}" width="{width:.1f}" height="{BAR - 2}"/>'
        )
    if row["low"] is not None:
        low, high, middle = LEFT + PLOT * row["low"], LEFT + PLOT * row["high"], y + BAR / 2 - 1
        parts.append(f'<line class="ideal" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>')
    told = f"{row['detector']}, {row['rate']:.2f}"
    parts.append(f'<text class="small soft" x="{LEFT + PLOT + 14}" y="{y + 14}">{escape(told)}</text>')
    return parts
