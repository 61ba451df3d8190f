"""What an explainer may do to find the latents behind a behaviour; every prompt that is run is paid for."""

from collections.abc import Sequence

from benchmark.behaviours.effects import Effects
from benchmark.behaviours.interventions import Ablation, Steer
from benchmark.errors import UserError
from synthetic_neurons.passages import Floats


class OverBudget(UserError):
    """An experiment would cost more prompts than are left; the message says how many."""


class BehaviourLaboratory:
    """Experiments on one behaviour's teach prompts.

    Args:
        effects: of the teach prompts.
        budget: how many prompts may be run; a gradient counts as two of each.
    """

    def __init__(self, effects: Effects, budget: int) -> None:
        self._effects, self.budget = effects, budget
        self.whole, self.error, self.pairs = effects.whole, effects.error, len(effects.behaviour)
        self.spent = effects.rows

    @property
    def prompts(self) -> int:
        """How many there are, twins included: the most that one intervention costs."""
        return self._effects.rows

    def _pay(self, rows: int) -> None:
        if self.spent + rows > self.budget:
            left = self.budget - self.spent
            raise OverBudget(f"the experiment runs {rows} prompts and {left} of {self.budget} are left")
        self.spent += rows

    def behaviours(self) -> Floats:
        """float64 [pairs]: the logit difference of each pair."""
        found: Floats = self._effects.behaviour
        return found

    def active(self) -> Floats:
        """float64 [latents]: on what share of the prompts each is on."""
        return self._effects.active()

    def difference_of_means(self) -> Floats:
        """float64 [latents]: mean value over positions, on prompts less on twins.

        Without twins it is the mean value itself: nothing lacks the condition, and other texts run through the same
        model, in which what is planted everywhere is on as much.
        """
        read = self._effects.read
        means = read.values.sum(1) / read.counts.sum(1)[:, None]
        half = self._effects.rows // 2
        if self._effects.paired:
            found: Floats = (means[:half].mean(0) - means[half:].mean(0)).astype(float)
            return found
        own: Floats = means.mean(0).astype(float)
        return own

    def per_dose(self, latent: int) -> float:
        """How much of a latent's value a dose of 1 is."""
        return float(self._effects.per_dose[latent])

    def ablate(self, sets: Sequence[frozenset[int]], how: Ablation = "zero") -> Floats:
        """float64 [sets]: how the mean behaviour changes with each set ablated.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._pay(len(sets) * self.prompts)
        return self._effects.ablate(sets, how)

    def steer(self, doses: Sequence[tuple[int, float]]) -> Floats:
        """float64 [doses]: how the mean logit difference changes with a latent steered by a dose.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._pay(len(doses) * self.prompts)
        return self._effects.of([Steer(latent, dose) for latent, dose in doses])

    def attribution(self) -> tuple[Floats, Floats]:
        """float64 [latents] twice: the effect of zero ablation and the slope of steering, to first order.

        Raises:
            OverBudget: it costs more than is left.
        """
        self._pay(2 * self.prompts)
        return self._effects.first_order
