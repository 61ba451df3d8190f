"""The Inspect solver and scorer of the sampled reader: one sample is one report on one unit, every item of it asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from inspect_ai.model import (
    CachePolicy,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Logprob,
    ModelOutput,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, grouped, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import collect, store

from benchmark.exam.sampled import Marked, Sheet
from benchmark.exam.sampled_grades import THRESHOLD, YES, Sheetful
from benchmark.readers.language_model import Answer, Mode, Question, Read, Token, items_of, right_answers
from benchmark.runtime.batches import is_local
from benchmark.runtime.quoting import fenced, one_line
from benchmark.runtime.reading_design import Cut, Job, asked, sheet_of
from benchmark.runtime.reading_without_prompts import answers, shipped_reader
from benchmark.runtime.recorder import message
from benchmark.runtime.workshop import workshop

STORE = "viva_reading"
# How byte-level and SentencePiece vocabularies write a blank and a line's end, where a provider does not decode them.
_MARKS = str.maketrans({"\u0120": " ", "\u2581": " ", "\u010a": "\n"})
_STOPPED: Mapping[str, Literal["stop", "length", "refusal"]] = {
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "refusal",
}


def answer_of(output: ModelOutput) -> Answer:
    """A model's output as the reader takes it; a withheld answer is a refusal."""
    choice = output.choices[0] if output.choices else None
    tokens = choice.logprobs.content if choice and choice.logprobs else []
    return Answer(output.completion, tuple(map(_token, tokens)), _STOPPED.get(str(output.stop_reason), "stop"))


def _token(given: Logprob) -> Token:
    top = tuple((each.token.translate(_MARKS), float(each.logprob)) for each in given.top_logprobs or ())
    return Token(given.token.translate(_MARKS), top)


def job_of(state: TaskState) -> Job:
    """The sample's job."""
    told = state.metadata
    claims = tuple((str(text), float(level)) for text, level in told.get("claims") or ())
    return Job(str(told["unit"]), str(told["report"]), tuple(told["modes"]), str(told["role"]), claims)


@solver
def read_by_claims(suite: str, cut: dict[str, Any]) -> Solver:
    """Let the finetuned reader read the sample's report; no model of Inspect's is asked.

    Args:
        suite: a frozen suite.
        cut: of `benchmark.runtime.reading_design.Cut`.
    """
    chosen = Cut.from_json(cut)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        found, job = workshop(suite).suite, job_of(state)
        sheet = sheet_of(found, found.unit(job.unit), chosen)
        _keep(state, job, sheet, answers(shipped_reader(), job, sheet))
        return state

    return solve


@solver
def read_report(suite: str, cut: dict[str, Any], top_logprobs: int) -> Solver:
    """Ask the model about every item of the sample's report, at once; answers are kept in Inspect's cache.

    Args:
        suite: a frozen suite.
        cut: of `benchmark.runtime.reading_design.Cut`.
        top_logprobs: log-probabilities asked for in each place of an answer; 0 asks for none.
    """
    chosen = Cut.from_json(cut)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        found = workshop(suite).suite
        job = job_of(state)
        prompts = asked(found, job, chosen)
        outputs = await collect(*(_ask(question, top_logprobs) for question in prompts))
        sheet = sheet_of(found, found.unit(job.unit), chosen)
        _keep(state, job, sheet, {**_answers(job.modes, sheet, prompts, outputs), **_cost(prompts, outputs)})
        return state

    return solve


def _keep(state: TaskState, job: Job, sheet: Sheet, result: dict[str, Any]) -> None:
    store().set(STORE, result)
    state.messages.append(message("reading", _shown(job, sheet, result)))


async def _ask(question: Question, top_logprobs: int) -> ModelOutput:
    config = GenerateConfig(logprobs=True, top_logprobs=top_logprobs) if top_logprobs else GenerateConfig()
    model = get_model()
    # Never out of date: the key holds the model, where its weights lie, its configuration and the whole prompt.
    scopes = {"weights": str(model.model_args.get("model_path", ""))}
    kept = CachePolicy(expiry=None, per_epoch=False, scopes=scopes)
    return await model.generate(messages(question), config=config, cache=kept)


