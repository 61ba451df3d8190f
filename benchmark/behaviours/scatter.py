"""`foresight.svg`: a panel a unit, every intervention of its exam as it was predicted and as it is; no scripts."""

from collections.abc import Sequence

from benchmark.behaviours.sheet import WIDTH, Row, preferred, said, sheet

# In the order of preference: whose predictions are drawn.
DRAWN = ("ablation", "attribution", "mean_difference")
HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 250, 44, 14, 40, 30


def scatter(units: Sequence[Row], title: str) -> str:
    """The SVG; nulls are not drawn, since all but the floor abstain."""
    shown = [(unit, row) for unit in units if unit["tier"] != "null" and (row := _drawn(unit))]
    return sheet(
        [_panel(unit, row) for unit, row in shown],
        HEIGHT,
        title,
        "nats of log odds on exam prompts; across: predicted, up: measured; dots: ablations, with a ring the "
        "strongest; squares: steerings; line: as predicted",
    )


def _drawn(unit: Row) -> Row | None:
    return preferred((row for row in unit["explainers"] if not row["abstained"]), DRAWN)


def _panel(unit: Row, row: Row) -> list[str]:
    done, foretold = unit["interventions"], row["foretold"]
    most = max(abs(value) for value in (*foretold, *(each["actual"] for each in done))) or 1.0
    middle, ground = _across(0.0, most), _down(0.0, most)
    graded = row["ablation"]
    ends = f"M{_across(-most, most):.1f} {_down(-most, most):.1f}L{_across(most, most):.1f} {_down(most, most):.1f}"
    return [
        f'<text class="name" x="{LEFT}" y="16">{said(unit["unit"])} by {said(row["explainer"])}</text>',
        f'<text class="soft small" x="{LEFT}" y="31">r {graded["r"]:.2f}, by rank {graded["rank_r"]:.2f}, '
        f"without the ringed {graded['r_without_strongest']:.2f}</text>",
        f'<path class="grid" d="M{LEFT} {ground:.1f}H{WIDTH - RIGHT}M{middle:.1f} {TOP}V{HEIGHT - BOTTOM}"/>',
        f'<path class="curve" style="stroke:var(--c7);stroke-width:1" stroke-dasharray="4 4" d="{ends}"/>',
        *(
            _mark(each, unit["strongest"], _across(at, most), _down(each["actual"], most))
            for each, at in zip(done, foretold, strict=True)
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
