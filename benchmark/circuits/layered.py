"""Interventions on a whole language model: heads, MLPs and latents of an SAE, any of them at once, block by block.

Sets that are alike up to a block share it, so each different beginning is run once: a set costs only the blocks from
the first in which it differs from the others. Where no head is left that could carry anything from one position to
another, only the last position is run on. Both are exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.hooks import InterventionError, arriving, hooked
from benchmark.circuits.nodes import Head, Latent, Mlp, Node
from benchmark.circuits.runner import Ablation, Machine, Runner
from synthetic_neurons.passages import Floats

Bools = NDArray[np.bool_]
# Prompts that go through a block at a time, and that are in memory at a time.
PIECE, STREAMS = 512, 6_144


class LayeredMachine(Machine, Protocol):
    """A machine whose blocks run one by one; its points are also `mlp`, what an MLP writes, and `out`."""

    def embed(self, tokens: Tensor) -> Tensor:
        """The stream that enters the first block; float [prompts, position, width]."""
        ...

    def block(self, stream: Tensor, layer: int) -> Tensor:
        """The stream that leaves a layer, from the one that enters it."""
        ...

    def read(self, stream: Tensor) -> Tensor:
        """Logits, from the stream that leaves the last layer."""
        ...

    def writer(self, layer: int) -> torch.nn.Module:
        """What is given the heads' outputs side by side."""
        ...

    def scale(self, stream: Tensor) -> Tensor:
        """Float [prompts]: what the final norm divides the last stream by."""
        ...


class Dictionary(Protocol):
    """Latents of an SAE on the stream that leaves a layer.

    Attributes:
        layer: that layer.
        directions: float [latents, width], what one unit of each adds to the stream.
    """

    layer: int
    directions: Tensor

    def encode(self, stream: Tensor) -> Tensor:
        """Values; float [..., latents]."""
        ...


@dataclass(frozen=True, eq=False)
class _Read:
    """What one behaviour's prompts give: `z`, `mlp` and the `streams` that enter each layer, and the last one."""

    z: list[Tensor]
    mlp: list[Tensor]
    streams: list[Tensor]


