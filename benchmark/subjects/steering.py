"""Directions planted in the residual stream, and latents changed on prompts: the model side of behaviour units.

The stream at the SAE's hook is read once for each prompt. What is planted is added there, so that the SAE reads the
planted model; an intervention adds latents' directions to that. Only blocks above the hook run again, and the
unembedding runs on the last position alone where only that is asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.behaviours.machine import Change
from benchmark.behaviours.unit import BehaviourError, Pair
from benchmark.harvest.source import Window
from benchmark.subjects.loading.hooks import find_hook, run_to
from benchmark.subjects.rewriting import (
    Cached,
    InterventionError,
    Rewriter,
    _next_token_losses,
    _resumed,
    assert_changed,
)
from synthetic_neurons.passages import Floats

# Rows that are run at a time.
BATCH = 64
# The logits that the last position alone gives, against the whole model's.
SAME = 1e-3


@dataclass(frozen=True, eq=False)
class Planted:
    """A vector that is added to the stream.

    Attributes:
        vector: float32 [width].
        after: phrases; from the end of the first that a text holds the vector is added. Empty: everywhere.
    """

    vector: Any
    after: tuple[str, ...] = ()


class SteeredSubject:
    """A subject with directions planted in it; satisfies `benchmark.behaviours.machine.Machine`.

    Args:
        rewriter: of a subject with all latents of an SAE on its residual stream.
        usual: how long the stream usually is; see `usual_norm`.
        planted: what is added to it.
        known: texts that were read up to the hook without anything planted; filled as texts are read.
    """

    def __init__(
        self,
        rewriter: Rewriter,
        usual: float,
        planted: Sequence[Planted] = (),
        known: "dict[tuple[str, ...], tuple[list[Window], Cached]] | None" = None,
    ) -> None:
        self.rewriter, self.usual, self.planted = rewriter, usual, tuple(planted)
        self.known = {} if known is None else known
        self.directions = rewriter.directions.float()
        lengths = self.directions.norm(dim=-1).double().cpu().numpy()
        self.per_dose: Floats = np.divide(usual, lengths, out=np.zeros_like(lengths), where=lengths > 0)

    def with_planted(self, planted: Sequence[Planted]) -> "SteeredSubject":
        """The same subject with something else planted in it."""
        return SteeredSubject(self.rewriter, self.usual, planted, self.known)

    def fresh(self) -> "SteeredSubject":
        """The same, without the texts that it knows."""
        return SteeredSubject(self.rewriter, self.usual, self.planted)

    def read(self, texts: Sequence[str]) -> "tuple[list[Window], Cached]":
        """Texts up to the hook, without anything planted; the same texts are read once."""
        key = tuple(texts)
        if key not in self.known:
            windows = self.rewriter.source.whole(texts)
            self.known[key] = windows, self.rewriter.read([each.ids for each in windows])
        return self.known[key]

    def prompts(self, pairs: Sequence[Pair]) -> "SteeredPrompts":
        """Read the prompts, then the twins, of some pairs.

        Raises:
            BehaviourError: a word is more than one token.
        """
        texts = [pair.prompt for pair in pairs] + [pair.twin for pair in pairs if pair.twin is not None]
        times = len(texts) // len(pairs)
        x, y = ([self.token(getattr(pair, which)) for pair in pairs] * times for which in ("x", "y"))
        return SteeredPrompts(self, texts, x, y)

    def texts(self, texts: Sequence[str]) -> "SteeredTexts":
        """Read some texts."""
        return SteeredTexts(self, texts)

    def token(self, word: str) -> int:
        """The token of a word after a blank.

        Raises:
            BehaviourError: it is none, or more than one.
        """
        ids = self.rewriter.source.tokenizer(" " + word, add_special_tokens=False)["input_ids"]
        if len(ids) != 1:
            raise BehaviourError(f"{word!r} is {len(ids)} tokens of this subject; mend: choose a commoner word")
        return int(ids[0])


def usual_norm(rewriter: Rewriter, texts: Sequence[str]) -> float:
    """The median length of the stream at the hook, over tokens that count."""
    cached = rewriter.read([each.ids for each in rewriter.source.whole(texts)])
    return float(cached.residual.float().norm(dim=-1)[cached.counts].median())


class _Read:
    """Texts read up to the hook, with what is planted."""

    def __init__(self, subject: SteeredSubject, texts: Sequence[str]) -> None:
        self.subject, self.rewriter, source = subject, subject.rewriter, subject.rewriter.source
        windows, self._own = subject.read(texts)
        self.ids, self.lengths = self._own.ids, self._own.lengths
        self.counts: NDArray[np.bool_] = self._own.counts.cpu().numpy()
        ends = [each.ends for each in windows]
        self.residual = _with(self._own.residual, subject.planted, texts, ends, len(source.before), self.counts)
        self.ran = 0

    @cached_property
    def values(self) -> NDArray[np.float32]:
        """float32 [rows, position, latents], 0 where a position does not count."""
        found: NDArray[np.float32] = self._own.values.astype(np.float32)
        if self.subject.planted:
            with torch.no_grad():
                read = self.rewriter.source.measured.encode(self.residual).float().cpu().numpy()
            found = read * self.counts[..., None]
        return found

    def _after(self, change: Change) -> Any:
        """The stream with a change made, asserted."""
        amounts = torch.as_tensor(change.amounts, dtype=self.residual.dtype, device=self.residual.device)
        if bool(amounts[~torch.as_tensor(self.counts, device=amounts.device)].any()):
            raise InterventionError("a position is changed that does not count: padding, BOS or a special token")
        wanted = amounts @ self.subject.directions[list(change.latents)].to(self.residual)
        where = (amounts != 0).any(-1)
        after = torch.where(where[..., None], self.residual + wanted, self.residual)
        assert_changed(self.residual, after, where, wanted * where[..., None])
        return after


class SteeredPrompts(_Read):
    """Prompts of a behaviour; satisfies `benchmark.behaviours.machine.Prompts`.

    Args:
        subject: with what is planted.
        texts: the prompts.
        x, y: tokens whose logits are compared after the last one.

    Raises:
        InterventionError: the blocks above the hook do not give what the whole model gives.
    """

    def __init__(self, subject: SteeredSubject, texts: Sequence[str], x: Sequence[int], y: Sequence[int]) -> None:
        super().__init__(subject, texts)
        self.x, self.y = (torch.tensor(each, device=self.ids.device) for each in (x, y))
        rows = torch.arange(len(self.ids), device=self.ids.device)
        with torch.no_grad():
            self.whole: Floats = np.concatenate(
                [_floats(self._run(part, self.residual[part])) for part in _parts(rows)]
            )
        self._check()

    def _check(self) -> None:
        """The first row by the whole unembedding, which may cap or shift logits."""
        first, end = slice(0, 1), int(self.lengths[0]) - 1
        with torch.no_grad():
            logits = self.rewriter._resume(self.ids[first], self.residual[first])[0, end]
        if abs(float(logits[self.x[0]] - logits[self.y[0]]) - self.whole[0]) > SAME:
            raise InterventionError("the last position alone has other logits than the whole model gives")

    def _run(self, rows: Any, residual: Any) -> Any:
        """The difference of some rows, given their streams."""
        bridge, ids = self.rewriter.source.subject.bridge, self.ids[rows]
        with _resumed(bridge, self.rewriter.block, residual, self.rewriter._wraps) as met:
            final = run_to(bridge, ids, find_hook(bridge, "unembed.hook_in"))
        if met != [True]:
            raise InterventionError(f"the changed stream was handed on {len(met)} times, or not as it was: {met}")
        here = torch.arange(len(ids), device=ids.device)
        logits = bridge.unembed(final[here, self.lengths[rows] - 1][:, None])[:, 0].float()
        self.ran += len(ids)
        return logits[here, self.x[rows]] - logits[here, self.y[rows]]

    @torch.no_grad()
    def differences(self, changes: Sequence[Change]) -> Floats:
        """float64 [changes, rows]; rows in which nothing changes are not run.

        Raises:
            InterventionError: a stream was not changed as its change says.
        """
        found = np.tile(self.whole, (len(changes), 1))
        waiting: list[tuple[int, int, Any]] = []
        for which, change in enumerate(changes):
            after = self._after(change)
            rows = np.flatnonzero(change.amounts.any((1, 2))).tolist()
            waiting += [(which, row, after[row]) for row in rows]
            while len(waiting) >= BATCH:
                self._settle(found, waiting[:BATCH])
                waiting = waiting[BATCH:]
        if waiting:
            self._settle(found, waiting)
        return found

    def _settle(self, found: Floats, jobs: Sequence[tuple[int, int, Any]]) -> None:
        rows = torch.tensor([row for _, row, _ in jobs], device=self.ids.device)
        values = _floats(self._run(rows, torch.stack([stream for _, _, stream in jobs])))
        for (which, row, _), value in zip(jobs, values, strict=True):
            found[which, row] = value

    def gradients(self) -> NDArray[np.float32]:
        """float32 [rows, position, latents]: each row's difference's slope in each latent's value, by one gradient."""
        parts = []
        for rows in _parts(torch.arange(len(self.ids), device=self.ids.device)):
            with torch.enable_grad():
                stream = self.residual[rows].detach().clone().requires_grad_()
                (slope,) = torch.autograd.grad(self._run(rows, stream).sum(), stream)
            self.ran += len(rows)
            parts.append((slope.float() @ self.subject.directions.T).cpu().numpy())
        slopes: NDArray[np.float32] = np.concatenate(parts)
        return slopes * self.counts[..., None]


