"""Another value in a latent's place, and what it does to the subject's next-token loss.

"Partially rewriting a transformer in natural language" (arXiv 2501.18838) puts a reader's predicted activations where a
latent's own were. Here the residual stream x at the SAE's hook becomes x + (new − own) · d with d the latent's decoder
direction: what the SAE fails to reconstruct, and every other latent, stay as they are, so that the true value gives the
subject's own loss. Blocks up to the hook run once; for every change only those above it run again.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmark.harvest.source import Bools
from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.subject import Subject
from benchmark.subjects.selected.latents import Latents
from synthetic_neurons.passages import Floats

# Blocks write and read the stream at these; a change in the midst of a block would need that block to be run in parts.
_BETWEEN_BLOCKS = re.compile(r"blocks\.(\d+)\.hook_(resid_post|out|resid_pre|in)")
# Their decoders are linear, so that one latent's share of the reconstruction is its value times a direction.
LINEAR = ("standard", "gated", "jumprelu", "topk", "abstopk", "matching_pursuit")
# Windows whose logits are in memory at a time.
BATCH = 16


class InterventionError(AssertionError):
    """A change of the residual stream is not what it says; a bug here or in a library, never a user's."""


@dataclass(frozen=True, eq=False)
class Cached:
    """Some texts, read up to the hook.

    Attributes:
        ids: int64 [texts, longest], special tokens included, padded on the right.
        lengths: int64 [texts], what of each row is no padding.
        residual: float [texts, longest, width], the stream at the hook.
        values: float64 [texts, longest, units], the latents' own values; 0 where a position does not count.
        counts: bool [texts, longest], positions that count: those of a text's own tokens that the SAE reads.
    """

    ids: Any
    lengths: Any
    residual: Any
    values: Floats
    counts: Any

    @property
    def predicted_tokens(self) -> Floats:
        """float64 [texts]: how many next tokens each has a loss for."""
        return np.asarray(self.lengths.cpu().numpy() - 1, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.lengths)

    def some(self, texts: Bools) -> "Cached":
        """Those of the texts for which `texts`, bool [texts], is true."""
        kept = torch.as_tensor(np.flatnonzero(texts), device=self.lengths.device)
        return Cached(self.ids[kept], self.lengths[kept], self.residual[kept], self.values[texts], self.counts[kept])

    def laid_out(self, values: Floats, before: int) -> Floats:
        """float64 [texts, longest]: values of the texts' tokens, one text after the other, where they count; else 0.

        Args:
            values: float64 [tokens].
            before: special tokens before each text.
        """
        rows, longest = int(self.values.shape[0]), int(self.values.shape[1])
        laid = np.zeros((rows, longest))
        lengths = self.lengths.cpu().numpy()
        own = np.arange(longest)[None, :] >= before
        laid[own & (np.arange(longest)[None, :] < lengths[:, None])] = values
        return np.where(self.counts.cpu().numpy(), laid, 0.0)


