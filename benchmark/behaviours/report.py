"""What an explainer says of a behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmark.behaviours.interventions import Ablate, Steer


@dataclass(frozen=True)
class BehaviourReport:
    """An explanation of a behaviour by latents.

    Attributes:
        latents: those that are said to carry it, the most important first; empty where it abstains.
        effects: by latent, how the behaviour is said to change when its value is put to zero, in logits, signed; others
            are said to change nothing.
        slopes: by latent, how the logit difference is said to change by dose of steering; others likewise.
        together: how it is said to change with all of `latents` at zero; None: the sum of theirs.
        reason: of an abstention.
    """

    latents: tuple[int, ...] = ()
    effects: Mapping[int, float] = field(default_factory=dict)
    slopes: Mapping[int, float] = field(default_factory=dict)
    together: float | None = None
    reason: str = ""

    @property
    def abstained(self) -> bool:
        """Whether it says that no latent carries the behaviour."""
        return not self.latents

    def predict(self, wanted: Ablate | Steer) -> float:
        """What an intervention is said to change; effects of several latents add up, and doses are proportional."""
        if self.abstained:
            return 0.0
        if isinstance(wanted, Steer):
            return self.slopes.get(wanted.latent, 0.0) * wanted.dose
        if self.together is not None and wanted.latents == frozenset(self.latents):
            return self.together
        return sum(self.effects.get(latent, 0.0) for latent in wanted.latents)

    def predictions(self, wanted: Sequence[Ablate | Steer]) -> list[float]:
        """`predict`, of several."""
        return [self.predict(each) for each in wanted]
