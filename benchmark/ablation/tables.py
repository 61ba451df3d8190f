"""`ablation.md`: what each guardrail does, in tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ablation.measure import ALL, ALL_ORDERS, FEWEST_OF_FAMILY, Ablated, ArmRow, Decision, Effects, Tenth
from benchmark.ablation.outcomes import ACCURACY, BY_READER, COSTS, NOTHING_TO_EXPLAIN, Outcome, R
from benchmark.leaderboard.markdown import escape, table
from benchmark.statistics.bootstrap import Interval
from benchmark.statistics.factorial import FactorEffect
from benchmark.statistics.switched import Pairs, Switch

CACHED = (
    "The model's answers came from a cache where an arm had asked alike before: seconds are those of whoever asked "
    "first and tell nothing of guardrails. All else is as if each arm had asked by itself, but for sessions that the "
    "seconds would have ended."
)
OUTCOMES: dict[str, Outcome] = {of.key: of for of in (*BY_READER, *COSTS)}
TITLES = {"false_claims": "False claims on nulls", "abstentions": "Abstentions on {} units"}
HOW = (
    "A guardrail's effect is the mean with it less the mean without it, over all settings of the others; an "
    "interaction of two is how much larger the one's effect is where the other is on. *Mixed model*: statsmodels' "
    "MixedLM with the guardrails centred (on +½, off −½), all interactions{}, a random intercept for the unit, and a "
    "random slope for each guardrail whose effect varies over units by more than what is left; the formula of each fit "
    "is in the JSON. *Over units*: Student's interval of the units' own contrasts, which takes no variance from the "
    "other effects. p: sign flips of these contrasts where every unit has a score in every arm, else Wald's of the "
    "model. Holm: over all effects of one outcome at 5%. No interval under ten units."
)
BINARY = (
    "Pairs are of one unit, once with and once without the guardrail, under each setting of the others. p is McNemar's "
    "exact test with each unit counted once: units with fewer against units with more. *Alone* and *last* have one "
    "pair a unit: the guardrail alone against none, and all against all but this one, each with McNemar's exact p. "
    "Odds ratios by GEE: {}."
)
COLUMNS = ("effect", "mixed model", "over units", "p", "Holm's p", "verdict")


def markdown(found: Ablated, facts: Mapping[str, Any], figure: str) -> str:
    """The page.

    Args:
        found: what was measured.
        facts: suite and versions.
        figure: file name of the figure; the JSON's is the same but for its ending.
    """
    arms = found.arms
    who = arms.explainer if arms.model == "none" else f"{arms.explainer} with {arms.model}"
    always = f"; on in every arm: {', '.join(arms.always)}" if arms.always else ""
    data = figure.replace(".svg", ".json")
    interactions = "" if len(arms.factors) <= ALL_ORDERS else " of two"
    parts = [
        f"# What the guardrails do: {escape(who)}",
        f"All {2 ** len(arms.factors)} combinations of {', '.join(f'`{name}`' for name in arms.factors)}, all other "
        f"guardrails off{always}. Suite `{facts['suite']}` (`{str(facts['suite_hash'])[:12]}`), score version "
        f"{facts['score_version']}. Every figure is in [{data}]({data}); `viva ablation LOGS` makes them again.",
        _counts(found),
        f"![Effect of each guardrail]({figure})",
        HOW.format(interactions),
        "\n".join(f"- **{of.title}**: {of.said}" for of in OUTCOMES.values()),
        *([CACHED] if arms.cached else []),
        *_mains(found),
        *(part for decision in found.decisions for part in _decision(decision)),
        *_families(found),
        *_reliability(found.reliability),
        *_all_effects(found),
        *_arms(found.rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(found: Ablated) -> str:
    told = [f"{decision.found.units} {decision.tier} units" for decision in found.decisions]
    unread = f" The {', '.join(found.unread)} reader reads none of these reports." if found.unread else ""
    return f"{', '.join(told)}, each in every arm.{unread}"


def signed(value: float, places: int) -> str:
    """With its sign; a value that rounds to nothing is 0 without one."""
    text = f"{value:+.{places}f}"
    return text[1:] if not float(text) else text


def _bounded(value: float | None, low: float | None, high: float | None, places: int) -> str:
    if value is None:
        return "–"
    bounds = "" if low is None or high is None else f" [{signed(low, places)}, {signed(high, places)}]"
    return signed(value, places) + bounds


def _effect(effect: FactorEffect, places: int) -> str:
    return _bounded(effect.estimate, effect.low, effect.high, places)


def _named(factors: Sequence[str]) -> str:
    return " × ".join(factors)


def _whole(found: Ablated) -> list[Effects]:
    return [each for each in found.effects if each.family == ALL]


def _where(each: Effects) -> str:
    return f"{each.tier} units" + (f", {each.reader} reader" if each.reader else "")


def _mains(found: Ablated) -> list[str]:
    """One table a tier and reader: guardrails down, outcomes across."""
    places = dict.fromkeys((each.tier, each.reader) for each in _whole(found))
    parts = ["## Each guardrail's effect"]
    for tier, reader in places:
        mine = [each for each in _whole(found) if (each.tier, each.reader) == (tier, reader) and each.fit is not None]
        if not mine:
            continue
        rows = [[factor, *(_main(each, at) for each in mine)] for at, factor in enumerate(found.arms.factors)]
        parts += [f"### {_where(mine[0]).capitalize()}", table(("guardrail", *map(_title, mine)), rows)]
    return [*parts, *_notes(_whole(found))]


def _title(each: Effects) -> str:
    return OUTCOMES[each.outcome].title


def _main(each: Effects, at: int) -> str:
    assert each.fit is not None
    effect = each.fit.effects[at]
    star = " *" if effect.decision is not None and effect.decision.verdict == "significant" else ""
    return _effect(effect, OUTCOMES[each.outcome].places) + star


def _notes(effects: Sequence[Effects]) -> list[str]:
    told = []
    for each in effects:
        note = each.note or (each.fit.note if each.fit else "")
        left = f"{each.left_out} scores left out" if each.left_out else ""
        if said := "; ".join(part for part in (note, left) if part):
            told.append(f"- {_where(each)}, {_title(each)}: {escape(said)}.")
    head = ["Mixed model's estimate [95%]; \\*: significant under Holm."]
    return head + (["\n".join(told)] if told else [])


def _decision(decision: Decision) -> list[str]:
    of = decision.found
    title = TITLES[decision.outcome].format(decision.tier)
    head = (
        "guardrail",
        "with",
        "without",
        "difference",
        "pairs both/with/without/none",
        "units fewer/more",
        "p",
        "verdict",
    )
    rows = [_switch(each) for each in of.switches]
    more = ("guardrail", "alone against none", "last: all against all but it", "odds ratio", "p of GEE")
    parts = [f"## {title}", f"{of.yes} in {of.scores} sessions on {of.units} units."]
    parts += [table(head, rows), table(more, [_corners(each) for each in of.switches])]
    return [*parts, BINARY.format(of.gee_note.removeprefix("no odds ratios: ") if of.gee_note else of.gee)]


def _switch(each: Switch) -> list[str]:
    pairs = each.pairs
    return [
        each.factor,
        f"{each.on.yes} of {each.on.n}",
        f"{each.off.yes} of {each.off.n}",
        _bounded(each.difference.mean, each.difference.low, each.difference.high, 3),
        f"{pairs.both}/{pairs.only_on}/{pairs.only_off}/{pairs.neither}",
        f"{each.fewer}/{each.more}",
        f"{each.test.p:.4f}",
        each.decision.verdict,
    ]


def _corner(pairs: Pairs) -> str:
    with_it, without = pairs.both + pairs.only_on, pairs.both + pairs.only_off
    n = pairs.both + pairs.only_on + pairs.only_off + pairs.neither
    return f"{with_it} against {without} of {n}, p {pairs.p:.4f}" if pairs.p is not None and n else "–"


def _corners(each: Switch) -> list[str]:
    odds = "–" if each.odds_ratio is None else f"{each.odds_ratio:.2f}"
    if each.low is not None and each.high is not None:
        odds += f" [{each.low:.2f}, {each.high:.2f}]"
    return [each.factor, _corner(each.alone), _corner(each.last), odds, "–" if each.p is None else f"{each.p:.4f}"]


def _families(found: Ablated) -> list[str]:
    """One table a tier, reader and outcome: families down, guardrails across."""
    parts: list[str] = []
    inner = [each for each in found.effects if each.family != ALL]
    for tier, reader in dict.fromkeys((each.tier, each.reader) for each in inner):
        for of in (R, ACCURACY):
            mine = [e for e in inner if (e.tier, e.reader, e.outcome) == (tier, reader, of.key)]
            rows = [[each.family, str(each.units), *_family(each, found)] for each in mine]
            parts += [
                f"### {_where(mine[0]).capitalize()}: {of.title}",
                table(("family", "units", *found.arms.factors), rows),
            ]
    if not parts:
        return []
    note = (
        f"Main effects, fitted family by family from {FEWEST_OF_FAMILY} units on. Families with fewer are counted "
        "alone. \\*: significant under Holm over the family's effects."
    )
    return ["## By family", note, *parts]


def _family(each: Effects, found: Ablated) -> list[str]:
    if each.fit is None:
        return ["–"] * len(found.arms.factors)
    return [_main(each, at) for at in range(len(found.arms.factors))]


def _reliability(tenths: Sequence[Tenth]) -> list[str]:
    parts: list[str] = []
    for tier, reader in dict.fromkeys((each.tier, each.reader) for each in tenths):
        mine = [each for each in tenths if (each.tier, each.reader) == (tier, reader)]
        rows = [
            [e.arms, f"{e.low:.1f}–{e.high:.1f}", f"{e.confidence:.2f}", f"{e.r:.2f}", str(e.reports), str(e.units)]
            for e in mine
        ]
        head = ("arms", "stated confidence", "mean confidence", "mean r reached", "reports", "units")
        parts += [f"### {tier.capitalize()} units, {reader} reader", table(head, rows)]
    return ["## Confidence against r reached", "r within 0 to 1; abstentions left out.", *parts] if parts else []


def _all_effects(found: Ablated) -> list[str]:
    parts = ["## All effects and interactions"]
    for each in _whole(found):
        if each.fit is None:
            continue
        places = OUTCOMES[each.outcome].places
        rows = [_line(effect, places) for effect in each.fit.effects]
        formula = (
            f"`{each.fit.formula}`; p by {each.fit.tested_by}; {each.fit.scores} scores of {each.fit.units} units."
        )
        parts += [f"### {_where(each).capitalize()}: {_title(each)}", formula, table(COLUMNS, rows)]
    return parts


def _line(effect: FactorEffect, places: int) -> list[str]:
    over = "–"
    if effect.unit_low is not None and effect.unit_high is not None:
        over = f"[{signed(effect.unit_low, places)}, {signed(effect.unit_high, places)}]"
    tested = ["–"] * 3
    if effect.test is not None and effect.decision is not None:
        tested = [f"{effect.test.p:.4f}", f"{effect.decision.adjusted:.4f}", effect.decision.verdict]
    return [_named(effect.factors), _effect(effect, places), over, *tested]


def _arms(rows: Sequence[ArmRow]) -> list[str]:
    parts = ["## The arms"]
    for tier, reader in dict.fromkeys((row.tier, row.reader) for row in rows):
        mine = [row for row in rows if (row.tier, row.reader) == (tier, reader)]
        null = tier == NOTHING_TO_EXPLAIN
        scores = (
            ("false claims", "of these significant")
            if null
            else ("r", "simulation accuracy", "miscalibration", "reports")
        )
        head = ("guardrails on", "units", *scores, "abstained", "failures", *(of.title for of in COSTS))
        parts += [f"### {tier.capitalize()} units, {reader} reader", table(head, map(_arm, mine))]
    return parts


def _interval(found: Interval | None) -> str:
    if found is None:
        return "–"
    bounds = "" if found.low is None else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{found.mean:.3f}{bounds}"


def _arm(row: ArmRow) -> list[str]:
    if row.tier == NOTHING_TO_EXPLAIN:
        scores = [str(row.reports), str(row.significant)]
    else:
        scores = [*map(_interval, (row.r, row.simulation_accuracy, row.miscalibration)), str(row.reports)]
    costs = [f"{getattr(row, of.key):.{of.places}f}" for of in COSTS]
    return [", ".join(row.on) or "none", str(row.units), *scores, str(row.abstained), str(row.failures), *costs]
