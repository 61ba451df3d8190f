"""What each guardrail did to one unit: how often it fired, what it cost and what it changed, read off the journal."""

from collections.abc import Iterator

from benchmark.explainers.explainer import Entry, Journal

# Per unit; a board sums them. `units_changed` is 0 or 1 here.
COUNTS = ("asked", "objections", "approvals", "ended_by_veto", "queries", "units_changed")


def guardrail_counts(journal: Journal, outcome: str) -> dict[str, dict[str, int]]:
    """Guardrail to its counts.

    Queries are those that a check spent, as its verdict or objection states them (`queries`). A unit counts as changed
    where an objection was followed by an abstention, or by the handing in of another report than the one objected to. A
    session that failed handed nothing in, so nothing is known to have changed.

    Args:
        journal: with a "submission" before the checks of a report, an entry "verdict" or "objection" for each check,
            and "ended_by_veto" where one ended the session.
        outcome: "report", "abstained" or a failure.
    """
    checks = list(_checks(journal))
    counts: dict[str, dict[str, int]] = {}
    for entry, report in checks:
        count = counts.setdefault(str(entry.data["guardrail"]), dict.fromkeys(COUNTS, 0))
        count["asked"] += 1
        count["objections" if entry.kind == "objection" else "approvals"] += 1
        count["queries"] += int(entry.data.get("queries", 0))
        # What is handed in is what was checked last.
        replaced = outcome == "report" and report != checks[-1][1]
        if entry.kind == "objection" and (outcome == "abstained" or replaced):
            count["units_changed"] = 1
    for entry in journal.entries:
        if (name := entry.data.get("ended_by_veto")) in counts:
            counts[str(name)]["ended_by_veto"] += 1
    return counts


def _checks(journal: Journal) -> Iterator[tuple[Entry, str]]:
    """Every check with what tells its report from others: its claims, whatever the confidence in them."""
    report = ""
    for entry in journal.entries:
        if entry.kind == "submission":
            stated = entry.data.get("report") or {}
            report = repr(stated.get("claims") or stated.get("text"))
        elif entry.kind in ("objection", "verdict") and "guardrail" in entry.data:
            yield entry, report
