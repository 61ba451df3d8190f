"""What a board cannot say, in words, beside what it says."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.leaderboard.gates import Gate
from benchmark.leaderboard.rank import Resolvable, label
from benchmark.leaderboard.results import TRIVIAL
from benchmark.leaderboard.row import ALL, LEAST_UNITS, TIERS, Row

WHY_NOT = {
    "probed": "this suite or run has no directions with a known concept; of the suites that ship, embedded-2-reference "
    "has 73",
    "randomised": "this suite or run has no units of a subject with random weights, so no score on found units can be "
    "told apart from what a random network would give",
}
NO_LANGUAGE_MODEL = "No language-model reader here: no score says how a language model would read these reports."


def not_delivered(rows: Sequence[Row]) -> dict[str, str]:
    """Tier to the reason for which the board has no row of it."""
    present = {row.tier for row in rows}
    return {tier: WHY_NOT.get(tier, "no results of this tier") for tier in TIERS if tier not in (*present, TRIVIAL)}


def limits(
    rows: Sequence[Row],
    gates: Sequence[Gate],
    differences: Sequence[Resolvable],
    provenance: Mapping[str, Any],
) -> list[str]:
    """The board's limits, one sentence each, in a fixed order."""
    whole = [row for row in rows if row.family == ALL]
    return [
        *_gates(gates),
        *_suite(provenance),
        *_differences(differences),
        *_readers(whole),
        *_short(whole),
        *_partial(whole),
        *_semi_nulls(whole),
        *_missing(whole),
        *_cached(provenance),
    ]


def _gates(gates: Sequence[Gate]) -> list[str]:
    failed = [gate for gate in gates if gate.passed is False]
    if not failed:
        return []
    names = "; ".join(f"{gate.name} ({gate.explainer}, {gate.tier}, {gate.reader})" for gate in failed)
    return [f"A hard gate of the instrument fails, so no score of its cell can be trusted: {names}."]


def _suite(provenance: Mapping[str, Any]) -> list[str]:
    name = str(provenance.get("suite", "this suite"))
    if provenance.get("sealed"):
        return []
    return [f"{name} is a dev suite: its units were seen while explainers were built. Claims need a sealed suite."]


def _cached(provenance: Mapping[str, Any]) -> list[str]:
    runs = provenance.get("runs", ())
    names = sorted({str(run["explainer"]) for run in runs if (run.get("generation") or {}).get("cached")})
    if not names:
        return []
    return [f"Answers may have come from a cache (model.cache), and seconds be too few: {', '.join(names)}."]


def _differences(differences: Sequence[Resolvable]) -> list[str]:
    return [
        f"{d.tier}, {d.reader} reader: {d.n} units; smallest resolvable Δr = {d.smallest:.2f} between its first two, "
        f"{d.first} and {d.second} (80% power at two-sided 5%, normal approximation, paired SD {d.sd:.2f})."
        for d in differences
    ]


def _readers(rows: Sequence[Row]) -> list[str]:
    readers = {row.reader for row in rows}
    found = []
    if "executable" in readers:
        found.append(
            "Scores by the executable reader are titled predicate: it runs the report's predicates, so on planted "
            "units it reads by construction and is not evidence that a text reader would understand the report. "
            "How far predicates and text agree stands beside it on the page and in Markdown."
        )
    if "embedding" in readers:
        found.append("The embedding reader is nearly blind to words such as “only” and “not”.")
    if not readers & {"language_model", "language-model"}:
        found.append(NO_LANGUAGE_MODEL)
    return found


def _short(rows: Sequence[Row]) -> list[str]:
    short = sorted({(row.tier, row.n_units) for row in rows if row.n_units < LEAST_UNITS and row.tier != TRIVIAL})
    return [f"{tier}: {n} units in some rows, and no interval under {LEAST_UNITS} units." for tier, n in short]


def _partial(rows: Sequence[Row]) -> list[str]:
    most: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        most[row.tier, row.reader] = max(most[row.tier, row.reader], row.n_units)
    return [
        f"{label(row)} ran on {row.n_units} of {most[row.tier, row.reader]} {row.tier} units ({row.reader} reader): "
        "not ranked."
        for row in rows
        if row.n_units < most[row.tier, row.reader]
    ]


def _semi_nulls(rows: Sequence[Row]) -> list[str]:
    """Semi-nulls have a right answer, their words, and a context that nothing explains."""
    claims = {
        label(row): f"{label(row)} {row.spurious_claims} of {row.semi_nulls}" for row in rows if row.spurious_claims
    }
    told = ", ".join(claims.values())
    return [f"Semi-null units whose report claims a context all the same: {told}."] if claims else []


def _missing(rows: Sequence[Row]) -> list[str]:
    found = []
    if all(row.comprehension_gain is None for row in rows):
        found.append("The column gain is empty: no student was taught by these reports.")
    else:
        found.append(
            "The column gain is one deterministic student's: it learns from examples and report alike, and no "
            "scripted teachers have gated it. It does not order explainers by the quality of their reports."
        )
    if all(row.cost.dollars is None for row in rows):
        found.append("No prices: nothing here was billed by a provider, or its price is not known.")
    return found
