"""Interventions on edges: what one part reads of another, replaced by what it would have read on the twin.

A sender is the tokens' embedding or a head, a receiver a head or the logits. As nothing is normalised between them, a
receiver reads the sum of all senders below it, and an edge is patched exactly by adding the sender's output on the twin
less what it is in this run, seen through the receiver's weights (path patching: Wang et al. 2022, arXiv 2211.00593;
Goldowsky-Dill et al. 2023, arXiv 2304.05969). A receiver's queries, keys and values are one.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from benchmark.circuits.hooks import InterventionError, hooked
from benchmark.circuits.kinds.kind import LOGITS, TOKENS, Edge
from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import ROWS, Machine, Runner
from synthetic_neurons.passages import Floats

READS = ("q", "k", "v")


class EdgeMachine(Machine, Protocol):
    """A machine without normalisation, whose weights can be seen."""

    @property
    def embedding(self) -> Tensor:
        """Float [vocabulary, width], of tokens, without places."""
        ...

    @property
    def unembedding(self) -> Tensor:
        """Float [width, vocabulary]."""
        ...

    def reading(self, layer: int) -> Tensor:
        """Float [3, head, width, inner], of queries, keys and values."""
        ...

    def writing(self, layer: int) -> Tensor:
        """Float [head, inner, width]."""
        ...


def edges(heads: Sequence[Head]) -> tuple[Edge, ...]:
    """Every edge of a model, from the tokens upwards, receivers in their order and the logits last."""
    found: list[Edge] = []
    for receiver in heads:
        found += [(TOKENS, str(receiver))] + [(str(h), str(receiver)) for h in heads if h.layer < receiver.layer]
    return (*found, (TOKENS, LOGITS), *((str(head), LOGITS) for head in heads))


class EdgeRunner:
    """Runs a behaviour's prompts with edges patched; what it runs is counted with the runner's own.

    Args:
        runner: the model on the prompts; its machine is an `EdgeMachine`.

    Raises:
        InterventionError: with all edges patched the model is not what it is on the twins.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.machine: Any = runner.machine
        self.edges = edges(runner.heads)
        self._clean = self._outputs(runner.streams[0], runner.z)
        self._twin = self._outputs(runner.corrupted_stream, runner.corrupted_z)
        self._rows = {TOKENS: 0} | {str(head): 1 + i for i, head in enumerate(runner.heads)}
        self._receivers = {str(head): i for i, head in enumerate(runner.heads)} | {LOGITS: len(runner.heads)}

        rows = runner.rows
        (every,) = self.patched([frozenset(self.edges)])
        # Nobody pays for what is run to be sure of ourselves.
        runner.rows = rows
        if not np.allclose(every, runner.twin, rtol=0, atol=1e-3 * max(1.0, float(np.abs(runner.twin).max()))):
            raise InterventionError("all edges are patched, and the model is not what it is on the twins")

    def _outputs(self, tokens: Tensor, z: Sequence[Tensor]) -> Tensor:
        """Float [prompts, position, sender, width]: what every sender writes."""
        written = [self._written(layer, each) for layer, each in enumerate(z)]
        return torch.cat([tokens[:, :, None], *written], 2).detach()

    def _written(self, layer: int, z: Tensor) -> Tensor:
        return torch.einsum("rphi,hiw->rphw", z, self.machine.writing(layer))

    def patched(self, sets: Sequence[frozenset[Edge]]) -> Floats:
        """Logit differences [sets, prompts] with each set's edges patched from the twin."""
        found = np.empty((len(sets), len(self.runner.behaviour)))
        by_layer: dict[int, list[int]] = defaultdict(list)
        for index, some in enumerate(sets):
            layers = (self._layer(edge[1]) for edge in some)
            by_layer[min(layers, default=self.machine.layers)].append(index)
        size = max(1, ROWS // len(self.runner.behaviour))
        for layer, members in by_layer.items():
            for start in range(0, len(members), size):
                chosen = members[start : start + size]
                found[chosen] = self._run([sets[i] for i in chosen], layer)
        return found

    def kept_alone(self, sets: Sequence[frozenset[Edge]]) -> Floats:
        """Logit differences [sets, prompts] with all edges but each set's patched."""
        return self.patched([frozenset(self.edges) - some for some in sets])

    def _layer(self, receiver: str) -> int:
        return self.machine.layers if receiver == LOGITS else Head.parse(receiver).layer

    @torch.no_grad()
    def _run(self, sets: Sequence[frozenset[Edge]], layer: int) -> Floats:
        run, times = self.runner, len(sets)
        removed = self._masks(sets)
        used = removed.amax((0, 1)).nonzero().flatten()
        removed = removed[:, :, used].repeat_interleave(len(run.behaviour), 0)
        twin = self._twin[:, :, used].repeat(times, 1, 1, 1)
        moved = twin - self._clean[:, :, used].repeat(times, 1, 1, 1)
        last = run.last
        if layer < self.machine.layers:
            with hooked(self.machine.point, self._patches(layer, removed, used, moved, twin)):
                last = self.machine.resume(run.streams[layer].repeat(times, 1, 1), layer)[:, -1:]
            run.rows += len(last)
        at_last = torch.einsum("rs,rsw->rw", removed[:, -1], moved[:, -1]) @ self.machine.unembedding
        found = run.behaviour.difference(last.repeat(len(removed) // len(last), 1, 1) + at_last[:, None])
        return np.asarray(found.double().numpy())

    def _patches(
        self, layer: int, removed: Tensor, used: Tensor, moved: Tensor, twin: Tensor
    ) -> dict[tuple[str, int], Callable[..., Any]]:
        """Hooks from a layer on; `moved` becomes each used sender's output on the twin less that of this run."""
        found: dict[tuple[str, int], Callable[..., Any]] = {}
        each = self.machine.each
        for at in range(layer, self.machine.layers):
            first = 1 + at * each
            below, own = used < first, (used >= first) & (used < first + each)
            reads = _Reads(removed[:, at * each : (at + 1) * each, below], moved, below)
            if reads.any:
                found |= {(name, at): reads.adding(self.machine.reading(at)[i]) for i, name in enumerate(READS)}
            if bool(own.any()):
                found["z", at] = self._noting(at, used[own] - first, own, moved, twin)
        return found

    def _noting(self, layer: int, heads: Tensor, own: Tensor, moved: Tensor, twin: Tensor) -> Callable[..., None]:
        writing = self.machine.writing(layer)[heads]

        def note(z: Tensor, hook: Any) -> None:
            moved[:, :, own] = twin[:, :, own] - torch.einsum("rphi,hiw->rphw", z[:, :, heads], writing)

        return note

    def _masks(self, sets: Sequence[frozenset[Edge]]) -> Tensor:
        """Float [sets, receiver, sender]: 1 where an edge is patched."""
        found = torch.zeros(len(sets), len(self._receivers), len(self._rows))
        for row, some in enumerate(sets):
            for sender, receiver in some:
                found[row, self._receivers[receiver], self._rows[sender]] = 1.0
        return found * self._live(found)[:, :, None]

    def _live(self, masks: Tensor) -> Tensor:
        """Float [sets, receiver]: 1 where what a receiver writes still reaches the logits; others need no patch."""
        found = torch.zeros(masks.shape[:2])
        found[:, -1] = 1.0
        for i, head in reversed(list(enumerate(self.runner.heads))):
            above = (head.layer + 1) * self.machine.each
            found[:, i] = ((1 - masks[:, above:, 1 + i]) * found[:, above:]).amax(1)
        return found

    def attribution(self, at: float = 0.0) -> dict[Edge, float]:
        """What the logit difference would lose with each edge patched, to first order (Syed et al. 2023, EAP).

        Args:
            at: how far towards the twin's embeddings gradients are taken (Hanna et al. 2024 average over it, EAP-IG).
        """
        moved = self._clean - self._twin
        towards = self._towards_receivers(at)
        lost = torch.einsum("psiw,psjw->ij", moved, towards) / len(moved)
        found = {
            (sender, receiver): float(lost[self._rows[sender], self._receivers[receiver]])
            for sender, receiver in self.edges
            if receiver != LOGITS
        }
        return found | self._to_logits(moved)

    def _to_logits(self, moved: Tensor) -> dict[Edge, float]:
        of, rows = self.runner.behaviour, torch.arange(len(self.runner.behaviour))
        said = torch.einsum("rsw,wv->rsv", moved[:, -1], self.machine.unembedding)
        lost = (said[rows, :, of.answer] - said[rows, :, of.wrong]).mean(0)
        return {(sender, LOGITS): float(lost[row]) for sender, row in self._rows.items()}

    def _towards_receivers(self, at: float) -> Tensor:
        """Float [prompts, position, receiver, width]: gradient of the logit difference by what each receiver reads."""
        by_name = self.runner.gradients(at, READS)
        found = [self._read(layer, three) for layer, three in enumerate(zip(*by_name, strict=True))]
        return torch.cat(found, 2)

    def _read(self, layer: int, gradients: Sequence[Tensor]) -> Tensor:
        """Gradients by queries, keys and values [prompts, position, head, inner] as seen in the stream."""
        pairs = zip(gradients, self.machine.reading(layer), strict=True)
        return torch.stack([torch.einsum("rphi,hwi->rphw", *pair) for pair in pairs]).sum(0)


class _Reads:
    """What the heads of a layer read differently in one run; found out once for queries, keys and values.

    Args:
        mask: float [rows, receiver, sender], 1 where an edge is patched.
        moved: float [rows, position, used sender, width], filled before the layer runs.
        below: bool [used sender], those of the mask.
    """

    def __init__(self, mask: Tensor, moved: Tensor, below: Tensor) -> None:
        self._receivers = mask.any(0).any(1).nonzero().flatten()
        self._mask, self._moved, self._below = mask[:, self._receivers], moved, below
        self._found: Tensor | None = None
        self.any = bool(len(self._receivers))

    def adding(self, reading: Tensor) -> Callable[..., Tensor]:
        """A hook that adds it, seen through weights [head, width, inner]."""

        def add(read: Tensor, hook: Any) -> Tensor:
            if self._found is None:
                self._found = torch.einsum("rhs,rpsw->rphw", self._mask, self._moved[:, :, self._below])
            more = torch.einsum("rphw,hwi->rphi", self._found, reading[self._receivers])
            return read.index_add(2, self._receivers, more)

        return add
