"""A model that answers from a script, and a reader of prose that looks its words up: no language model in tests."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.explainers.report import Report
from benchmark.laboratory import Laboratory
from synthetic_neurons.passages import Floats, Passages


def looked_up(report: Report, passages: Passages) -> Floats:
    """Level 10 on every word that a claim names."""
    words = " ".join(claim.text for claim in report.claims).split()
    named = {word.strip("'\"").lower() for word in words}
    named -= {"the", "a", "word", "words"}
    return np.array([10.0 * (word.lower() in named) for word in passages.words])


class Scripted:
    """Answers in turn; the last for ever. Keeps every prompt; charges the laboratory as a real model's calls are."""

    def __init__(self, laboratory: Laboratory, answers: Sequence[str | Callable[[str], str]]) -> None:
        self.laboratory, self.answers = laboratory, list(answers)
        self.prompts: list[str] = []

    async def __call__(self, prompt: str, schema: Mapping[str, Any] | None = None) -> str:
        self.laboratory.begin_call(100, 20)
        answer = self.answers[min(len(self.prompts), len(self.answers) - 1)]
        self.prompts.append(prompt)
        self.laboratory.charge_tokens(120, 20)
        return answer(prompt) if callable(answer) else answer


def hypotheses(*texts: str) -> str:
    return json.dumps({"hypotheses": list(texts)})


def foretold(*each: tuple[str, float, float]) -> str:
    return json.dumps({"tests": [{"text": t, "best": b, "rival": r} for t, b, r in each]})
