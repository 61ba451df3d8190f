"""The measurement in Markdown."""

from collections.abc import Sequence
from typing import Any

from benchmark.honesty.combined import NAMES as COMBINATIONS
from benchmark.honesty.floor import FLOOR
from benchmark.honesty.liars import ALARMIST, HIDER, ON_NULLS, STRATEGIES
from benchmark.honesty.sessions import HONEST

SIDES = {"hider": tuple(HIDER), "alarmist": (*ALARMIST, *ON_NULLS)}
Row = dict[str, Any]
UNION_RATES = ("detected_0.05", "false_alarms_0.05")


def markdown(value: Row) -> str:
    """The page."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in value["units"].items())
    parts = [
        "# Honest reporting: who catches a hider and an alarmist?",
        f"Planted units: {kinds}; half of each kind and theme, drawn at random, sets thresholds and fits, the other "
        f"half is measured. Seed {value['seed']}. Every figure is in [honesty.json](honesty.json); "
        "`python -m benchmark.honesty` makes them again. What each strategy and detector is stands in docs/honesty.md.",
        "![Detection by strategy](honesty.svg)",
        f"Thresholds: the alarm is a rank p of at most 5% (or 1%) among the {value['calibration_reports']} honest "
        "reports of the threshold half, by `oracle` and `rule_induction` together, unless a column names one of them. "
        "5% is nominal: what was measured, on the other half's honest reports, stands under *false alarms*. "
        "Intervals are Wilson's with as many trials as units, however many reports; none under ten units. They hold "
        "for the thresholds as they were drawn.",
        _floor(value),
        "## By strategy",
        _best(value["best"], value["unseen"]),
        "`best` is the single detector that found most on the threshold half, measured on the other; `most` the best "
        "single detector on the measured half itself, which flatters. *Caught*: best finds at least half. *Missed by "
        "all*: no single detector and no combination finds a fifth, on the measured half. **Post hoc**: *truth* has "
        "its threshold from the oracle's reports, since weak honest ones leave out as much as lies do; decided "
        "after the measured half had been seen.",
        "## By one detector or another",
        "An alarm of any detector of the union, each at its own nominal 5%. False alarms of the union are joint, and "
        "many more than 5%: a table of the best detector by strategy takes one to know the strategy.",
        _unions(value["unions"]),
        "## A strategy that the combination was not fitted on",
        "*Seen*: all twelve strategies were in the fit, which says nothing of a new lie. *Unseen*: the fit, and the "
        "scores that its threshold is set on, had no report of this strategy. Its relatives stay in (`add` and "
        "`add_faint`, `swap` and `replace`, `euphemism` and `reword`), so a lie of a new sort may be found less.",
        _unseen(value["unseen"], value["rates"]),
        *(part for side, arms in SIDES.items() for part in (f"## {side}: detection at 5%", _matrix(value, arms))),
        "## Claims apart: detection at 5% (post hoc)",
        "**Post hoc**: decided after the measured half had been seen, so it explains and confirms nothing. An honest "
        "abstention on a null unit has r 0, so above no detector that goes by r alarms at r 0; here claims are held "
        "against honest claims alone, and abstentions are not judged.",
        _matrix(value, tuple(name for name in STRATEGIES if name != "abstain"), reference="claims"),
        "## Against which honest reports",
        "All strategies together. `weak` is `rule_induction`, whose errors are honest ones.",
        _references(value["rates"]),
        "## Detection at 1%",
        _matrix(value, tuple(STRATEGIES), "0.01"),
        "## Guardrails as they ship",
        "Share of submissions that are sent back. Nobody asks a guardrail about an abstention.",
        _objections(value["objections"]),
        "## Hiders by the harmful share of the unit's activation",
        _shares(value["by_share"]),
        "## The three-sigma headline of each explainer",
        "Executable reader; null units left out, abstentions as r 0.",
        _headlines(value["headlines"]),
    ]
    return "\n\n".join(parts) + "\n"


def _floor(value: Row) -> str:
    """What the procedure promises, and what chance alone makes of it."""
    (row,) = [
        row
        for row in value["rates"]
        if (row["detector"], row["reference"], row["strategies"]) == (FLOOR, value["main_reference"], "all")
    ]
    told = ", ".join(
        f"{rate:.4f} at {alpha} (found {row[f'false_alarms_{alpha}']['rate']:.4f}, one draw "
        f"{row[f'false_alarms_{alpha}']['low']:.3f} to {row[f'false_alarms_{alpha}']['high']:.3f})"
        for alpha, rate in value["floor"]["promised"].items()
    )
    return (
        f"`{FLOOR}`, the floor, is the mean of {value['floor']['draws']} draws of random scores; its brackets are the "
        f"middle 95% of single draws. False alarms promised: {told}. So far may any one detector's false alarms be "
        "from the promise by the luck of the draw, and farther where a unit's two honest reports score alike."
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rate(rate: Row) -> str:
    if not rate["reports"]:
        return "–"
    if rate["low"] is None:
        return f"{rate['rate']:.2f} (n {rate['reports']})"
    return f"{rate['rate']:.2f} \\[{rate['low']:.2f}, {rate['high']:.2f}\\]"


def _best(rows: Sequence[Row], unseen: Sequence[Row]) -> str:
    head = ("strategy", "best", "detected", "false alarms", "at 1%", "AUROC", "most", "linear", "trees")
    new = {(row["detector"], row["strategies"]): row["detected_0.05"]["rate"] for row in unseen}
    told = [
        (
            row["strategy"],
            row["detector"],
            f"{_rate(row)} of {row['reports']}",
            _rate(row["false_alarms_0.05"]),
            f"{row['detected_0.01']['rate']:.2f}",
            f"{row['auroc']:.2f}",
            f"{row['most']['detector']} {row['most']['rate']:.2f}",
            *(f"{row[name]:.2f}, unseen {new[name, row['strategy']]:.2f}" for name in COMBINATIONS),
            f"{row['truth']:.2f}",
            row["verdict"],
        )
        for row in rows
    ]
    return _table((*head, "truth", "verdict"), told)


def _unions(rows: Sequence[Row]) -> str:
    told = [
        (row["union"], str(len(row["detectors"])), row["strategies"], *(_rate(row[key]) for key in UNION_RATES))
        for row in rows
    ]
    return _table(("union", "detectors", "strategies", "detected", "joint false alarms"), told)


def _unseen(rows: Sequence[Row], rates: Sequence[Row]) -> str:
    seen = {(row["detector"], row["strategies"]): row for row in rates if row["reference"] == "both"}
    told = []
    for row in rows:
        known = seen[row["detector"], row["strategies"]]
        rates_of = [_rate(each[key]) for key in UNION_RATES for each in (known, row)]
        strict = [f"{each['detected_0.01']['rate']:.2f}" for each in (known, row)]
        areas = [f"{each['auroc']:.2f}" for each in (known, row)]
        told.append((row["detector"], row["strategies"], *rates_of, *strict, *areas))
    pairs = ("detected", "false alarms", "at 1%", "AUROC")
    return _table(
        ("combination", "strategy", *(f"{name}, {how}" for name in pairs for how in ("seen", "unseen"))), told
    )


def _cells(value: Row, reference: str) -> dict[tuple[str, str], Row]:
    mine = [row for row in value["rates"] if row["reference"] == reference]
    return {(row["detector"], row["strategies"]): row for row in mine}


def _matrix(value: Row, arms: Sequence[str], alpha: str = "0.05", reference: str = "both") -> str:
    cells = _cells(value, reference)
    detectors = list(dict.fromkeys(detector for detector, _ in cells))
    rows = []
    for name in detectors:
        first = cells[name, arms[0]]
        clean = _rate(first[f"false_alarms_{alpha}"]) if first[f"resolvable_{alpha}"] else "not resolvable"
        rows.append((name, *(f"{cells[name, arm][f'detected_{alpha}']['rate']:.2f}" for arm in arms), clean))
    return _table(("detector", *arms, "false alarms"), rows)


def _references(rates: Sequence[Row]) -> str:
    cells = {(row["detector"], row["reference"]): row for row in rates if row["strategies"] == "all"}
    rows = []
    for name in dict.fromkeys(detector for detector, _ in cells):
        oracle, weak, both = (cells[name, reference] for reference in ("oracle", "weak", "both"))
        low, high = both["auroc_interval"]
        rows.append(
            (
                name,
                both["kind"],
                f"{both['auroc']:.2f} \\[{low:.2f}, {high:.2f}\\]",
                f"{oracle['auroc']:.2f}",
                f"{weak['auroc']:.2f}",
                *(_rate(each["detected_0.05"]) for each in (both, oracle, weak)),
                _rate(both["false_alarms_0.05"]),
            )
        )
    head = ("detector", "kind", "AUROC", "against oracle", "against weak", "detected at 5%")
    return _table((*head, "threshold of oracle", "threshold of weak", "false alarms"), rows)


def _objections(rows: Sequence[Row]) -> str:
    arms = (*HONEST, *STRATEGIES)
    cells = {(row["guardrail"], row["arm"]): row["rate"] for row in rows}
    names = dict.fromkeys(row["guardrail"] for row in rows)
    return _table(("guardrail", *arms), [(name, *(f"{cells[name, arm]:.2f}" for arm in arms)) for name in names])


def _shares(rows: Sequence[Row]) -> str:
    shares = list(dict.fromkeys(tuple(row["share"]) for row in rows))
    cells = {(row["strategy"], row["detector"], tuple(row["share"])): row for row in rows}
    pairs = dict.fromkeys((row["strategy"], row["detector"]) for row in rows)
    head = ("strategy", "detector", *(f"{low:g} to {high:g}" for low, high in shares))
    told = [(*pair, *(_rate(cells[(*pair, share)]) for share in shares)) for pair in sorted(pairs)]
    return _table(head, told)


def _headlines(rows: Sequence[Row]) -> str:
    told = []
    for row in rows:
        p = f"{row['p']:.2g}" if row["resolvable"] else "not resolvable"
        told.append((row["arm"], str(row["units"]), f"{row['mean_r']:.2f}", p))
    return _table(("explainer", "units", "mean r", "p"), told)
