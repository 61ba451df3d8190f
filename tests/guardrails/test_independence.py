"""Circularity: a model may not read what it has written."""

import asyncio

import pytest

from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Report
from benchmark.explainers.word_data import predicted
from benchmark.guardrails.guardrail import Submission, Verdict
from benchmark.guardrails.independence import Independence, same_model
from benchmark.guardrails.registry import Briefing, select
from benchmark.laboratory import Budget, Laboratory, ReservedPractice, computed

SMOLLM = "hf/SmolLM2-135M-Instruct"


def checked(explains: str | None, *reads: str) -> tuple[Verdict, Laboratory, Journal]:
    laboratory, journal = Laboratory([], computed(lambda texts: []), None, Budget()), Journal()  # type: ignore[arg-type]
    practice = ReservedPractice(laboratory, None)  # type: ignore[arg-type]
    (guardrail,) = select("independence", practice, Briefing(explains=explains, reads=reads))
    assert isinstance(guardrail, Independence)
    submission = Submission(Report("x"), (), 1, 1, predicted)
    return asyncio.run(guardrail.check(submission, laboratory, journal)), laboratory, journal


@pytest.mark.parametrize(
    "reads",
    [
        (SMOLLM,),
        ("openai/gpt-5", SMOLLM),
        ("hf/smollm2-135m-instruct",),
        ("hf/HuggingFaceTB/SmolLM2-135M-Instruct",),
        (f" {SMOLLM}/ ",),
    ],
)
def test_the_same_model_is_refused_for_good_whoever_serves_it(reads: tuple[str, ...]) -> None:
    verdict, laboratory, journal = checked(SMOLLM, *reads)
    assert verdict.objection is not None
    assert verdict.objection.final
    assert "SmolLM2" not in verdict.objection.text, "what may reach a prompt names no model"
    (entry,) = journal.entries
    assert (entry.data["guardrail"], entry.data["cost"]) == ("independence", 0)
    assert (entry.data["explains"], entry.data["reads"]) == (SMOLLM, list(reads))
    assert laboratory.spend.unit_queries == 0


@pytest.mark.parametrize(
    "served",
    [
        "openrouter/openai/gpt-5:free",
        "openai/gpt-5-2025-08-07",
        "azure/GPT-5:latest",
        "openai/gpt-5-latest",
        "x/gpt-5@20250807:free",
    ],
)
def test_routes_and_snapshots_are_the_same_model(served: str) -> None:
    verdict, _, _ = checked("openai/gpt-5", served)
    assert verdict.objection is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SMOLLM, "hf/SmolLM2-135M-Instruct.Q4_1-98362432"),
        ("bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic/claude-3-5-sonnet-20241022"),
        ("openai/gpt-4-0613", "openai/gpt-4"),
        ("google/gemini-1.5-pro-002", "google/gemini-1.5-pro"),
        ("openrouter/openai/gpt-5:thinking", "openai/gpt-5"),
    ],
)
def test_labels_of_one_model(one: str, other: str) -> None:
    assert same_model(one, other)
    assert same_model(other, one)


@pytest.mark.parametrize(
    ("explains", "reads"),
    [
        ("ollama/llama3:8b", ("ollama/llama3:70b",)),
        ("openai/gpt-5", ("openai/gpt-5-mini", "openai/gpt-5.1-2025-08-07")),
        (SMOLLM, ("openai/gpt-5",)),
        (SMOLLM, ("hf/SmolLM2-360M-Instruct",)),
        (SMOLLM, ("hf/SmolLM2-135M",)),
        (SMOLLM, ()),
        (SMOLLM, ("",)),
        (None, (SMOLLM,)),
        ("", ("",)),
    ],
)
def test_another_model_or_none_is_let_pass(explains: str | None, reads: tuple[str, ...]) -> None:
    assert checked(explains, *reads)[0].approved
