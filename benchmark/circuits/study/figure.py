"""`circuits.svg`: what each explainer's circuit keeps and what is lost without it, and whom it names; no scripts."""

from collections.abc import Sequence
from html import escape

from benchmark.circuits.runner import ABLATIONS
from benchmark.circuits.study.findings import Standing
from benchmark.figure_style import STYLE
from benchmark.printable import harmless

WIDTH, MARGIN, NAMES, TOP, ROW = 940, 14, 130, 84, 26
PLOT, GAP = 230, 24
ROLES = ("circuit", "imitator", "dormant", "noise")
PANELS = ("sufficiency: kept by it alone", "necessity: lost without it", "heads it names")
TICKS = (0.0, 0.5, 1.0)
LEAST, MOST = -0.1, 1.1


def figure(found: Sequence[Standing], title: str) -> str:
    """The SVG: a row an explainer; sufficiency, necessity, and the share of heads of each role that it names."""
    height = TOP + ROW * len(found) + 2 * MARGIN
    panels = [MARGIN + NAMES + which * (PLOT + GAP) for which in range(3)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        *_legend(panels),
    ]
    for x, name in zip(panels, PANELS, strict=True):
        parts += [f'<text class="name" x="{x}" y="{TOP - 12}">{name}</text>', *_axis(x, len(found))]
    for place, each in enumerate(found):
        parts += _row(each, TOP + ROW * place + ROW // 2, panels)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _said(text: str) -> str:
    return escape(harmless(text))


def _at(x: int, value: float) -> float:
    return x + PLOT * (min(MOST, max(LEAST, value)) - LEAST) / (MOST - LEAST)


def _axis(x: int, rows: int) -> list[str]:
    bottom, parts = TOP + ROW * rows, list[str]()
    for tick in TICKS:
        at = _at(x, tick)
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP - 4}" x2="{at:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="small soft" x="{at:.1f}" y="{bottom + 14}" text-anchor="middle">{tick:g}</text>')
    return parts


def _legend(panels: Sequence[int]) -> list[str]:
    parts = []
    for x, names in ((panels[0], ABLATIONS), (panels[2], ROLES)):
        for which, name in enumerate(names):
            at = x + which * 66
            parts.append(f'<circle cx="{at + 5}" cy="48" r="4" style="fill:var(--c{which})"/>')
            parts.append(f'<text class="small" x="{at + 12}" y="52">{name}</text>')
    return parts


def _row(each: Standing, y: int, panels: Sequence[int]) -> list[str]:
    parts = [f'<text x="{MARGIN}" y="{y + 4}">{_said(each.explainer)}</text>']
    for x, measure in zip(panels, ("sufficiency", "necessity"), strict=False):
        for which, how in enumerate(ABLATIONS):
            parts.append(_dot(_at(x, each.by_ablation[how][measure]), y + 5 * (which - 1), which, how))
    for which, role in enumerate(ROLES):
        parts.append(_dot(_at(panels[2], each.named[role]), y + 4 * (which - 1.5), which, role))
    return parts


def _dot(x: float, y: float, colour: int, name: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" style="fill:var(--c{colour})"><title>{name}</title></circle>'
