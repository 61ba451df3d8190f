"""Attention-only transformers of our own as TransformerLens sees them, with the hooks that any subject has."""

from typing import Any

import torch

from benchmark.circuits.nodes import Head
from benchmark.circuits.weights import Weights


def boot_native(weights: Weights, layers: int, heads: int) -> Any:
    """A `TransformerBridge` over a native model without normalisation, MLPs or biases.

    Args:
        weights: heads in places below `layers` and `heads`; the other places write nothing.
        layers: how many.
        heads: how many in each.
    """
    from transformer_lens.model_bridge import TransformerBridge

    inner, (vocabulary, width) = weights.inner, weights.embed.shape
    sizes = {"n_layers": layers, "n_heads": heads, "d_model": width, "d_head": inner, "d_vocab": vocabulary}
    shape = {"n_ctx": len(weights.position), "attn_only": True, "normalization_type": None, "act_fn": "relu"}
    bridge = TransformerBridge.boot_native({**sizes, **shape, "seed": 0, "device": "cpu"})
    model: Any = bridge.original_model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.tok_embed.weight.copy_(weights.embed)
        model.pos.weight.copy_(weights.position)
        _linear(model.head).copy_(weights.unembed.T)
        for place in weights.heads:
            _fill(model.layers[place.layer].attn, place, weights, inner)
    return bridge.eval()


def _fill(attention: Any, place: Head, weights: Weights, inner: int) -> None:
    own = weights.heads[place].padded(weights.width, inner)
    rows = slice(place.head * inner, (place.head + 1) * inner)
    # Scores are divided by the root of the head's width; a head was made with its own.
    factor = (inner / weights.heads[place].q.shape[1]) ** 0.5
    _linear(attention.q)[rows].copy_(own.q.T * factor)
    _linear(attention.k)[rows].copy_(own.k.T)
    _linear(attention.v)[rows].copy_(own.v.T)
    _linear(attention.o)[:, rows].copy_(own.o.T)


def _linear(module: Any) -> Any:
    """A linear layer's weight, with or without the bridge's wrapper around it."""
    return getattr(module, "original_component", module).weight


class NativeMachine:
    """A native bridge as `benchmark.circuits.runner` runs it.

    Args:
        weights: the model's.
        layers: how many.
        heads: how many in each.
    """

    def __init__(self, weights: Weights, layers: int, heads: int) -> None:
        self.layers, self.each, self._width = layers, heads, weights.width
        self._bridge = boot_native(weights, layers, heads)

    def logits(self, tokens: torch.Tensor) -> torch.Tensor:
        """Float [prompts, position, vocabulary]."""
        found: torch.Tensor = self._bridge.original_model(tokens)
        return found

    def resume(self, stream: torch.Tensor, layer: int) -> torch.Tensor:
        """Logits from the stream that enters a layer."""
        model: Any = self._bridge.original_model
        for block in model.layers[layer:]:
            (stream,) = block(stream)
        found: torch.Tensor = model.head(model.ln_out(stream))
        return found

    def point(self, layer: int, name: str) -> Any:
        """A hook point of a layer."""
        block = self._bridge.blocks[layer]
        return block.hook_in if name == "in" else getattr(block.attn, f"hook_{name}")

    def writer(self, layer: int) -> torch.nn.Module:
        """The heads' output weights."""
        out: Any = self._bridge.original_model.layers[layer].attn.o
        found: torch.nn.Module = getattr(out, "original_component", out)
        return found

    def reading(self, layer: int) -> torch.Tensor:
        """Float [3, head, width, inner]: how each head's queries, keys and values read the stream."""
        attention: Any = self._bridge.original_model.layers[layer].attn
        three = (attention.q, attention.k, attention.v)
        parts = [_linear(part).detach().reshape(self.each, -1, self._width) for part in three]
        return torch.stack(parts).transpose(-1, -2)

    def writing(self, layer: int) -> torch.Tensor:
        """Float [head, inner, width]: how each head's output is written into the stream."""
        out = _linear(self._bridge.original_model.layers[layer].attn.o).detach()
        found: torch.Tensor = out.T.reshape(self.each, -1, self._width)
        return found

    @property
    def embedding(self) -> torch.Tensor:
        """Float [vocabulary, width]."""
        found: torch.Tensor = self._bridge.original_model.tok_embed.weight.detach()
        return found

    @property
    def unembedding(self) -> torch.Tensor:
        """Float [width, vocabulary]."""
        found: torch.Tensor = _linear(self._bridge.original_model.head).detach()
        return found.T

    def direct(self, layer: int, z: torch.Tensor, read: torch.Tensor) -> torch.Tensor:
        """What heads' outputs say of the logits by themselves, without any later head.

        Args:
            layer: the heads'.
            z: float [prompts, head, inner], at the last position.
            read: float [prompts, vocabulary], a weight of each token's logit.

        Returns:
            float [prompts, head].
        """
        towards = read @ self.unembedding.T[: read.shape[1]]
        return torch.einsum("phi,hiw,pw->ph", z, self.writing(layer), towards)
