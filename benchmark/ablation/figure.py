"""The figure: effects of guardrails and of their pairs, one small panel an outcome, as one SVG file without scripts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from benchmark.ablation.measure import ALL, Ablated, Effects
from benchmark.ablation.outcomes import ACCURACY, COSTS, MISCALIBRATION, NOTHING_TO_EXPLAIN, R
from benchmark.calibration.figures import STYLE
from benchmark.statistics.factorial import FactorEffect
from benchmark.statistics.switched import Switched

WIDTH, LABELS, GAP, EDGE = 700, 206, 12, 10
COLUMNS = 3
PLOT = (WIDTH - LABELS - EDGE - GAP * (COLUMNS - 1)) / COLUMNS
ROW, HEAD, FOOT, TOP = 20, 40, 26, 74
MORE = (
    ".small{font-size:11px}.name{font-weight:600}.zero{stroke:var(--soft);stroke-dasharray:3 3}"
    ".effect{stroke:var(--one);stroke-width:2;fill:var(--page)}.sure{fill:var(--one)}"
)


@dataclass(frozen=True)
class Point:
    """One effect: its name, estimate, bounds, and whether it is significant under Holm."""

    name: str
    value: float
    low: float | None
    high: float | None
    sure: bool


@dataclass(frozen=True)
class Panel:
    """One outcome: what it is, what is better, and its effects; all panels of a band have the same names."""

    title: str
    note: str
    points: tuple[Point, ...]


def figure(found: Ablated, title: str) -> str:
    """The SVG, of the first real tier and the first reader."""
    whole = [each for each in found.effects if each.family == ALL and each.fit is not None]
    tier = whole[0].tier if whole else ""
    by_key: dict[str, Effects] = {}
    for each in whole:
        if each.tier == tier:
            by_key.setdefault(each.outcome, each)
    bands = [("Each guardrail: mean with it less mean without it", _mains(found, by_key, tier))]
    bands.append(("Two together: how much larger the one's effect is where the other is on", _pairs(by_key)))
    reader = by_key[R.key].reader if R.key in by_key else ""
    note = f"{tier} units, {reader} reader; bars: 95% intervals; filled: significant under Holm; dashed: no effect."
    return _drawn(title, note, [(name, panels) for name, panels in bands if panels and panels[0].points])


def _title(each: Effects) -> tuple[str, str]:
    titles = {
        R.key: ("r", "more is better"),
        ACCURACY.key: ("simulation accuracy", "more is better"),
        MISCALIBRATION.key: ("miscalibration", "less is better"),
        **{of.key: (of.title, "spent on a unit") for of in COSTS},
    }
    return titles[each.outcome]


def _mains(found: Ablated, by_key: dict[str, Effects], tier: str) -> list[Panel]:
    panels = {key: Panel(*_title(each), tuple(map(_main, _of_order(each, 1)))) for key, each in by_key.items()}
    decided = {each.tier: each.found for each in found.decisions}
    shares = []
    if tier in decided:
        shares.append(Panel("abstentions", f"share of {tier} units", _shares(decided[tier])))
    if NOTHING_TO_EXPLAIN in decided:
        shares.append(Panel("false claims", "share of nulls; less is better", _shares(decided[NOTHING_TO_EXPLAIN])))
    first = [panels[key] for key in (R.key, ACCURACY.key, MISCALIBRATION.key) if key in panels]
    return first + shares + [panels[of.key] for of in COSTS if of.key in panels and _spent(panels[of.key])]


def _spent(panel: Panel) -> bool:
    return any(point.value for point in panel.points)


def _of_order(each: Effects, order: int) -> list[FactorEffect]:
    assert each.fit is not None
    return [effect for effect in each.fit.effects if len(effect.factors) == order]


def _words(factors: Sequence[str]) -> str:
    return " × ".join(name.replace("_", " ") for name in factors)


def _main(effect: FactorEffect) -> Point:
    return Point(_words(effect.factors), effect.estimate, effect.low, effect.high, _sure(effect))


def _pair(effect: FactorEffect) -> Point:
    """With the units' own interval: an interaction has no variance of its own in the model."""
    own = effect.unit_low is not None
    low, high = (effect.unit_low, effect.unit_high) if own else (effect.low, effect.high)
    return Point(_words(effect.factors), effect.estimate, low, high, _sure(effect))


def _sure(effect: FactorEffect) -> bool:
    return effect.decision is not None and effect.decision.verdict == "significant"


