"""`spend.md`: whether the ceilings were equal and kept, what was spent, and the score at each spend."""

from collections.abc import Mapping, Sequence

from benchmark.leaderboard.markdown import escape, table
from benchmark.spending.ceilings import BETWEEN_STEPS, Fairness, Spent
from benchmark.spending.curve import SPENDS, Curve
from benchmark.spending.sessions import CURRENCIES
from benchmark.statistics.bootstrap import Interval

# Shares of the greatest spend at which a table shows the curves; the JSON has them whole.
SHOWN = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
NAMES = {
    "unit_queries": "unit queries",
    "rounds": "rounds",
    "tokens": "tokens",
    "calls": "calls",
    "generated": "tokens generated",
    "seconds": "seconds",
}


def markdown(fair: Fairness, rows: Sequence[Spent], found: Sequence[Curve], facts: Mapping[str, str]) -> str:
    """The page; every name that users chose is escaped."""
    parts = [
        f"# Ceilings and spend: {escape(facts['suite'])}",
        f"Suite `{escape(facts['suite_hash'][:12])}`, score version {escape(facts['score_version'])}. Made from the "
        "logs by `viva spend`; every figure is in [spend.json](spend.json).",
        "## Ceilings of one explainer on one unit",
        *verdict(fair, rows),
        table(("explainer", "units", *NAMES.values()), _spends(fair, rows)),
        "Mean over units, and in brackets the greatest; the first row has the ceilings.",
        "## Score at spend",
        _how(found),
        "![Mean r at each spend](spend.svg)",
        *_sections(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def verdict(fair: Fairness, rows: Sequence[Spent]) -> list[str]:
    """What the logs prove, in sentences."""
    uneven = [name for name, value in fair.ceilings.items() if value is None]
    equal = "All explainers had equal ceilings" if fair.equal else f"Ceilings differ or lack: {_named(uneven)}"
    broken = [each for each in rows if each.exceeded and each.currency != BETWEEN_STEPS]
    kept = "; ".join(f"{_label(each)} exceeded {NAMES[each.currency]} on {_units(each.exceeded)}" for each in broken)
    lines = [f"{equal}. {kept or 'No unit exceeded any of them, seconds apart'}.", _late(rows), *_matched(fair)]
    silent = [each for each in rows if each.currency == CURRENCIES[0] and each.told < each.units]
    for each in silent:
        lines.append(f"{_label(each)}: {_units(each.units - each.told)} ended without a spend in the log.")
    return [escape(line) for line in lines if line]


def _matched(fair: Fairness) -> list[str]:
    lines = []
    if fair.matched:
        over = f"{_units(fair.beyond_loop)} got more" if fair.beyond_loop else "none got more"
        lines.append(
            f"Compute-matched rivals met {_units(fair.matched)} and were held to what their loop spent there: {over}."
        )
    if fair.cached:
        lines.append(f"Answers may have come from a cache, and seconds be too few: {', '.join(fair.cached)}.")
    return lines


def _late(rows: Sequence[Spent]) -> str:
    late = [each for each in rows if each.currency == BETWEEN_STEPS and each.exceeded]
    told = ", ".join(f"{_label(each)} on {_units(each.exceeded)} by at most {each.most_over:.1f} s" for each in late)
    if not late:
        return "No unit exceeded the seconds."
    return f"The clock is looked at between steps, so that a last step may end late: {told}."


def _units(count: int) -> str:
    return f"{count} unit{'s' * (count != 1)}"


def _named(currencies: Sequence[str]) -> str:
    return ", ".join(NAMES[each] for each in currencies)


def _label(each: Spent | Curve) -> str:
    return each.explainer if each.model == "none" else f"{each.explainer} · {each.model}"


def _spends(fair: Fairness, rows: Sequence[Spent]) -> list[list[str]]:
    body = [["ceiling", "", *(_amount(fair.ceilings[name]) for name in NAMES)]]
    names = list(dict.fromkeys((each.explainer, each.model) for each in rows))
    for name in names:
        own = {each.currency: each for each in rows if (each.explainer, each.model) == name}
        first = own[CURRENCIES[0]]
        body.append([_label(first), str(first.units), *(_cell(own[each]) for each in NAMES)])
    return body


def _cell(row: Spent) -> str:
    if row.mean is None or row.greatest is None:
        return "not recorded"
    return "0" if row.greatest == 0 else f"{_amount(row.mean)} ({_amount(row.greatest)})"


def _amount(value: float | None) -> str:
    if value is None:
        return "not equal"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"


def _how(found: Sequence[Curve]) -> str:
    untold = sum(each.untold for each in found if each.currency == SPENDS[0])
    gone = f" {untold} grades on P0 have no report in their journal and are left out." if untold else ""
    return (
        "Mean r on the pool, at base rate, of what an explainer would have handed in, had its budget ended there: the "
        "best report by P0 that it held, and none, which is 0, before its first grade; no guardrail is asked. When it "
        "ended, what it did hand in: an abstention or a failure is 0. An explainer that holds no report on the way is "
        "one point, at its mean spend. Each is read by its predicates where it declares them, else by its prose. "
        f"Bounds: 95%, cluster bootstrap over units, from 10 units on.{gone}"
    )


def _sections(found: Sequence[Curve]) -> list[str]:
    parts = []
    for tier in dict.fromkeys(each.tier for each in found):
        for currency in SPENDS:
            mine = [each for each in found if (each.tier, each.currency) == (tier, currency)]
            if end := max(each.at[-1] for each in mine):
                parts += [f"### {tier.capitalize()} units, against {NAMES[currency]}", _section(mine, end)]
    return parts


def _section(mine: Sequence[Curve], end: float) -> str:
    spends = [share * end for share in SHOWN]
    head = ("explainer", "reader", "units", "mean spend", *(f"at {spend:,.0f}" for spend in spends))
    return table(head, (_line(each, spends) for each in mine))


def _line(curve: Curve, spends: Sequence[float]) -> list[str]:
    start = [_label(curve), curve.reader, str(curve.units), _amount(curve.spent)]
    if not curve.looped:
        return [*start, *[""] * (len(spends) - 1), _bounds(curve.r[0])]
    places = [max(i for i, at in enumerate(curve.at) if at <= spend * (1 + 1e-9)) for spend in spends]
    return [*start, *(_bounds(curve.r[place]) for place in places)]


def _bounds(value: Interval) -> str:
    if value.low is None or value.high is None:
        return f"{value.mean:.2f}"
    return f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]"
