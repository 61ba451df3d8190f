"""Latents of an SAE: only the selected columns are computed where that is exact, all of them where it is not."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch

from benchmark.subjects.catalog import UnitsError
from benchmark.subjects.loading.sae_word import centred_at, check_fits, read_word
from benchmark.subjects.loading.saes import LoadedSae
from benchmark.subjects.loading.subject import Subject
from benchmark.subjects.selected.measured import Triples, all_finite, nonzero

# A latent of these depends on its own column alone; TopK and its like rank all columns, matching pursuit goes through
# them in turn, and temporal SAEs predict codes from codes.
SLICED = (
    "standard",
    "gated",
    "jumprelu",
    "transcoder",
    "skip_transcoder",
    "jumprelu_transcoder",
    "jumprelu_skip_transcoder",
)
# A latent of these jumps from nothing to its threshold: rounding an activation near it makes or loses the whole value.
STEPPED = ("gated", "jumprelu", "jumprelu_transcoder", "jumprelu_skip_transcoder")
_BY_COLUMN = ("W_enc", "b_enc", "b_gate", "r_mag", "b_mag", "threshold")
_PER_WINDOW = ("temporal",)
# Columns that are ranked together at first; 8 was fastest of 8, 16 and 32 with 48 of 4,096 latents.
GROUP = 8


class Latents:
    """Selected latents of an SAE, as SAELens' own `encode` gives them.

    Args:
        loaded: the SAE; its encoder is cut to the columns, so it belongs to this object from now on.
        subject: the model; refused if it is not the SAE's.
        columns: which latents; None: all.

    Raises:
        UnitsError: the SAE is another model's, cannot be followed exactly, or has no such latent.
    """

    def __init__(self, loaded: LoadedSae, subject: Subject, columns: Sequence[int] | None = None) -> None:
        word = read_word(loaded.sae, loaded.name)
        check_fits(word, int(loaded.sae.cfg.d_in), subject, loaded.name)
        self.sae, self.kind = loaded.sae, str(loaded.sae.cfg.architecture())
        self.columns = _checked(columns, int(self.sae.cfg.d_sae), loaded.name)
        self.units = tuple(map(str, self.columns))
        self.hook, self.prepend_bos, self.excluded = word.hook, word.prepend_bos, word.excluded
        self.positions, self.by_window = word.positions, self.kind in _PER_WINDOW
        self.centred = centred_at(word, subject)
        self.facts: Mapping[str, str] = {
            "units": f"latents ({self.kind}) of {loaded.name}",
            "sae_commit": loaded.commit,
            "sae_sha256": loaded.sha256,
            "sae_dtype": str(self.sae.dtype).removeprefix("torch."),
            "centred": str(self.centred),
            "neuronpedia": str(loaded.sae.cfg.metadata.neuronpedia_id or ""),
        }
        if hook_out := loaded.sae.cfg.metadata.hook_name_out:
            self.facts = {**self.facts, "hook_out": str(hook_out)}
        # Heads come side by side from the subject.
        self.sae.turn_off_forward_pass_hook_z_reshaping()
        self._cut()

    def _cut(self) -> None:
        device = self.sae.b_dec.device
        self._index = torch.tensor(self.columns, device=device)
        self._all = self.columns == tuple(range(int(self.sae.cfg.d_sae)))
        self._place = torch.full((int(self.sae.cfg.d_sae),), -1, device=device)
        self._place[self._index] = torch.arange(len(self.columns), device=device)
        # As SAELens multiplies by it, but computed once.
        rescaled = self.kind == "topk" and self.sae.cfg.rescale_acts_by_decoder_norm
        self._norms = self.sae.W_dec.detach().norm(dim=-1) if rescaled else None
        if self.kind in SLICED and not self._all:
            for name in _BY_COLUMN:
                if isinstance(weight := getattr(self.sae, name, None), torch.nn.Parameter):
                    part = weight.detach()[..., self._index].contiguous()
                    setattr(self.sae, name, torch.nn.Parameter(part, requires_grad=False))

    def _input(self, hidden: Any) -> Any:
        """The activation as the SAE was trained on it."""
        all_finite(hidden, f"the subject's activation at {self.hook}")
        wide = hidden.to(self.sae.dtype)
        return wide - wide.mean(-1, keepdim=True) if self.centred else wide

    @torch.no_grad()
    def encode(self, hidden: Any) -> Any:
        """Latents [..., units].

        Raises:
            OverflowingActivation: the subject's activation is not finite.
        """
        values = self.sae.encode(self._input(hidden))
        return values if self._all or self.kind in SLICED else values[..., self._index]

    @torch.no_grad()
    def triples(self, hidden: Any) -> Triples:
        """The latents that are on. Of a TopK SAE they are found without laying out the others.

        Raises:
            OverflowingActivation: the subject's activation, or what a TopK SAE makes of it, is not finite.
        """
        return self._topk(self._input(hidden)) if self.kind == "topk" else nonzero(self.encode(hidden))

    def _topk(self, rows: Any) -> Triples:
        """As `TopKSAE.encode`, short of scattering k values among d_sae zeros and looking for them again."""
        sae = self.sae
        before = sae.process_sae_in(rows) @ sae.W_enc
        before += sae.b_enc
        if self._norms is not None:
            before *= self._norms
        value, index = largest(before, int(sae.cfg.k))
        # No number comes first in topk and is not above 0, so that it would look like a latent that is off.
        all_finite(value, "what the SAE makes of an activation")
        index, order = index.sort(dim=-1)
        value, unit = value.gather(-1, order).relu(), self._place[index]
        row, slot = torch.nonzero((value > 0) & (unit >= 0), as_tuple=True)
        found = Triples(row, unit[row, slot], value[row, slot])
        return found if _ascending(self.columns) else _in_order(found, len(self.columns))


def largest(rows: Any, k: int) -> tuple[Any, Any]:
    """The k largest of each row and their columns, in no order, as `topk` finds them in half the time on a CPU.

    The k largest lie in the k groups of columns whose own greatest are largest, so only those groups are ranked. Which
    of several equal to the k-th are taken is left open, as `topk` leaves it.

    Args:
        rows: [rows, columns].
        k: at most the number of columns.
    """
    groups = rows.shape[-1] // GROUP
    if rows.shape[-1] % GROUP or groups <= k:
        found: tuple[Any, Any] = rows.topk(k, dim=-1, sorted=False)
        return found
    # Column c is in group c % groups, so that a group's greatest is taken over whole rows of memory.
    members = rows.view(-1, GROUP, groups)
    best = members.amax(1).topk(k, dim=-1, sorted=False).indices
    value, place = members.gather(2, best[:, None, :].expand(-1, GROUP, -1)).flatten(1).topk(k, dim=-1, sorted=False)
    return value, best.gather(1, place % k) + place // k * groups


def _ascending(columns: Sequence[int]) -> bool:
    return all(a < b for a, b in pairwise(columns))


def _in_order(found: Triples, units: int) -> Triples:
    order = torch.argsort(found.row * units + found.unit)
    return Triples(*(each[order] for each in found))


def _checked(columns: Sequence[int] | None, width: int, name: str) -> tuple[int, ...]:
    if columns is None:
        return tuple(range(width))
    wrong = next((each for each in columns if not 0 <= each < width), None)
    if wrong is not None:
        raise UnitsError(f"{name} has no latent {wrong}; mend: choose from 0 to {width - 1}")
    if len(set(columns)) < len(columns) or not columns:
        raise UnitsError(f"the latents of {name} are to be chosen once each, and at least one; mend: correct the list")
    return tuple(int(each) for each in columns)