def _shares(found: Switched) -> tuple[Point, ...]:
    return tuple(
        Point(
            _words([each.factor]),
            each.difference.mean,
            each.difference.low,
            each.difference.high,
            each.decision.verdict == "significant",
        )
        for each in found.switches
    )


def _pairs(by_key: dict[str, Effects]) -> list[Panel]:
    shown = [by_key[key] for key in (R.key, MISCALIBRATION.key, COSTS[0].key) if key in by_key]
    return [Panel(*_title(each), tuple(map(_pair, _of_order(each, 2)))) for each in shown]


def _drawn(title: str, note: str, bands: Sequence[tuple[str, Sequence[Panel]]]) -> str:
    body, y = [], float(TOP)
    for name, panels in bands:
        body.append(f'<text class="name" x="14" y="{y:g}">{escape(name)}</text>')
        y += 12
        for at in range(0, len(panels), COLUMNS):
            body += _line(panels[at : at + COLUMNS], y)
            y += HEAD + ROW * len(panels[at].points) + FOOT
        y += 24
    height = y - 14
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" '
        f'height="{height:g}" role="img" aria-label="{escape(title)}"><style>{STYLE}{MORE}</style>'
    )
    titles = [
        f'<rect class="page" width="{WIDTH}" height="{height:g}"/>',
        f'<text class="title" x="14" y="26">{escape(title)}</text>',
        f'<text class="soft small" x="14" y="46">{escape(note)}</text>',
    ]
    return "\n".join([head, *titles, *body, "</svg>"]) + "\n"


def _line(panels: Sequence[Panel], y: float) -> list[str]:
    """Panels side by side, with the names of their rows on the left."""
    parts = [
        f'<text class="small" text-anchor="end" x="{LABELS - 12}" y="{y + HEAD + ROW * (at + 0.5) + 4:g}">'
        f"{escape(point.name)}</text>"
        for at, point in enumerate(panels[0].points)
    ]
    for at, panel in enumerate(panels):
        parts += _panel(panel, LABELS + at * (PLOT + GAP), y)
    return parts


def _reach(points: Sequence[Point]) -> float:
    """Half the width of an axis around 0: the first of 1, 2, 5 times a power of ten that holds every bar."""
    most = max(abs(end) for point in points for end in (point.value, point.low, point.high) if end is not None)
    if most <= 0:
        return 0.01
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= most * (1 - 1e-9))


def _panel(panel: Panel, x: float, y: float) -> list[str]:
    reach, bottom = _reach(panel.points), y + HEAD + ROW * len(panel.points)

    def across(value: float) -> float:
        return round(x + 6 + (value / reach + 1) / 2 * (PLOT - 12), 1)

    parts = [
        f'<text class="small name" x="{x:g}" y="{y + 14:g}">{escape(panel.title)}</text>',
        f'<text class="soft small" x="{x:g}" y="{y + 29:g}">{escape(panel.note)}</text>',
        f'<path class="grid" d="M{across(-reach)} {y + HEAD}V{bottom}M{across(reach)} {y + HEAD}V{bottom}"/>',
        f'<path class="zero" d="M{across(0)} {y + HEAD}V{bottom}"/>',
    ]
    for value, anchor in ((-reach, "start"), (0.0, "middle"), (reach, "end")):
        shift = {"start": -6, "middle": 0, "end": 6}[anchor]
        said = f"{value:+g}".replace("-", "−") if value else "0"
        place = f'x="{across(value) + shift:g}" y="{bottom + 14:g}"'
        parts.append(f'<text class="soft small" text-anchor="{anchor}" {place}>{said}</text>')
    return parts + [_mark(point, across, y + HEAD + ROW * (at + 0.5)) for at, point in enumerate(panel.points)]


def _mark(point: Point, across: Callable[[float], float], y: float) -> str:
    bounds = "" if point.low is None or point.high is None else f" [{point.low:.4g}, {point.high:.4g}]"
    bar = ""
    if point.low is not None and point.high is not None:
        bar = f'<path class="effect" d="M{across(point.low)} {y:g}H{across(point.high)}"/>'
    kind = "effect sure" if point.sure else "effect"
    title = f"<title>{escape(point.name)}: {point.value:.4g}{bounds}</title>"
    return f'{bar}<circle class="{kind}" cx="{across(point.value)}" cy="{y:g}" r="4">{title}</circle>'
