"""`behaviours.md`: units, explainers over units, and what every explainer said of each unit."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmark.printable import harmless

Row = dict[str, Any]
COLUMNS = {
    "ablation_r": "r, ablation",
    "ablation_rank_r": "rank r",
    "ablation_r_without_strongest": "r without the strongest",
    "ablation_sign": "sign, ablation",
    "steering_r": "r, steering",
    "steering_rank_r": "rank r, steering",
    "steering_sign": "sign, steering",
    "necessity": "necessity",
    "sufficiency": "sufficiency",
    "spearman": "Spearman of doses",
    "rise_ablation": "nats/token, ablation",
    "rise_steering": "nats/token, steering",
    "ratio_ablation": "effect / rise, ablation",
    "ratio_steering": "effect / rise, steering",
}
SAID = """\
A behaviour is the logit difference of two words after a prompt, less that after its twin if there is one. Everything
is measured on exam prompts, whose templates and fillers no explainer saw. *r* and *sign* are of interventions that
nobody had run, predicted against measured; an abstention predicts no change (r 0). *Rank r* is Spearman's. *r without
the strongest* leaves out the ablation that holds the latent whose own ablation changes most of those drawn: one such
ablation can decide r. Latents and draws are of each unit by itself (`strongest`, `interventions` and each explainer's
`foretold` in the JSON; drawn in `foresight.svg`). *Necessity* is the share of the behaviour that is lost with the
latents named at zero (of a planted one: of what was planted); under mean and resample ablation it is "–" without twins,
where what is on everywhere has no other value to take. 1 is all of it under each. *Sufficiency* is the share that their
values bring into the twins. Rises are of the next-token loss on unrelated text. Means over units, with
a bootstrap interval from ten units on, and how many units have the figure. An effect is put in ratio to a rise only
where the rise is not nothing. `oracle` knows the planted latent and no more: of all others it says what `attribution`
says, so that its r is no ceiling."""


def page(found: Row) -> str:
    """The page of a study, from what its JSON holds."""
    units = found["units"]
    parts = ["# Behaviours", "", SAID, "", *_provenance(found["provenance"])]
    parts += ["", "## Units", "", *_table(_UNIT_HEAD, map(_unit, units))]
    if found["not_chosen"]:
        parts += ["", "Candidates that were left out by the criterion (a consistent difference on teach prompts):", ""]
        parts += [f"- `{each['unit']}`: {_cell(each['reason'])}" for each in found["not_chosen"]]
    if found["not_run"]:
        parts += ["", f"Not run for want of time: {_cell(', '.join(found['not_run']))}."]
    parts += ["", "## Explainers", "", *_summaries(found["summaries"])]
    parts += ["", "## Reports", ""]
    for unit in units:
        parts += [f"### {_cell(unit['unit'])}", "", _cell(unit["question"]), ""]
        parts += [*_table(_REPORT_HEAD, (_report(row) for row in unit["explainers"])), ""]
    return "\n".join(parts).rstrip() + "\n"


def _provenance(told: Row) -> list[str]:
    spent = (
        f"{told['seconds']:.0f} s, {told['cpu_seconds']:.0f} s of processor time" if "seconds" in told else "unknown"
    )
    return [
        f"Commit {told['commit']}; {_cell(told['subject']['subject'])}, {_cell(told['subject']['units'])}; "
        f"the stream's usual length is {told['usual_norm']:.1f}; seed {told['seed']}; {spent}."
    ]


_UNIT_HEAD = (
    *(
        "unit",
        "tier",
        "kind",
        "planted",
        "teach",
        "exam",
        "pairs of one sign",
        "all latents bring",
        "`ablation` by rank",
    ),
)


def _unit(unit: Row) -> list[str]:
    planted = unit["planted"]
    what = "–"
    if planted:
        name = f"latent {planted['latent']}" if planted["latent"] is not None else "a direction"
        what = f"{name} at {planted['strength']:g}: {planted['exam']:+.2f}"
    return [
        *(f"`{_cell(unit['unit'])}`", unit["tier"], _cell(unit["kind"]), what),
        *(f"{unit[part]['mean']:+.2f} ± {unit[part]['error']:.2f}" for part in ("teach", "exam")),
        f"{unit['exam']['same_sign']:.0%}",
        _number(unit["all_latents"]),
        _rank(unit),
    ]


def _rank(unit: Row) -> str:
    found = unit.get("rank")
    if not found:
        return "–"
    said = f"p = {found['p']:.4f} of {found['sets']}"
    return said + (", 3σ" if found["significant"] else "" if found["resolvable"] else ", not resolvable")


def _summaries(rows: Sequence[Row]) -> list[str]:
    parts: list[str] = []
    for group in dict.fromkeys(row["group"] for row in rows):
        mine = [row for row in rows if row["group"] == group]
        parts += [f"**{group}** ({max(row['units'] for row in mine)} units)", ""]
        if group == "nulls":
            parts += _table(("explainer", "abstained"), ([_name(r), f"{r['abstained']} of {r['units']}"] for r in mine))
        else:
            hits = ("hit", "first", "decoy named") if any("hits" in row for row in mine) else ()
            head = ("explainer", "abstained", *hits, *COLUMNS.values())
            parts += _table(head, (_summary(row, bool(hits)) for row in mine))
        parts.append("")
    return parts[:-1]


def _summary(row: Row, hits: bool) -> list[str]:
    counts = [str(row.get(name, "–")) for name in ("hits", "first", "decoys_named")] if hits else []
    return [_name(row), str(row["abstained"]), *counts, *(_interval(row[name], row["units"]) for name in COLUMNS)]


def _interval(value: Row | None, units: int) -> str:
    if value is None:
        return "–"
    digits = 3 if abs(value["mean"]) < 0.1 else 2
    said = f"{value['mean']:.{digits}f}"
    if value["low"] is not None:
        said += f" [{value['low']:.{digits}f}, {value['high']:.{digits}f}]"
    return said if value["n"] == units else f"{said} (n={value['n']})"


_REPORT_HEAD = (
    *("explainer", "latents", "change at zero: predicted", "measured", "lost: zero", "mean", "resample"),
    *("sufficiency", "slope: predicted", "measured", "Spearman", "nats/token, ablation", "steering", "r, ablation"),
    *("rank r", "r without the strongest", "r, steering", "prompts"),
)


def _report(row: Row) -> list[str]:
    if row["abstained"]:
        blank = ["–"] * (len(_REPORT_HEAD) - 7)
        return [_name(row), f"abstains: {_cell(row['reason'])}", *blank, *_foresight(row)]
    dose = row["dose"]
    return [
        *(_name(row), ", ".join(map(str, row["latents"])), f"{row['predicted']:+.2f}", f"{row['actual']:+.2f}"),
        *(_number(row["necessity"][how]) for how in ("zero", "mean", "resample")),
        _number(row["sufficiency"]),
        *(f"{dose['told']:+.2f}", f"{dose['slope']:+.2f}", f"{dose['spearman']:+.2f}"),
        *(_rise(row[side]) for side in ("side_ablation", "side_steering")),
        *_foresight(row),
    ]


def _foresight(row: Row) -> list[str]:
    ablation = row["ablation"]
    said = (ablation["r"], ablation["rank_r"], ablation["r_without_strongest"], row["steering"]["r"])
    return [*(f"{each:.2f}" for each in said), str(row["spent"])]


def _rise(side: Row) -> str:
    rise = side["rise"]
    bounds = "" if rise["low"] is None else f" [{rise['low']:+.3f}, {rise['high']:+.3f}]"
    return f"{rise['mean']:+.3f}{bounds}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _name(row: Row) -> str:
    return f"`{row['explainer']}`"


def _cell(text: str) -> str:
    """Text that may be a user's, in a cell."""
    return harmless(text).replace("|", "\\|").replace("<", "&lt;").replace("`", "'").replace("\n", " ")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
