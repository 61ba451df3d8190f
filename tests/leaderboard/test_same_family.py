"""Explainers whose model is of the subject's own family are flagged wherever the board is shown."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from benchmark.leaderboard import Board, UnitResult
from benchmark.leaderboard.columns import sections
from benchmark.leaderboard.logs import contestant
from benchmark.leaderboard.render import to_html, to_json, to_markdown, to_terminal
from benchmark.leaderboard.same_family import MARK, family, subjects_of
from benchmark.leaderboard.schema import validate

SUBJECTS = {"found": "SmolLM2-135M-Instruct", "randomised": "SmolLM2-135M-Instruct with random weights"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("hf/SmolLM2-135M-Instruct", "smollm2"),
        ("HuggingFaceTB/SmolLM2-1.7B", "smollm2"),
        ("hf/SmolLM2-135M-Instruct-Q4_1-91234567", "smollm2"),
        ("SmolLM2-135M-Instruct with random weights", "smollm2"),
        ("hf/SmolLM-135M", "smollm"),
        ("google/gemma-2-2b", "gemma2"),
        ("hf/google/gemma-2-9b-it@main", "gemma2"),
        ("google/gemma-2b", "gemma"),
        ("meta-llama/Llama-3.1-8B", "llama3"),
        ("openrouter/meta-llama/llama-3.3-70b-instruct", "llama3"),
        ("hf/Meta-Llama-3-8B", "llama3"),
        ("openai-community/gpt2", "gpt2"),
        ("gpt2-small", "gpt2"),
        ("openai/gpt-5-mini", "gpt5"),
        ("EleutherAI/pythia-70m-deduped", "pythia"),
        ("hf/Qwen2.5-Coder-1.5B-Instruct-Q4_K_M-1117320768", "qwen2"),
        ("mistral/mistral-7b-v0.3", "mistral"),
        ("TinyLlama-1.1B-Chat", "tinyllama"),
        ("", ""),
        ("123", "123"),
    ],
)
def test_a_family_is_read_off_the_name(label: str, name: str) -> None:
    assert family(label) == name


def test_the_subject_of_a_tier_is_what_the_suite_states() -> None:
    sources = {"found": {"subject": "gemma_2_2b"}, "randomised": {"subject": "randomised"}}
    assert subjects_of(sources)["found"] == subjects_of(sources)["probed"] == "google/gemma-2-2b"
    assert family(subjects_of(sources)["randomised"]) == "smollm2"
    assert family(subjects_of({})["found"]) == "smollm2"
    assert family(subjects_of({"found": {"subject": "hub:Qwen/Qwen2.5-0.5B@abc"}})["found"]) == "qwen2"
    assert set(subjects_of({})) == {"found", "probed", "randomised"}


@pytest.fixture
def flagged(results: list[UnitResult], rebuild: Callable[..., Board]) -> Board:
    """`single_pass` asks SmolLM2; a second one asks another model."""
    others = [replace(each, model="openai/gpt-5") for each in results if each.explainer == "single_pass"]
    return rebuild([*results, *others], subjects=SUBJECTS)


def test_rows_are_flagged_where_model_and_subject_are_of_one_family(flagged: Board) -> None:
    rows = {(row.explainer, row.model, row.tier) for row in flagged.rows if row.same_family}
    assert rows == {("single_pass", "smollm2-135m-instruct", "found")}
    written: dict[str, Any] = json.loads(to_json(flagged))
    validate(written)
    assert {row["same_family"] for row in written["rows"]} == {True, False}


def test_the_mark_and_its_reason_stand_in_every_rendering(flagged: Board, board: Board) -> None:
    for render in (to_markdown, to_terminal, to_html):
        text = render(flagged)
        assert f"{MARK} Explained by a model of the subject" in " ".join(text.split()), render.__name__
        assert MARK not in render(board), render.__name__
    assert f"| single_pass {MARK} · smollm2-135m-instruct |" in to_markdown(flagged)
    assert f"| single_pass {MARK} · openai" not in to_markdown(flagged)
    assert f"single_pass {MARK} · smol" in to_terminal(flagged)
    assert f"pass {MARK}</span>" in to_html(flagged)
    notes = {section.tier: section.note for section in sections(flagged)}
    assert MARK in notes["found"]
    assert MARK not in notes["planted"]
    assert MARK not in notes["null"]


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"guardrails": "classic"}, "rule_induction_guardrailed"),
        ({"guardrails": "classic", "guardrail_options": {}}, "rule_induction_guardrailed"),
        # A log from the time of four guardrails lists none.
        ({"guardrails": "all"}, "rule_induction_guardrailed"),
        ({"guardrails": "all", "guardrails_active": ["leakage"]}, "rule_induction_guardrailed [all]"),
        (
            {"guardrails": "all", "guardrails_active": [], "guardrail_options": {"adversarial": {"least": 12}}},
            "rule_induction_guardrailed [all; adversarial.least=12]",
        ),
        (
            {"guardrails": "min_rounds", "guardrail_options": {"min_rounds": {"rounds": 4, "telling": 0}}},
            "rule_induction_guardrailed [min_rounds; min_rounds.rounds=4; min_rounds.telling=0]",
        ),
    ],
)
def test_a_contestant_is_named_by_its_guardrails_and_what_they_are_told(facts: dict[str, Any], name: str) -> None:
    assert contestant({"explainer": "rule_induction_guardrailed", **facts}) == name
    assert contestant({"explainer": "top_tokens", **facts}) == "top_tokens"