class Rewriter:
    """Latents of one source, whose values can be replaced.

    Args:
        source: a subject with latents of an SAE on its residual stream.

    Raises:
        UnitsError: the units are no latents, the SAE's decoder is not linear, or its hook lies within a block.
    """

    def __init__(self, source: FeatureSource) -> None:
        self.source = source
        self.block = _last_block(source)
        self.directions = _directions(source)
        self._wraps = _tuples(source.subject, self.block)

    @torch.no_grad()
    def read(self, rows: Sequence[Sequence[int]]) -> Cached:
        """Run the blocks up to the hook.

        Args:
            rows: tokens of some texts, without special tokens before them.
        """
        source = self.source
        whole = [[*source.before, *row] for row in rows]
        residual = source.subject.hidden(whole, source.measured.hook)
        place, kept = source.positions(rows)
        counts = torch.zeros(residual.shape[:2], dtype=torch.bool, device=residual.device)
        counts.view(-1)[torch.as_tensor(place[kept], device=residual.device)] = True
        values = source.measured.encode(residual).double().cpu().numpy() * counts.cpu().numpy()[..., None]
        lengths = torch.tensor([len(row) for row in whole], device=residual.device)
        return Cached(source.subject.padded(whole), lengths, residual, values, counts)

    @torch.no_grad()
    def loss(self, cached: Cached, unit: int, change: Floats) -> Floats:
        """The sum of each text's next-token losses after a change of one latent.

        Tokens before the first change have their own loss in any case: the subject is causal.

        Args:
            cached: from `read`.
            unit: which of the source's latents, by its place.
            change: float64 [texts, longest], what is added to the latent's value; 0 where nothing changes.

        Returns:
            float64 [texts], nats.

        Raises:
            InterventionError: the stream was not changed as `change` says, or the change did not reach the next block.
        """
        parts = [
            self._loss(cached, slice(at, at + BATCH), unit, change[at : at + BATCH])
            for at in range(0, len(cached), BATCH)
        ]
        return np.concatenate([np.zeros(0), *parts])

    def _loss(self, cached: Cached, which: slice, unit: int, change: Floats) -> Floats:
        before = cached.residual[which]
        delta = torch.as_tensor(change, dtype=before.dtype, device=before.device)
        if bool((delta[~cached.counts[which]] != 0).any()):
            raise InterventionError("a position is changed that does not count: padding, BOS or a special token")
        after = changed(before, delta, self.directions[unit])
        logits = self._resume(cached.ids[which], after)
        return _next_token_losses(logits, cached.ids[which], cached.lengths[which])

    def _resume(self, ids: Any, residual: Any) -> Any:
        """Logits of the blocks above the hook, given the stream there."""
        bridge = self.source.subject.bridge
        with _resumed(bridge, self.block, residual, self._wraps) as met:
            logits = bridge(ids, return_type="logits", use_cache=False)
        if met != [True]:
            raise InterventionError(f"the changed stream was handed on {len(met)} times, or not as it was: {met}")
        return logits

    @torch.no_grad()
    def own_loss(self, cached: Cached) -> Floats:
        """float64 [texts]: the sum of next-token losses of the subject as it is, all of its blocks run."""
        parts = [
            _next_token_losses(
                self.source.subject.bridge(cached.ids[at : at + BATCH], return_type="logits", use_cache=False),
                cached.ids[at : at + BATCH],
                cached.lengths[at : at + BATCH],
            )
            for at in range(0, len(cached), BATCH)
        ]
        return np.concatenate([np.zeros(0), *parts])


def changed(residual: Any, delta: Any, direction: Any) -> Any:
    """The stream with `delta` · `direction` added, asserted to be that and nothing else.

    Args:
        residual: float [..., width].
        delta: float [...].
        direction: float [width].

    Raises:
        InterventionError: it differs where nothing was to change, or by something else than what was to be added.
    """
    wanted = delta[..., None] * direction.to(residual.dtype)
    after = torch.where((delta != 0)[..., None], residual + wanted, residual)
    assert_changed(residual, after, delta, wanted)
    return after


def assert_changed(before: Any, after: Any, delta: Any, wanted: Any) -> None:
    """Raise `InterventionError` unless `after` is `before` plus `wanted`, up to rounding, and untouched elsewhere."""
    still = delta == 0
    if not torch.equal(after[still], before[still]):
        raise InterventionError("the residual stream changed where the latent's value did not")
    # Two roundings of sums of that size.
    rounding = 2 * torch.finfo(before.dtype).eps * (before.abs() + wanted.abs()).amax(-1)
    if bool((((after - before) - wanted).abs().amax(-1) > rounding).any()):
        raise InterventionError("the residual stream did not change by the latent's change times its direction")
    seen = (after != before).any(-1)
    if bool((~seen & (wanted.abs().amax(-1) > rounding)).any()):
        raise InterventionError("the residual stream did not change where the latent's value did")


def _last_block(source: FeatureSource) -> int:
    """The last block that lies before the hook."""
    found = _BETWEEN_BLOCKS.fullmatch(source.measured.hook)
    block = (int(found[1]) - (found[2] in ("resid_pre", "in"))) if found else -1
    if block < 0:
        raise UnitsError(
            f"a latent at {source.measured.hook!r} cannot be replaced here: its hook does not lie between two blocks; "
            "mend: units of an SAE on the residual stream, such as at blocks.<n>.hook_resid_post"
        )
    return block


