"""Interventions on a model's heads: any set of them ablated, many sets at a time, from the lowest layer that differs.

A head's output before its output weights (`hook_z`) is what is replaced: by nothing, by its mean over prompts and
positions, or by what it is on the corrupted twin of the same prompt.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import product
from typing import Any, Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from benchmark.circuits.behaviour import Behaviour
from benchmark.circuits.hooks import InterventionError, arriving, hooked
from benchmark.circuits.nodes import Head, Node, heads
from synthetic_neurons.passages import Floats

Ablation = Literal["zero", "mean", "resample"]
ABLATIONS: tuple[Ablation, ...] = ("zero", "mean", "resample")
# Prompts that are run at a time, over all sets: what fits a core's cache (192 are 2.3 times as fast as 3,072 here).
ROWS = 192


class Machine(Protocol):
    """A hooked model.

    Attributes:
        layers, each: how many layers, and heads in each.
    """

    layers: int
    each: int

    def logits(self, tokens: Tensor) -> Tensor:
        """Float [prompts, position, vocabulary], from int64 [prompts, position]."""
        ...

    def resume(self, stream: Tensor, layer: int) -> Tensor:
        """Logits from the stream that enters a layer; float [prompts, position, width]."""
        ...

    def point(self, layer: int, name: str) -> Any:
        """A hook point of a layer.

        `z` is each head's output [prompts, position, head, inner], `in` the stream, `pattern` attention [prompts, head,
        query, key].
        """
        ...

    def writer(self, layer: int) -> torch.nn.Module:
        """What is given the heads' outputs side by side."""
        ...

    def direct(self, layer: int, z: Tensor, read: Tensor) -> Tensor:
        """Float [prompts, head]: logits that heads' last outputs [prompts, head, inner] write, weighted by `read`."""
        ...


