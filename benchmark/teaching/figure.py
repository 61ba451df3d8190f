"""`teaching.svg`: what each student scores after each arm, and how it learns in the live lesson; no scripts."""

from collections.abc import Sequence
from html import escape

from benchmark.figure_style import STYLE
from benchmark.printable import harmless
from benchmark.students.course import TEACHING_ARMS
from benchmark.students.teaching import LESSON_WORDS
from benchmark.teaching.effects import Learned

WIDTH, MARGIN = 940, 14
NAMES, PLOT, GAP = 90, 340, 110
ROW, TOP, LEGEND = 24, 34, 74
# Learned nothing whatever they are taught: a line of zeros shows nothing.
FLAT = ("no_op", "yes_sayer")
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def figure(found: Sequence[Learned], title: str) -> str:
    """The SVG: a row a tier, arms on the left and learning curves on the right."""
    shown = [each for each in found if each.student not in FLAT and each.tier != "null"]
    students = list(dict.fromkeys(each.student for each in shown))
    tiers = list(dict.fromkeys(each.tier for each in shown))
    block = TOP + ROW * len(TEACHING_ARMS) + 40
    height = LEGEND + block * len(tiers) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{_said(title)}"><style>{STYLE}</style>',
        f'<rect class="page" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{MARGIN}" y="28">{_said(title)}</text>',
        *_legend(students),
    ]
    for place, tier in enumerate(tiers):
        mine = [each for each in shown if each.tier == tier]
        parts += [f'<g transform="translate({MARGIN},{LEGEND + place * block})">', *_arms(mine, students), "</g>"]
        parts += [
            f'<g transform="translate({MARGIN + NAMES + PLOT + GAP},{LEGEND + place * block})">',
            *_curves(mine, students),
            "</g>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _said(text: str) -> str:
    return escape(harmless(text))


def _legend(students: Sequence[str]) -> list[str]:
    parts = []
    for which, name in enumerate(students):
        x = MARGIN + which * ((WIDTH - 2 * MARGIN) // max(1, len(students)))
        parts.append(f'<circle cx="{x + 6}" cy="52" r="5" style="fill:var(--c{which % 8})"/>')
        parts.append(f'<text class="small" x="{x + 16}" y="56">{_said(name)}</text>')
    return parts


def _arms(mine: Sequence[Learned], students: Sequence[str]) -> list[str]:
    """A row an arm, a dot a student with its bounds."""
    tier, units = mine[0].tier, _units(mine)
    parts = [_head(f"{tier} units, r after each arm", units), *_grid(NAMES, TEACHING_ARMS)]
    for each in mine:
        which = students.index(each.student)
        for row, arm in enumerate(TEACHING_ARMS):
            if (found := each.arms.get(arm)) is None:
                continue
            y = TOP + ROW * row + ROW / 2 + (which - (len(students) - 1) / 2) * 2.6
            if found.low is not None and found.high is not None:
                a, b = (NAMES + PLOT * _within(value) for value in (found.low, found.high))
                parts.append(_stroke(which, f"M{a:.1f} {y:.1f}H{b:.1f}"))
            x = NAMES + PLOT * _within(found.mean)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" style="fill:var(--c{which % 8})">'
                f"<title>{_said(each.student)}, {_said(arm)}: {found.mean:z.2f}</title></circle>"
            )
    return parts


def _curves(mine: Sequence[Learned], students: Sequence[str]) -> list[str]:
    """R against the teacher's words, in the live lesson."""
    tall = ROW * len(TEACHING_ARMS)
    parts = [_head("the live lesson, r by words taught", _units(mine))]
    for tick in TICKS:
        y = TOP + tall * (1 - tick)
        parts.append(f'<path class="grid" d="M0 {y:.1f}H{PLOT}"/>')
        parts.append(f'<text class="soft small" x="-6" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    most = max((each.curve[-1][0] for each in mine if each.curve), default=LESSON_WORDS)
    if not any(each.curve for each in mine):
        parts.append(
            f'<text class="soft small" x="{PLOT / 2}" y="{TOP + tall / 2}" text-anchor="middle">not probed</text>'
        )
    for each in (each for each in mine if each.curve):
        steps = [f"{PLOT * words / most:.1f} {TOP + tall * (1 - _within(r)):.1f}" for words, r in each.curve]
        parts.append(_stroke(students.index(each.student), "M" + "L".join(steps), "curve"))
    parts.append(f'<text class="soft small" x="{PLOT}" y="{TOP + tall + 18}" text-anchor="end">{most} words</text>')
    return parts


def _units(mine: Sequence[Learned]) -> int:
    return max(score.n for each in mine for score in each.arms.values())


def _head(text: str, units: int) -> str:
    return f'<text class="name" x="0" y="16">{_said(text)}<tspan class="soft small" dx="6">{units} units</tspan></text>'


def _grid(left: float, rows: Sequence[str]) -> list[str]:
    tall, parts = ROW * len(rows), []
    for tick in TICKS:
        x = left + PLOT * tick
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{TOP + tall}"/>')
        parts.append(f'<text class="soft small" x="{x:.1f}" y="{TOP + tall + 18}" text-anchor="middle">{tick:g}</text>')
    for row, name in enumerate(rows):
        y = TOP + ROW * row + ROW / 2 + 4
        parts.append(
            f'<text class="small" x="{left - 8}" y="{y:.1f}" text-anchor="end">{_said(name.replace("_", " "))}</text>'
        )
    return parts


def _stroke(which: int, path: str, kind: str = "bar") -> str:
    return f'<path class="{kind}" fill="none" style="stroke:var(--c{which % 8})" d="{path}"/>'


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))
