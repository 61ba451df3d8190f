"""What each guardrail did to a unit, read off the journal; and what it is told of the models."""

import pytest

from benchmark.explainers.explainer import EntryKind, Journal
from benchmark.explainers.report import Claim, Report
from benchmark.guardrails.counts import COUNTS, guardrail_counts
from benchmark.runtime import solver


def journal(*checks: tuple[str, EntryKind, str, int], ended: str | None = None) -> Journal:
    """Checks as (guardrail, kind, what the report claims, queries)."""
    made = Journal()
    made.note("practice", "P0", guardrail="verbosity", cost=60)
    for guardrail, kind, claim, queries in checks:
        confidence = 0.1 * len(made.entries)
        made.note("submission", claim, report=Report(claim, (Claim(claim),), confidence).to_json())
        made.note(kind, "", guardrail=guardrail, queries=queries)
    if ended:
        made.note("observation", "", ended_by_veto=ended)
    return made


def changed(made: Journal, outcome: str) -> dict[str, int]:
    return {name: count["units_changed"] for name, count in guardrail_counts(made, outcome).items()}


def test_checks_answers_and_queries_are_counted_by_guardrail() -> None:
    made = journal(
        ("verbosity", "objection", "a", 60),
        ("verbosity", "verdict", "b", 60),
        ("significance", "objection", "b", 60),
        ended="significance",
    )
    counts = guardrail_counts(made, "abstained")
    assert counts["verbosity"] == dict(zip(COUNTS, (2, 1, 1, 0, 120, 1), strict=True))
    assert counts["significance"] == dict(zip(COUNTS, (1, 1, 0, 1, 60, 1), strict=True))
    assert guardrail_counts(Journal(), "report") == {}


def test_an_objection_changed_a_unit_where_another_report_or_none_was_handed_in() -> None:
    held = (("min_rounds", "objection", "a", 0), ("min_rounds", "verdict", "a", 0), ("leakage", "verdict", "a", 80))
    assert changed(journal(*held), "report") == {"min_rounds": 0, "leakage": 0}
    other = (*held[:1], ("min_rounds", "verdict", "b", 0))
    assert changed(journal(*other), "report") == {"min_rounds": 1}
    assert changed(journal(*held[:1]), "abstained") == {"min_rounds": 1}
    # A failure handed nothing in, and an abstention after approvals alone is nobody's doing.
    assert changed(journal(*other), "limit") == {"min_rounds": 0}
    assert changed(journal(*held[1:]), "abstained") == {"min_rounds": 0, "leakage": 0}


def test_a_journal_that_states_no_queries_and_no_reports_counts_none() -> None:
    made = Journal()
    made.note("objection", "", guardrail="min_rounds")
    made.note("verdict", "", guardrail="min_rounds")
    assert guardrail_counts(made, "report")["min_rounds"] == dict(zip(COUNTS, (2, 1, 1, 0, 0, 0), strict=True))


def test_guardrails_are_told_which_model_explains_only_where_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "get_model", lambda: "hf/SmolLM2-135M-Instruct")
    told = solver._briefing("single_pass", {"verbosity": {"price": 2.0}}, "embedded, openai/gpt-5")
    assert (told.explains, told.reads) == ("hf/SmolLM2-135M-Instruct", ("hf/SmolLM2-135M-Instruct", "openai/gpt-5"))
    assert told.options == {"verbosity": {"price": 2.0}}
    assert solver._briefing("rule_induction_guardrailed", None, "").explains is None
    assert solver._briefing("mine.py:Own", None, "").reads == ()