def messages(question: Question) -> list[ChatMessage]:
    """One question as a conversation: what to do, the answered examples, and what is asked."""
    made: list[ChatMessage] = [ChatMessageSystem(content=question.instruction)]
    for asked_before, answered in question.examples:
        made += [ChatMessageUser(content=asked_before), ChatMessageAssistant(content=answered)]
    return [*made, ChatMessageUser(content=question.prompt)]


def _answers(
    modes: Sequence[Mode], sheet: Sheet, prompts: Sequence[Question], outputs: Sequence[ModelOutput]
) -> dict[str, Any]:
    """By mode, in the order of the sheet: values, errors, and how many values are expectations."""
    read: dict[str, list[Read]] = {mode: [Read(None, "missing")] * len(items_of(sheet, mode)) for mode in modes}
    for question, output in zip(prompts, outputs, strict=True):
        for place, found in zip(question.items, question.read(answer_of(output)), strict=True):
            read[question.mode][place] = found
    return {
        "modes": {
            mode: {
                "values": [each.value if each.value is None else round(each.value, 6) for each in found],
                "errors": [each.error for each in found],
                "expected": sum(each.expected for each in found),
            }
            for mode, found in read.items()
        }
    }


def _cost(prompts: Sequence[Question], outputs: Sequence[ModelOutput]) -> dict[str, Any]:
    usages = [output.usage for output in outputs if output.usage]
    prices = [0.0 if is_local(str(get_model())) else usage.total_cost for usage in usages]
    known = len(prices) == len(prompts) and all(price is not None for price in prices)
    return {
        "prompts": len(prompts),
        "tokens": sum(usage.total_tokens for usage in usages),
        "dollars": sum(price or 0.0 for price in prices) if known else None,
    }


def sheetful(told: Mapping[str, Any], sheet: Sheet, mode: Mode) -> Sheetful:
    """One mode's stored answers with their truth."""
    truth = right_answers(sheet, mode)
    errors = Counter(each for each in told["errors"] if each)
    threshold = float(told.get("threshold", THRESHOLD)) if mode == "simulation" else YES
    return Sheetful(np.array(truth, dtype=np.float64), tuple(told["values"]), dict(errors), threshold)


def _shown(job: Job, sheet: Sheet, result: Mapping[str, Any]) -> str:
    lines = [f"report | {one_line(job.text)}"]
    for mode in job.modes:
        found = result["modes"][mode]
        truth, items = right_answers(sheet, mode), items_of(sheet, mode)
        lines += [_row(mode, *row) for row in zip(items, truth, found["values"], found["errors"], strict=True)]
    return "**read**: mode, stratum, truth, answer, window\n\n" + fenced(lines)


def _row(mode: str, item: Marked, truth: float, value: float | None, error: str) -> str:
    said = error if value is None else f"{value:.1f}"
    begin, end = item.span
    text = item.text if mode == "detection" else f"{item.text[:begin]}<< {item.word} >>{item.text[end:]}"
    return f"{mode:10} | {item.stratum:9} | {truth:5.1f} | {said:>12} | {one_line(text)}"


@scorer(metrics={"*": [grouped(mean(), "role", all=False)]})
def reading_score(suite: str, cut: dict[str, Any]) -> Scorer:
    """r_own, balanced accuracy of levels and the share of errors; own reports and strangers' apart."""
    chosen = Cut.from_json(cut)

    async def score(state: TaskState, target: Target) -> Score:
        found, job = workshop(suite).suite, job_of(state)
        sheet = sheet_of(found, found.unit(job.unit), chosen)
        result: dict[str, Any] = store().get(STORE)
        read = {mode: sheetful(result["modes"][mode], sheet, mode) for mode in job.modes}
        accuracy = {mode: each.accuracy() for mode, each in read.items()}
        items = sum(len(each.values) for each in read.values())
        wrong = sum(sum(each.errors.values()) for each in read.values()) / max(1, items)
        # Inspect wants the same names in every sample, and strangers are read by simulation alone.
        value = {"r_own": read["simulation"].r(), "simulation": accuracy["simulation"], "errors": wrong}
        told = ", ".join(f"{mode} {share:.2f}" for mode, share in accuracy.items())
        return Score(value=value, answer=job.text, explanation=f"balanced accuracy: {told}")

    return score
