"""Attention patterns of heads on one prompt, as an SVG file without scripts: squares of cells, with tokens beside."""

from collections.abc import Mapping, Sequence
from html import escape

from torch import Tensor

from benchmark.figure_style import STYLE
from benchmark.printable import harmless

CELL, LABEL, MARGIN, HEAD = 17, 96, 14, 62
COLUMNS = 2


def figure(
    tokens: Sequence[str], patterns: Mapping[str, Tensor], captions: Mapping[str, str], title: str, how: str
) -> str:
    """The SVG.

    Args:
        tokens: of the prompt.
        patterns: by head's name, float [query, key].
        captions: by head's name, what is said beside it.
        title: of the whole.
        how: a line on how to read it.
    """
    side = CELL * len(tokens)
    wide, tall = LABEL + side + 34, LABEL + side + 44
    columns = min(COLUMNS, max(1, len(patterns)))
    width = max(MARGIN * 2 + columns * wide, 720)
    height = HEAD + -(-len(patterns) // columns) * tall + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        f'<text class="soft small" x="{MARGIN}" y="46">{_said(how)}</text>',
    ]
    for place, (name, pattern) in enumerate(patterns.items()):
        x, y = MARGIN + place % columns * wide, HEAD + place // columns * tall
        parts += [f'<g transform="translate({x},{y})">', *_panel(tokens, name, captions[name], pattern), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(tokens: Sequence[str], name: str, caption: str, pattern: Tensor) -> list[str]:
    side = CELL * len(tokens)
    parts = [
        f'<text class="name" x="0" y="14">{_said(name)}'
        f'<tspan class="soft small" dx="6">{_said(caption)}</tspan></text>',
        f'<rect class="card" x="{LABEL}" y="{LABEL}" width="{side}" height="{side}"/>',
    ]
    for place, token in enumerate(tokens):
        at = LABEL + CELL * (place + 0.5) + 4
        parts += [
            f'<text class="small" x="{LABEL - 5}" y="{at:.1f}" text-anchor="end">{_said(token)}</text>',
            f'<text class="small" transform="translate({at:.1f},{LABEL - 5}) rotate(-60)">{_said(token)}</text>',
        ]
    for query in range(len(tokens)):
        parts += [
            _cell(query, key, float(pattern[query, key]), tokens)
            for key in range(query + 1)
            if pattern[query, key] >= 0.01
        ]
    return parts


def _cell(query: int, key: int, weight: float, tokens: Sequence[str]) -> str:
    return (
        f'<rect x="{LABEL + CELL * key}" y="{LABEL + CELL * query}" width="{CELL}" height="{CELL}" '
        f'style="fill:var(--c0);fill-opacity:{weight:.2f}">'
        f"<title>{_said(tokens[query])} looks at {_said(tokens[key])}: {weight:.2f}</title></rect>"
    )


def _said(text: str) -> str:
    return escape(harmless(text))
