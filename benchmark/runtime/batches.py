"""What one call costs of a local model that answers many calls in one batch.

Inspect's Hugging Face provider collects calls that wait and generates for all of them at once. An answer says how long
it was waited for, not how long its batch took nor how many calls were in it; the generator is therefore watched.
"""

import time
from collections import deque
from typing import Any, NamedTuple

from inspect_ai.model import Model, ModelOutput

BATCHING = ("hf",)
# Providers that run on the user's own machine, or are none: nobody sends a bill.
UNBILLED = frozenset(
    {"none", "mockllm", "hf", "vllm", "sglang", "ollama", "llama-cpp-python", "transformer_lens", "nnterp"}
)
_REMEMBERED = 64


class Batch(NamedTuple):
    """One batch: how many calls, prompt and answer in tokens (padded to the longest), begin and end in seconds."""

    calls: int
    prompt: int
    answer: int
    begun: float
    ended: float

    @property
    def share(self) -> float:
        """Seconds of generation for each call."""
        return (self.ended - self.begun) / self.calls


class Watched:
    """A `generate` that remembers its last batches.

    Args:
        generate: the model's own; takes `input_ids` [calls, prompt], returns `sequences` [calls, prompt + answer].
    """

    def __init__(self, generate: Any) -> None:
        self._generate = generate
        self.batches: deque[Batch] = deque(maxlen=_REMEMBERED)

    def __call__(self, **arguments: Any) -> Any:
        """Generate, and remember the batch."""
        begun = time.monotonic()
        made = self._generate(**arguments)
        calls, prompt = arguments["input_ids"].shape
        self.batches.append(Batch(calls, prompt, made.sequences.shape[1] - prompt, begun, time.monotonic()))
        return made


def is_local(model: str) -> bool:
    """Whether a model, by its Inspect name, runs without a bill."""
    return model.split("/")[0] in UNBILLED


def batches_of(model: Model) -> deque[Batch] | None:
    """The model's last batches, from now on; None for a model that does not batch."""
    network: Any = getattr(model.api, "model", None)
    if str(model).split("/")[0] not in BATCHING or not hasattr(network, "generate"):
        return None
    if not isinstance(network.generate, Watched):
        network.generate = Watched(network.generate)
    batches: deque[Batch] = network.generate.batches
    return batches


def share(output: ModelOutput, batches: deque[Batch], asked: float) -> float:
    """Seconds of one call: its batch's generation, divided by the calls in it; all of the wait where none is known.

    An answer from the cache was in no batch of now, and took no more than the time since it was asked for.

    Args:
        output: the answer; its usage has the batch's padded lengths.
        batches: the model's last batches, oldest first.
        asked: when the call was made, by `time.monotonic`. Its batch is the first of its lengths begun since.
    """
    lengths = (output.usage.input_tokens, output.usage.output_tokens) if output.usage else None
    own = (each for each in batches if each.begun >= asked and (each.prompt, each.answer) == lengths)
    batch = next(own, None)
    return batch.share if batch else min(output.time or 0.0, time.monotonic() - asked)