class SteeredTexts(_Read):
    """Texts whose loss is measured; satisfies `benchmark.behaviours.machine.Texts`."""

    @property
    def tokens(self) -> Floats:
        """float64 [rows]: next tokens of each."""
        return np.asarray(self.lengths.cpu().numpy() - 1, dtype=np.float64)

    @torch.no_grad()
    def losses(self, change: Change | None) -> Floats:
        """float64 [rows]: the sum of each text's next-token losses, in nats, with a change made.

        Raises:
            InterventionError: the stream was not changed as the change says.
        """
        stream = self.residual if change is None else self._after(change)
        parts = []
        for rows in _parts(torch.arange(len(self.ids), device=self.ids.device)):
            logits = self.rewriter._resume(self.ids[rows], stream[rows])
            parts.append(_next_token_losses(logits, self.ids[rows], self.lengths[rows]))
        return np.concatenate(parts)


def _with(
    residual: Any,
    planted: Sequence[Planted],
    texts: Sequence[str],
    ends: Sequence[Sequence[int]],
    before: int,
    counts: NDArray[np.bool_],
) -> Any:
    """The stream with what is planted, asserted to be that and nothing else."""
    for each in planted:
        where = np.zeros(counts.shape, np.bool_)
        for row, (text, own) in enumerate(zip(texts, ends, strict=True)):
            start = _condition(text, each.after)
            if start is not None:
                where[row, before : before + len(own)] = np.array(own) >= start
        delta = torch.as_tensor(where & counts, device=residual.device)
        wanted = delta[..., None] * torch.as_tensor(each.vector).to(residual)
        after = torch.where(delta[..., None], residual + wanted, residual)
        assert_changed(residual, after, delta, wanted)
        residual = after
    return residual


def _condition(text: str, phrases: Sequence[str]) -> int | None:
    """From which character on a planted vector is added; None: nowhere."""
    if not phrases:
        return 0
    found = [text.find(phrase) + len(phrase) for phrase in phrases if phrase in text]
    return min(found) if found else None


def _parts(rows: Any) -> list[Any]:
    return list(rows.split(BATCH))


def _floats(values: Any) -> Floats:
    found: Floats = values.detach().double().cpu().numpy()
    return found
