"""A subject of any kind as `benchmark.circuits` runs it: block by block, with its heads and MLPs within reach."""

from typing import Any

import torch
from torch import Tensor

from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.loading.hooks import run_to
from benchmark.subjects.loading.subject import Subject

# How far logits that were run block by block may lie from the model's own, as a share of their spread.
SAME = 1e-3
PROBE = 6


class MachineError(UnitsError):
    """A subject's blocks do not run one after the other as they are run here; the message says how far it is off."""


class BridgeMachine:
    """A booted subject: blocks that hand on a residual stream, then a norm and an unembedding.

    Attributes:
        layers, each: how many layers, and heads in each.

    Args:
        subject: booted.

    Raises:
        MachineError: its logits are others when its blocks are run one by one.
    """

    def __init__(self, subject: Subject) -> None:
        self.bridge, self._device = subject.bridge, subject.device
        self.layers, self.each = int(self.bridge.cfg.n_layers), int(self.bridge.cfg.n_heads)
        self._centred = subject.centred
        self._given: dict[int, tuple[dict[str, Any], ...]] = {}
        self._check()

    def logits(self, tokens: Tensor) -> Tensor:
        """Float [prompts, position, vocabulary]; the model's own forward pass."""
        found: Tensor = self.bridge(tokens.to(self._device), return_type="logits", use_cache=False)
        return found

    def embed(self, tokens: Tensor) -> Tensor:
        """Float [prompts, position, width]: the stream that enters the first block."""
        # Asked for now: a whole pass inside a hooked block would call its hooks twice.
        for length in (1, tokens.shape[1]):
            self._arguments(length)
        with torch.no_grad():
            found: Tensor = run_to(self.bridge, tokens.to(self._device), self.point(0, "in"))
        return found.detach()

    def block(self, stream: Tensor, layer: int) -> Tensor:
        """The stream that leaves a layer, from the one that enters it."""
        found = self.bridge.blocks[layer](stream, **self._arguments(stream.shape[1])[layer])
        out: Tensor = found[0] if isinstance(found, tuple) else found
        return out

    def read(self, stream: Tensor) -> Tensor:
        """Logits, from the stream that leaves the last layer."""
        found: Tensor = self.bridge.unembed(self.bridge.ln_final(stream))
        return found

    def resume(self, stream: Tensor, layer: int) -> Tensor:
        """Logits from the stream that enters a layer."""
        for at in range(layer, self.layers):
            stream = self.block(stream, at)
        return self.read(stream)

    def point(self, layer: int, name: str) -> Any:
        """A hook point of a layer: `z`, `in`, `pattern`, `mlp` (what the MLP writes), `out` (the stream behind it)."""
        block = self.bridge.blocks[layer]
        places = {"z": "attn.hook_z", "in": "hook_in", "pattern": "attn.hook_pattern", "out": "hook_out"}
        place = places.get(name, "hook_mlp_out")
        found = block
        for part in place.split("."):
            found = getattr(found, part)
        return found

    def writer(self, layer: int) -> torch.nn.Module:
        """The module that is given the heads' outputs side by side."""
        found: torch.nn.Module = self.bridge.blocks[layer].attn.o.original_component
        return found

    def scale(self, stream: Tensor) -> Tensor:
        """Float [prompts]: what the final norm divides the last stream [prompts, width] by."""
        caught: list[Tensor] = []
        point = self.bridge.ln_final.hook_scale
        handle = point.register_forward_hook(lambda module, given, output: caught.append(output.detach()))
        try:
            self.bridge.ln_final(stream[:, None])
        finally:
            handle.remove()
        return caught[0].reshape(len(stream))

    def direct(self, layer: int, z: Tensor, read: Tensor) -> Tensor:
        """What heads' last outputs write of the logits before the final norm divides by its scale.

        Args:
            layer: the heads'.
            z: float [prompts, head, inner].
            read: float [prompts, vocabulary], a weight of each token's logit; divided by `scale`, for it to be frozen.

        Returns:
            float [prompts, head].
        """
        prompts, each, inner = z.shape
        apart = torch.zeros(prompts, each, each, inner, dtype=z.dtype, device=z.device)
        index = torch.arange(each)
        apart[:, index, index] = z
        write = self.writer(layer)
        with torch.no_grad():
            said = write(apart.flatten(2)) - write(torch.zeros_like(apart[:1, :1]).flatten(2))
        return self.said(said, read)

    def said(self, written: Tensor, read: Tensor) -> Tensor:
        """What vectors [prompts, any, width] in the last stream say of logits weighted by `read`, but for the scale."""
        if self._centred:
            written = written - written.mean(-1, keepdim=True)
        norm, out = self.bridge.ln_final.original_component, self.bridge.unembed.original_component
        towards = (read @ out.weight[: read.shape[1]].detach()) * norm.weight.detach()
        return torch.einsum("paw,pw->pa", written, towards)

    def _arguments(self, length: int) -> tuple[dict[str, Any], ...]:
        """What blocks are given besides the stream, for prompts of a length: masks and positions."""
        if length not in self._given:
            caught: list[dict[str, Any]] = []
            hooks = [each.register_forward_pre_hook(_catching(caught), with_kwargs=True) for each in self._blocks]
            try:
                with torch.no_grad():
                    self.bridge(torch.zeros(1, length, dtype=torch.long), return_type=None, use_cache=False)
            finally:
                for hook in hooks:
                    hook.remove()
            self._given[length] = tuple(caught)
        return self._given[length]

    @property
    def _blocks(self) -> list[Any]:
        return list(self.bridge.blocks[: self.layers])

    @torch.no_grad()
    def _check(self) -> None:
        tokens = torch.arange(2 * PROBE).reshape(2, PROBE) % int(self.bridge.cfg.d_vocab)
        own, stepped = self.logits(tokens), self.resume(self.embed(tokens), 0)
        off = float((own - stepped).abs().max() / own.std())
        if off > SAME:
            raise MachineError(
                f"block by block, logits are off by {off:.2g} of their spread: circuits of this kind of model cannot "
                "be run; mend: a subject such as embedded or gpt2_small"
            )


def _catching(into: list[dict[str, Any]]) -> Any:
    def catch(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        into.append({key: value for key, value in named.items() if key != "hidden_states"})

    return catch
