"""What one call of a batch costs, and which models send a bill."""

import time
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from benchmark.runtime.batches import Batch, Watched, batches_of, is_local, share


def answer(prompt: int, length: int, time: float = 40.0) -> ModelOutput:
    usage = ModelUsage(input_tokens=prompt, output_tokens=length, total_tokens=prompt + length)
    return ModelOutput(model="m", usage=usage, time=time)


def test_a_batch_is_shared_among_its_calls() -> None:
    batches = deque([Batch(2, 9, 5, 1.0, 3.0), Batch(8, 9, 5, 10.0, 26.0), Batch(4, 9, 5, 30.0, 34.0)])
    assert share(answer(9, 5), batches, asked=4.0) == 2.0
    assert share(answer(9, 5), batches, asked=29.0) == 1.0


def test_an_unknown_batch_costs_all_of_the_wait() -> None:
    assert share(answer(9, 5), deque([Batch(8, 9, 6, 10.0, 26.0)]), asked=0.0) == 40.0


def test_an_answer_from_the_cache_took_no_longer_than_it_was_waited_for() -> None:
    assert share(answer(9, 5), deque(), asked=time.monotonic()) < 1


def test_the_generator_is_watched() -> None:
    watched = Watched(lambda input_ids, **_: SimpleNamespace(sequences=np.zeros((3, 12))))
    watched(input_ids=np.zeros((3, 7)), attention_mask=None)
    batch = watched.batches[0]
    assert (batch.calls, batch.prompt, batch.answer) == (3, 7, 5)
    assert batch.ended >= batch.begun


def test_a_model_that_does_not_batch_has_no_batches() -> None:
    assert batches_of(get_model("mockllm/model")) is None


@pytest.mark.parametrize(("model", "local"), [("hf/SmolLM2", True), ("none/none", True), ("openai/gpt-5", False)])
def test_who_sends_a_bill(model: str, local: bool) -> None:
    assert is_local(model) is local