class LayeredRunner(Runner):
    """Runs a behaviour's prompts with parts of the model ablated.

    MLPs are left running where heads are kept alone; `scope` decides.

    Args:
        machine: the model.
        behaviour: prompts and their corrupted twins.
        dictionary: of the latents that may be ablated; None where there are none.
        means: has the prompts over which means are taken; None: its own are.
    """

    machine: LayeredMachine

    def __init__(
        self,
        machine: LayeredMachine,
        behaviour: Behaviour,
        dictionary: Dictionary | None = None,
        means: "LayeredRunner | None" = None,
    ) -> None:
        self._reads: list[_Read] = []
        self._dictionary = dictionary
        self._means = means or self
        # Prompts times positions times blocks that were really run.
        self.steps = 0
        super().__init__(machine, behaviour)
        self.mlps = tuple(Mlp(layer) for layer in range(machine.layers))

    @torch.no_grad()
    def _read(self, tokens: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        read = _Read([], [], [self.machine.embed(tokens)])
        for layer in range(self.machine.layers):
            with hooked(self.machine.point, {("z", layer): _into(read.z), ("mlp", layer): _into(read.mlp)}):
                read.streams.append(self.machine.block(read.streams[-1], layer))
        if len(self._reads) < 2:
            self._reads.append(read)
        self.rows += len(tokens)
        self.steps += tokens.numel() * self.machine.layers
        return read.z, read.streams, self.machine.read(read.streams[-1][:, -1:])

    @torch.no_grad()
    def differences(self, ablated: Sequence[frozenset[Node]], how: Ablation) -> Floats:
        """Logit differences [sets, prompts] with each set ablated; heads, MLPs and latents may be mixed."""
        found = np.tile(self.whole, (len(ablated), 1))
        columns = self._columns(ablated)
        masks = [_mask(ablated, nodes) for nodes in columns]
        flat = np.concatenate(masks, 1)
        # Neighbours in this order are alike in the first layers.
        order = [int(i) for i in np.lexsort(flat.T[::-1]) if flat[i].any()]
        size = max(1, STREAMS // len(self.behaviour))
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            found[chosen] = self._through([mask[chosen] for mask in masks], columns, how)
        return found

    def _columns(self, sets: Sequence[frozenset[Node]]) -> list[list[Node]]:
        """What may be ablated in each layer: its heads, its MLP, and latents that are named."""
        each: list[list[Node]] = [
            [*(Head(layer, head) for head in range(self.machine.each)), Mlp(layer)]
            for layer in range(self.machine.layers)
        ]
        for latent in sorted({node for some in sets for node in some if isinstance(node, Latent)}):
            if self._dictionary is None or latent.layer != self._dictionary.layer:
                raise InterventionError(f"{latent} is of no SAE that is loaded")
            each[latent.layer].append(latent)
        return each

    def _through(self, masks: Sequence[Bools], columns: Sequence[Sequence[Node]], how: Ablation) -> Floats:
        """All blocks, for sets that are given layer by layer; bool [sets, parts] each."""
        first = min(layer for layer, mask in enumerate(masks) if mask.any())
        mixing = max((layer for layer, mask in enumerate(masks) if not mask[:, : self.machine.each].all()), default=-1)
        stream, state = self.streams[first], np.zeros(len(masks[0]), int)
        for layer in range(first, self.machine.layers):
            keys = np.concatenate([state[:, None], masks[layer]], 1)
            states, state = np.unique(keys, axis=0, return_inverse=True)
            state = state.reshape(-1)
            stream = stream.reshape(-1, len(self.behaviour), *stream.shape[1:])[torch.as_tensor(states[:, 0])].flatten(
                0, 1
            )
            stream = stream[:, -1:] if layer > mixing else stream
            stream = self._block(stream, layer, torch.as_tensor(states[:, 1:] != 0), columns[layer], how)
        logits = self.machine.read(stream[:, -1:])
        self.rows += len(state) * len(self.behaviour)
        return self.behaviour.difference(logits).double().numpy()[state]

    def _block(self, stream: Tensor, layer: int, masks: Tensor, nodes: Sequence[Node], how: Ablation) -> Tensor:
        """One block for all states, so many at a time."""
        size, rows = max(1, PIECE // len(self.behaviour)), len(self.behaviour)
        self.steps += stream.shape[0] * stream.shape[1]
        return torch.cat(
            [
                self._piece(stream[at * rows : (at + size) * rows], layer, masks[at : at + size], nodes, how)
                for at in range(0, len(masks), size)
            ]
        )

    def _piece(self, stream: Tensor, layer: int, masks: Tensor, nodes: Sequence[Node], how: Ablation) -> Tensor:
        each, places = self.machine.each, stream.shape[1]
        by_row = masks.repeat_interleave(len(self.behaviour), 0)
        put, wanted = dict[tuple[str, int], Callable[..., Tensor]](), list[Tensor]()
        if bool(masks[:, :each].any()):
            instead = self._other(layer, how, places, len(masks), "z")
            put["z", layer] = _putting(by_row[:, None, :each, None], instead, wanted)
        if bool(masks[:, each].any()):
            put["mlp", layer] = _putting(
                by_row[:, None, each, None], self._other(layer, how, places, len(masks), "mlp"), []
            )
        with hooked(self.machine.point, put), arriving(self.machine.writer(layer), wanted):
            stream = self.machine.block(stream, layer)
        latents = [node for node in nodes[each + 1 :] if isinstance(node, Latent)]
        return self._moved(stream, by_row[:, each + 1 :], latents, how) if latents else stream

    def _other(self, layer: int, how: Ablation, places: int, times: int, name: str) -> Tensor:
        """What stands in a part's place, at the last positions; broadcasts to what the part writes."""
        own, twin = (getattr(read, name)[layer] for read in (self._means._reads[0], self._reads[1]))
        return _instead(own, twin, how, places, times)

    def _moved(self, stream: Tensor, by_row: Tensor, latents: Sequence[Latent], how: Ablation) -> Tensor:
        """The stream with latents' values replaced: their change times their directions is added, nothing else.

        As in `benchmark.subjects.rewriting`: what the SAE fails to reconstruct stays as it is.
        """
        if not bool(by_row.any()):
            return stream
        assert self._dictionary is not None
        layer, chosen = self._dictionary.layer, [latent.number for latent in latents]
        own = self._dictionary.encode(stream)[..., chosen]
        reads = self._means._reads[0], self._reads[1]
        clean, twin = (self._dictionary.encode(read.streams[layer + 1])[..., chosen] for read in reads)
        times = len(stream) // len(self.behaviour)
        change = torch.where(by_row[:, None], _instead(clean, twin, how, stream.shape[1], times) - own, 0.0)
        after = stream + change @ self._dictionary.directions[chosen]
        if not torch.equal((after != stream).any(-1), (change != 0).any(-1)):
            raise InterventionError("the stream did not change where latents' values did, or changed elsewhere")
        return after

    def _reading(self) -> Tensor:
        """The final norm's scale is frozen at what it is on each prompt."""
        return super()._reading() / self.machine.scale(self.streams[-1][:, -1])[:, None]


def _mask(sets: Sequence[frozenset[Node]], nodes: Sequence[Node]) -> Bools:
    return np.array([[node in some for node in nodes] for some in sets], dtype=bool)


def _instead(own: Tensor, twin: Tensor, how: Ablation, places: int, times: int) -> Tensor:
    if how == "zero":
        return torch.zeros_like(own[:1, :1])
    if how == "mean":
        return own.mean((0, 1), keepdim=True)
    return twin[:, -places:].repeat(times, *[1] * (twin.dim() - 1))


def _putting(where: Tensor, instead: Tensor, wanted: list[Tensor]) -> Callable[..., Tensor]:
    def put(own: Tensor, hook: Any) -> Tensor:
        if own.shape[0] != where.shape[0] or own.dim() != where.dim():
            raise InterventionError(f"a part writes {tuple(own.shape)} where {tuple(where.shape)} is to be ablated")
        after = torch.where(where, instead, own)
        if torch.equal(after, own):
            raise InterventionError("an ablation changed nothing")
        wanted.append(after)
        return after

    return put


def _into(kept: list[Tensor]) -> Callable[..., None]:
    def keep(tensor: Tensor, hook: Any) -> None:
        kept.append(tensor.detach())

    return keep
