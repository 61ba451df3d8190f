"""What an explainer may do to a model to find a circuit; every prompt that is run is paid for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from benchmark.circuits.nodes import Head
from benchmark.circuits.runner import Ablation, Runner
from benchmark.errors import UserError
from synthetic_neurons.passages import Floats

# A change of the logit difference by less than this, or by fewer standard errors over prompts, is nothing.
NOTHING, ERRORS = 0.5, 3.0


class OverBudget(UserError):
    """An experiment would cost more prompts than are left; the message says how many."""


def along(steps: int) -> list[float]:
    """Where between prompts (0) and twins (1) gradients are taken: at the prompts, or in the middle of each step."""
    return [0.0] if steps == 1 else [(step + 0.5) / steps for step in range(steps)]


@dataclass(frozen=True)
class Change:
    """A mean change of the logit difference over prompts.

    Attributes:
        mean: of it.
        errors: how many standard errors it is away from 0; infinite where all prompts change alike.
    """

    mean: float
    errors: float

    @classmethod
    def of(cls, values: Floats) -> "Change":
        """The change of float64 [prompts]."""
        mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
        return cls(mean, abs(mean) / error if error else math.inf)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to be explained: it is small, or as likely to be chance."""
        return abs(self.mean) < NOTHING or self.errors < ERRORS


class CircuitLaboratory:
    """Experiments on one behaviour, on prompts that no exam holds.

    Args:
        runner: the model on the teach prompts.
        budget: how many prompts may be run; a gradient counts as two of each.
        in_time: asked before each experiment; raises where time is up.
    """

    def __init__(self, runner: Runner, budget: int, in_time: Callable[[], None] = lambda: None) -> None:
        self._runner, self.budget, self._before, self._in_time = runner, budget, runner.rows, in_time
        self.heads = runner.heads
        self.whole = float(runner.whole.mean())
        self.twin = float(runner.twin.mean())

    @property
    def spent(self) -> int:
        """How many prompts were run."""
        return self._runner.rows - self._before

    @property
    def prompts(self) -> int:
        """How many there are: what one ablation costs."""
        return len(self._runner.behaviour)

    def _afford(self, rows: int) -> None:
        self._in_time()
        if self.spent + rows > self.budget:
            left = self.budget - self.spent
            raise OverBudget(f"the experiment runs {rows} prompts and {left} of {self.budget} are left")

    def ablate(self, sets: Sequence[frozenset[Head]], how: Ablation) -> Floats:
        """float64 [sets]: the mean logit difference with each set's heads ablated.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._afford(len(sets) * self.prompts)
        found: Floats = self._runner.differences(list(sets), how).mean(1)
        return found

    def keep(self, sets: Sequence[frozenset[Head]], how: Ablation) -> Floats:
        """float64 [sets]: the mean logit difference with all heads but each set's ablated."""
        everything = frozenset(self.heads)
        return self.ablate([everything - some for some in sets], how)

    def change(self, how: Ablation) -> Change:
        """What all heads together do: how far the logit difference falls when all are ablated."""
        self._afford(self.prompts)
        (left,) = self._runner.differences([frozenset(self.heads)], how)
        return Change.of(self._runner.whole - left)

    @property
    def change_to_twin(self) -> Change:
        """How far the logit difference falls from the prompts to their twins; from what was run already."""
        return Change.of(self._runner.whole - self._runner.twin)

    @property
    def preference(self) -> Change:
        """The logit difference itself, from what was run already."""
        return Change.of(self._runner.whole)

    def patterns(self) -> list[Tensor]:
        """Attention on the prompts, layer by layer; float [prompts, head, query, key].

        Raises:
            OverBudget: it costs more than is left.
        """
        self._afford(self.prompts)
        return self._runner.patterns()

    @property
    def tokens(self) -> Tensor:
        """int64 [prompts, position]: the prompts."""
        return self._runner.behaviour.prompts

    def direct(self) -> dict[Head, float]:
        """Direct logit attribution: what each head writes of the logit difference itself; from what was run already."""
        return dict(zip(self.heads, self._runner.direct().tolist(), strict=True))

    def attribution(self, steps: int = 1) -> dict[Head, float]:
        """What each head's output would lose if it were the twin's, to first order (Nanda 2023; Syed et al. 2023).

        Args:
            steps: of the way from the prompts' to the twins' embeddings over which gradients are averaged (Hanna et al.
                2024, integrated gradients); 1 takes the prompts' own.

        Returns:
            By head, the mean fall of the logit difference.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._afford(2 * steps * self.prompts)
        places = along(steps)
        totals: dict[Head, float] = dict.fromkeys(self.heads, 0.0)
        for at in places:
            for head, value in self._slopes(self._runner.gradients(at)[0]).items():
                totals[head] += value / len(places)
        return totals

    def _slopes(self, gradients: Sequence[Tensor]) -> dict[Head, float]:
        run, found = self._runner, dict[Head, float]()
        for layer, gradient in enumerate(gradients):
            moved = (gradient * (run.z[layer] - run.corrupted_z[layer])).sum((1, 3)).mean(0)
            found |= {Head(layer, head): float(value) for head, value in enumerate(moved)}
        return found