def _directions(source: FeatureSource) -> Any:
    """[units, width]: what one unit of each latent adds to the reconstruction."""
    measured = source.measured
    if not isinstance(measured, Latents):
        raise UnitsError(
            "these units are no latents of an SAE, so nothing is to be put in their place; mend: sae=<one>"
        )
    sae = measured.sae
    normalised = str(sae.cfg.normalize_activations)
    if measured.kind not in LINEAR or normalised != "none" or measured.centred:
        raise UnitsError(
            f"{measured.facts['units']} cannot be replaced one by one (normalize_activations={normalised}, "
            f"centred={measured.centred}); mend: an SAE whose decoder is linear, of {', '.join(LINEAR)}"
        )
    ones = torch.zeros(len(measured.columns), int(sae.cfg.d_sae), dtype=sae.dtype, device=sae.b_dec.device)
    ones[torch.arange(len(measured.columns)), torch.tensor(measured.columns)] = 1
    with torch.no_grad():
        # SAELens' own decoder, so that its scaling of values is in it.
        return sae.decode(ones) - sae.decode(torch.zeros_like(ones[:1]))


def _tuples(subject: Subject, block: int) -> list[bool]:
    """Whether each block up to `block` hands on its stream in a tuple, as some of transformers' do."""
    found: list[bool] = []

    def look(module: Any, given: Any, output: Any) -> None:
        if isinstance(output, tuple) and len(output) > 1:
            raise UnitsError(f"a block of {subject.spec.name!r} hands on more than its stream, which is not supported")
        found.append(isinstance(output, tuple))

    handles = [each.register_forward_hook(look) for each in subject.bridge.blocks[: block + 1]]
    try:
        with torch.no_grad():
            subject.bridge(subject.padded([[subject.bos or 0]]), return_type=None, use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    if len(found) != block + 1:
        raise UnitsError(f"the blocks of {subject.spec.name!r} do not run one after the other, which is not supported")
    return found


@contextmanager
def _resumed(bridge: Any, last: int, residual: Any, wraps: Sequence[bool]) -> Iterator[list[bool]]:
    """Within, blocks up to `last` compute nothing, and the one after it is given `residual`.

    Yields:
        for each time that `residual` was handed on, whether the next block (if there is one) got it as it is.
    """
    met: list[bool] = []
    handles = _watch(bridge, last, residual, met)
    blocks = bridge.blocks[: last + 1]
    for place, block in enumerate(blocks):
        # Past the bridge, which hands an attribute on to the module that it wraps.
        vars(block)["forward"] = partial(_hand_on, residual if place == last else None, wraps[place])
    try:
        yield met
    finally:
        for block in blocks:
            del vars(block)["forward"]
        for handle in handles:
            handle.remove()


def _watch(bridge: Any, last: int, residual: Any, met: list[bool]) -> list[Any]:
    """Note in `met` what the module after block `last` is given."""

    def look(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        met.append(torch.equal(given[0] if given else named["hidden_states"], residual))

    after: Any = (*bridge.blocks, bridge.ln_final)[last + 1]
    return [after.register_forward_pre_hook(look, with_kwargs=True)]


def _hand_on(instead: Any, wrap: bool, *given: Any, **named: Any) -> Any:
    stream = instead if instead is not None else (given[0] if given else named["hidden_states"])
    return (stream,) if wrap else stream


def _next_token_losses(logits: Any, ids: Any, lengths: Any) -> Floats:
    """float64 [texts]: the sum over a text's tokens of −log p(token | those before it)."""
    losses = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none"
    )
    losses = losses.view(ids.shape[0], -1)
    places = torch.arange(1, ids.shape[1], device=ids.device)
    real = places < lengths[:, None]
    total: Floats = torch.where(real, losses, 0.0).double().sum(1).cpu().numpy()
    return total
