"""What one call costs of a local model that answers many calls in one batch.

Inspect's Hugging Face provider collects calls that wait and generates for all of them at once. Each answer then says
how long the whole batch took, and nothing says how many calls were in it; the generator is therefore watched.
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
    """One batch: how many calls, prompt and answer in tokens (padded to the longest), and seconds of generation."""

    calls: int
    prompt: int
    answer: int
    seconds: float


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
        started = time.monotonic()
        made = self._generate(**arguments)
        calls, prompt = arguments["input_ids"].shape
        self.batches.append(Batch(calls, prompt, made.sequences.shape[1] - prompt, time.monotonic() - started))
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


def share(output: ModelOutput, batches: deque[Batch]) -> float:
    """Seconds of one call: its batch's, divided by the calls in it.

    The batch is known by its padded lengths and by its time, of which generation is nearly all.
    """
    whole = output.time or 0.0
    lengths = (output.usage.input_tokens, output.usage.output_tokens) if output.usage else (-1, -1)
    same = [batch for batch in batches if (batch.prompt, batch.answer) == lengths and batch.seconds <= whole]
    return whole / max(same, key=lambda batch: batch.seconds).calls if same else whole
