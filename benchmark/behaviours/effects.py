"""A behaviour's size on some prompts, and what interventions make of it."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from benchmark.behaviours.interventions import Ablate, Ablation, Steer, ablated, steered, transplanted
from benchmark.behaviours.machine import Change, Machine, Prompts
from benchmark.behaviours.unit import Pair
from synthetic_neurons.passages import Floats


class Effects:
    """Interventions on the prompts of one part of a unit.

    The behaviour of a pair is the logit difference of x and y after the prompt, less that after the twin if there is
    one. Ablations are measured by the behaviour, steering by the difference itself over all rows: it is the same push
    on both members of a pair.

    Args:
        machine: the subject.
        pairs: the prompts.
    """

    def __init__(self, machine: Machine, pairs: Sequence[Pair]) -> None:
        self.per_dose = machine.per_dose
        self.read: Prompts = machine.prompts(pairs)
        self.paired = pairs[0].twin is not None
        self.rows = len(self.read.whole)
        self.behaviour = self.contrast(self.read.whole[None])[0]
        self.whole = float(self.behaviour.mean())
        # Explainers ask for many of the same: they pay each time, and it runs once.
        self._known: dict[Ablate | Steer, float] = {}

    def contrast(self, differences: Floats) -> Floats:
        """float64 [changes, pairs], from float64 [changes, rows]."""
        if not self.paired:
            return differences
        half = self.rows // 2
        found: Floats = differences[:, :half] - differences[:, half:]
        return found

    @property
    def error(self) -> float:
        """Standard error of the behaviour's mean over pairs."""
        return float(self.behaviour.std(ddof=1) / np.sqrt(len(self.behaviour)))

    def change(self, wanted: Ablate | Steer) -> Change:
        """What an intervention adds to values."""
        if isinstance(wanted, Ablate):
            return ablated(self.read, wanted.latents, wanted.how, self.paired)
        return steered(self.read, wanted.latent, wanted.dose * float(self.per_dose[wanted.latent]))

    def ablate(self, sets: Sequence[frozenset[int]], how: Ablation = "zero") -> Floats:
        """float64 [sets]: how the mean behaviour changes."""
        return self.of([Ablate(each, how) for each in sets])

    def of(self, wanted: Sequence[Ablate | Steer]) -> Floats:
        """float64 [interventions]: how the mean behaviour changes, or under steering the mean difference."""
        new = [each for each in dict.fromkeys(wanted) if each not in self._known]
        if new:
            moved = self.read.differences([self.change(each) for each in new]) - self.read.whole
            by_pair = self.contrast(moved)
            for i, each in enumerate(new):
                self._known[each] = float((by_pair if isinstance(each, Ablate) else moved)[i].mean())
        return np.array([self._known[each] for each in wanted])

    def transplant(self, latents: frozenset[int]) -> float | None:
        """The share of the behaviour that the prompts' values bring into the twins; None where there are none."""
        if not self.paired or not latents or not self.whole:
            return None
        moved = self.read.differences([transplanted(self.read, latents)])[0] - self.read.whole
        return float(moved[self.rows // 2 :].mean() / self.whole)

    @cached_property
    def first_order(self) -> tuple[Floats, Floats]:
        """float64 [latents] twice: what zero ablation would change, and the slope of steering by dose; one gradient.

        Attribution is gradient times activation (Simonyan et al. 2013; Marks et al. 2024, "Sparse feature circuits").
        """
        slopes = self.read.gradients()
        lost = -np.einsum("rpl,rpl->rl", slopes, self.read.values).astype(np.float64)
        steep = np.where(self.read.counts[..., None], slopes, 0.0).sum(1).astype(np.float64)
        return self.contrast(lost.T).T.mean(0) if not self.paired else self._contrasted(lost), (
            steep.mean(0) * self.per_dose
        )

    def _contrasted(self, by_row: Floats) -> Floats:
        half = self.rows // 2
        found: Floats = (by_row[:half] - by_row[half:]).mean(0)
        return found

    def active(self) -> Floats:
        """float64 [latents]: on what share of rows each latent is on anywhere."""
        found: Floats = (self.read.values > 0).any(1).mean(0)
        return found