class Runner:
    """Runs a behaviour's prompts with heads ablated.

    Args:
        machine: the model.
        behaviour: prompts and their corrupted twins.
    """

    def __init__(self, machine: Machine, behaviour: Behaviour) -> None:
        self.machine, self.behaviour = machine, behaviour
        self.heads = heads(machine.layers, machine.each)
        # What is ablated where a circuit is kept alone; all else is left running.
        self.scope: frozenset[Node] = frozenset(self.heads)
        self.rows = 0
        self.z, self.streams, logits = self._read(behaviour.prompts)
        self.corrupted_z, streams, corrupted = self._read(behaviour.corrupted)
        self.corrupted_stream, self.last = streams[0], logits[:, -1:].clone()
        self.whole = _floats(behaviour.difference(logits))[0]
        self.twin = _floats(behaviour.difference(corrupted))[0]
        self.accuracy = behaviour.accuracy(logits)

    @torch.no_grad()
    def _read(self, tokens: Tensor) -> tuple[list[Tensor], list[Tensor], Tensor]:
        z: list[Tensor] = []
        streams: list[Tensor] = []
        keep = {("z", layer): _keeping(z) for layer in range(self.machine.layers)}
        keep |= {("in", layer): _keeping(streams) for layer in range(self.machine.layers)}
        with hooked(self.machine.point, keep):
            logits = self.machine.logits(tokens)
        self.rows += len(tokens)
        return z, streams, logits

    def differences(self, ablated: Sequence[frozenset[Node]], how: Ablation) -> Floats:
        """Logit differences [sets, prompts] with each set's heads ablated."""
        found = np.empty((len(ablated), len(self.behaviour)))
        by_layer: dict[int, list[int]] = defaultdict(list)
        for index, some in enumerate(ablated):
            by_layer[min((head.layer for head in some), default=-1)].append(index)
        size = max(1, ROWS // len(self.behaviour))
        for layer, members in by_layer.items():
            for start in range(0, len(members), size):
                chosen = members[start : start + size]
                found[chosen] = self._run([ablated[i] for i in chosen], how, layer) if layer >= 0 else self.whole
        return found

    def kept_alone(self, kept: Sequence[frozenset[Node]], how: Ablation) -> Floats:
        """Logit differences [sets, prompts] with all of `scope` but each set ablated: all heads, if not told else."""
        return self.differences([self.scope - some for some in kept], how)

    @torch.no_grad()
    def _run(self, sets: Sequence[frozenset[Node]], how: Ablation, layer: int) -> Floats:
        masks = torch.zeros(len(sets), self.machine.layers, self.machine.each, dtype=torch.bool)
        for row, some in enumerate(sets):
            for head in some:
                masks[row, head.layer, _only_head(head).head] = True
        masks = masks.repeat_interleave(len(self.behaviour), 0)
        changed = [at for at in range(layer, self.machine.layers) if bool(masks[:, at].any())]
        wanted: dict[int, list[Tensor]] = {at: [] for at in changed}
        put = {
            ("z", at): self._replacing(masks[:, at], self._instead(at, how, len(sets)), wanted[at]) for at in changed
        }
        with ExitStack() as stack:
            stack.enter_context(hooked(self.machine.point, put))
            for at in changed:
                stack.enter_context(arriving(self.machine.writer(at), wanted[at]))
            logits = self.machine.resume(self.streams[layer].repeat(len(sets), 1, 1), layer)
        self.rows += len(logits)
        return _floats(self.behaviour.difference(logits))

    def _instead(self, layer: int, how: Ablation, times: int) -> Tensor:
        """What stands in a head's place; broadcasts to [times prompts, position, head, inner]."""
        if how == "zero":
            return torch.zeros_like(self.z[layer][:1, :1])
        if how == "mean":
            return self.z[layer].mean((0, 1), keepdim=True)
        return self.corrupted_z[layer].repeat(times, 1, 1, 1)

    def _replacing(self, mask: Tensor, instead: Tensor, wanted: list[Tensor]) -> Callable[..., Tensor]:
        where = mask[:, None, :, None]

        def replace(z: Tensor, hook: Any) -> Tensor:
            if z.shape[0] != len(mask) or z.shape[2] != mask.shape[1]:
                raise InterventionError(f"a head's output is {tuple(z.shape)} for {tuple(mask.shape)} heads to ablate")
            wanted.append(torch.where(where, instead, z))
            return wanted[-1]

        return replace

    @torch.no_grad()
    def patterns(self) -> list[Tensor]:
        """Attention on the prompts, layer by layer; float [prompts, head, query, key]."""
        found: list[Tensor] = []
        with hooked(self.machine.point, {("pattern", layer): _keeping(found) for layer in range(self.machine.layers)}):
            self.machine.logits(self.behaviour.prompts)
        self.rows += len(self.behaviour)
        return found

    def direct(self) -> Floats:
        """float64 [heads]: what each head writes of the logit difference itself, on average; it costs nothing."""
        read = self._reading()
        said = [self.machine.direct(layer, z[:, -1], read).mean(0) for layer, z in enumerate(self.z)]
        return _floats(torch.cat(said))

    def _reading(self) -> Tensor:
        """Weights [prompts, vocabulary] of the logits in the difference."""
        rows = torch.arange(len(self.behaviour))
        read = torch.zeros(
            len(self.behaviour), int(self.behaviour.answer.max().maximum(self.behaviour.wrong.max())) + 1
        )
        read[rows, self.behaviour.answer] += 1.0
        read[rows, self.behaviour.wrong] -= 1.0
        return read

    def gradients(self, at: float = 0.0, names: Sequence[str] = ("z",)) -> list[list[Tensor]]:
        """Gradient of each prompt's logit difference with respect to what passes hook points.

        Args:
            at: how far towards the corrupted prompts' embeddings, from 0 to 1 (integrated gradients average over it).
            names: of the points; `z` is each head's output.

        Returns:
            By name and layer, float [prompts, position, head, inner].
        """
        caught: dict[tuple[str, int], Tensor] = {}
        hooks = {place: _catching(caught, place) for place in product(names, range(self.machine.layers))}
        stream = torch.lerp(self.streams[0], self.corrupted_stream, at).requires_grad_()
        with torch.enable_grad(), hooked(self.machine.point, hooks):
            logits = self.machine.resume(stream, 0)
            found = torch.autograd.grad(self.behaviour.difference(logits).sum(), [caught[place] for place in hooks])
        self.rows += 2 * len(logits)
        layers = self.machine.layers
        return [list(found[start : start + layers]) for start in range(0, len(found), layers)]


def _catching(into: dict[tuple[str, int], Tensor], place: tuple[str, int]) -> Callable[..., Tensor]:
    def catch(tensor: Tensor, hook: Any) -> Tensor:
        into[place] = tensor
        return tensor

    return catch


def _only_head(node: Node) -> Head:
    if not isinstance(node, Head):
        raise InterventionError(f"{node} is no head, and nothing else can be ablated in this kind of model")
    return node


def _keeping(into: list[Tensor]) -> Callable[..., None]:
    def keep(tensor: Tensor, hook: Any) -> None:
        into.append(tensor.detach())

    return keep


def _floats(values: Tensor) -> Floats:
    return values.detach().double().numpy()
