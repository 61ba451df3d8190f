"""`behaviours.svg`: a panel a unit, the logit difference by dose as it was predicted and as it is; no scripts."""

from collections.abc import Sequence

from benchmark.behaviours.sheet import WIDTH, Row, preferred, said, sheet

# In the order of preference: whose first latent is drawn.
DRAWN = ("oracle", "ablation", "attribution")
HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 190, 40, 14, 40, 34


def figure(units: Sequence[Row], title: str) -> str:
    """The SVG; units of which nobody named a latent are not drawn."""
    shown = [(unit, row) for unit in units if unit["tier"] != "null" and (row := _drawn(unit))]
    return sheet(
        [_panel(unit, row) for unit, row in shown],
        HEIGHT,
        title,
        "change in nats of log odds by dose (shares of the usual length), exam prompts; line: measured, dashes: "
        "predicted from teach prompts",
    )


def _drawn(unit: Row) -> Row | None:
    return preferred((row for row in unit["explainers"] if row["dose"]), DRAWN)


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
        f'<text class="name" x="{LEFT}" y="16">{said(unit["unit"])}</text>',
        f'<text class="soft small" x="{LEFT}" y="31">{said(row["explainer"])}: latent {dose["latent"]}, '
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
