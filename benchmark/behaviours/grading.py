"""A report against what interventions do on prompts that its explainer never saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from benchmark.behaviours.effects import Effects
from benchmark.behaviours.interventions import ABLATIONS, Ablate, Steer, ablated, steered
from benchmark.behaviours.machine import Texts
from benchmark.behaviours.report import BehaviourReport
from benchmark.statistics.bootstrap import Interval, interval
from synthetic_neurons.passages import Floats

# Of the exam's interventions; explainers steer by another dose.
DOSES = (-0.3, -0.15, 0.15, 0.3)
# Of the curve, as shares of the stream's usual length; the slope is that of the two in the middle.
CURVE = (-0.4, -0.2, 0.2, 0.4)
SIDE_DOSE = 0.2
ABLATED, STEERED, AMONG = 12, 12, 24
# An effect has a sign from this share of the behaviour on.
SIGNED = 0.02
# A rise of the loss below this many nats a token gives no ratio.
LEAST_RISE = 0.001


@dataclass(frozen=True)
class Foresight:
    """Interventions that nobody had run, predicted and measured.

    Attributes:
        r: their correlation; 0 where the prediction is the same throughout.
        sign: share whose sign is right, of those that have one (`SIGNED`); None if none has.
        interventions: how many.
    """

    r: float
    sign: float | None
    interventions: int


@dataclass(frozen=True)
class DoseResponse:
    """The logit difference under a report's first latent.

    Attributes:
        latent: which.
        doses, actual, predicted: the curve.
        spearman: rank correlation of actual change and dose; 1 or -1 if monotone.
        slope, told: actual (least squares through 0 over small doses) and predicted change by dose.
    """

    latent: int
    doses: tuple[float, ...]
    actual: tuple[float, ...]
    predicted: tuple[float, ...]
    spearman: float
    slope: float
    told: float


@dataclass(frozen=True)
class SideEffect:
    """What an intervention does to unrelated text.

    Attributes:
        rise: of the next-token loss, in nats a token, over texts.
        ratio: size of the effect on the behaviour (nats of log odds) by that of the rise; None where the rise is below
            `LEAST_RISE`, or its interval holds 0: then it says nothing.
    """

    rise: Interval
    ratio: float | None


@dataclass(frozen=True)
class Grade:
    """How a report did.

    Attributes:
        ablation, steering: foresight of either kind of intervention.
        necessity: by kind of ablation, the share of the behaviour that is lost with the latents named.
        predicted, actual: the change when all of them are put to zero.
        sufficiency: share of the behaviour that their values bring into the twins; None without twins.
        dose: of the first latent; None where it abstains.
        side_ablation, side_steering: on unrelated text; None where it abstains.
    """

    ablation: Foresight
    steering: Foresight
    necessity: dict[str, float | None]
    predicted: float
    actual: float
    sufficiency: float | None
    dose: DoseResponse | None
    side_ablation: SideEffect | None
    side_steering: SideEffect | None


class BehaviourExam:
    """The exam of one unit; interventions and what they do are the same for every explainer.

    Args:
        effects: of the exam's prompts.
        unrelated: texts for side effects.
        size: what the behaviour is compared with: how far it was moved if it was planted, else its own mean.
        seed: of the choice of interventions.
    """

    def __init__(self, effects: Effects, unrelated: Texts, size: float, seed: int) -> None:
        self.effects, self.unrelated, self.size, self.seed = effects, unrelated, size, seed
        self._sets: dict[frozenset[int], tuple[dict[str, float | None], float, float | None, SideEffect]] = {}
        self._curves: dict[int, tuple[Floats, SideEffect]] = {}

    @cached_property
    def interventions(self) -> list[Ablate | Steer]:
        """Half of the latents are among those that matter most by the exam's own gradient, half are any that are on."""
        lost, slopes = self.effects.first_order
        rng = np.random.default_rng(self.seed)
        on = np.flatnonzero(self.effects.active() > 0)
        found: list[Ablate | Steer] = []
        for count in range(ABLATED):
            some = _strong(lost, rng, 1 + count % 2) | set(rng.choice(on, count % 3, replace=False).tolist())
            found.append(Ablate(frozenset(some)))
        for count in range(STEERED):
            latent = min(_strong(slopes * (self.effects.active() > 0), rng, 1)) if count % 2 else int(rng.choice(on))
            found.append(Steer(latent, DOSES[count % len(DOSES)]))
        return found

    @cached_property
    def actual(self) -> Floats:
        """float64 [interventions]: what they do."""
        return self.effects.of(self.interventions)

    @cached_property
    def _loss(self) -> Floats:
        return self.unrelated.losses(None)

    def grade(self, report: BehaviourReport) -> Grade:
        """Everything that is measured of a report."""
        kinds = [isinstance(each, Ablate) for each in self.interventions]
        ablation, steering = (self._foresight(report, [kind is want for kind in kinds]) for want in (True, False))
        if report.abstained:
            nothing: dict[str, float | None] = dict.fromkeys(ABLATIONS)
            return Grade(ablation, steering, nothing, 0.0, 0.0, None, None, None, None)
        named = frozenset(report.latents)
        necessity, actual, sufficiency, side = self._of_set(named)
        first = report.latents[0]
        dose, side_steering = self._of_latent(first, report.slopes.get(first, 0.0))
        told = report.predict(Ablate(named))
        return Grade(ablation, steering, necessity, told, actual, sufficiency, dose, side, side_steering)

    def _foresight(self, report: BehaviourReport, chosen: Sequence[bool]) -> Foresight:
        wanted = [each for each, take in zip(self.interventions, chosen, strict=True) if take]
        return foresight(np.array(report.predictions(wanted)), self.actual[np.array(chosen)], self.size)

    def _of_set(self, named: frozenset[int]) -> tuple[dict[str, float | None], float, float | None, SideEffect]:
        """Necessity, the change at zero, sufficiency and side effect of a set; explainers agree on many."""
        if named not in self._sets:
            changes = [float(self.effects.ablate([named], how)[0]) for how in ABLATIONS]
            necessity: dict[str, float | None] = {
                how: -change / self.size if self.size else None for how, change in zip(ABLATIONS, changes, strict=True)
            }
            losses = self.unrelated.losses(ablated(self.unrelated, named, "zero", False))
            self._sets[named] = necessity, changes[0], self.effects.transplant(named), self._side(losses, changes[0])
        return self._sets[named]

    def _of_latent(self, latent: int, told: float) -> tuple[DoseResponse, SideEffect]:
        if latent not in self._curves:
            actual = self.effects.of([Steer(latent, dose) for dose in CURVE])
            amount = SIDE_DOSE * float(self.effects.per_dose[latent])
            losses = self.unrelated.losses(steered(self.unrelated, latent, amount))
            self._curves[latent] = actual, self._side(losses, float(actual[CURVE.index(SIDE_DOSE)]))
        actual, side = self._curves[latent]
        return response(latent, actual, told), side

    def _side(self, losses: Floats, effect: float) -> SideEffect:
        rise = interval((losses - self._loss) / self.unrelated.tokens, seed=self.seed)
        return SideEffect(rise, abs(effect) / abs(rise.mean) if _is_off_zero(rise) else None)


def _is_off_zero(rise: Interval) -> bool:
    within = rise.low is not None and rise.high is not None and rise.low <= 0.0 <= rise.high
    return abs(rise.mean) >= LEAST_RISE and not within


def _strong(values: Floats, rng: np.random.Generator, count: int) -> set[int]:
    first = np.argsort(-np.abs(values), kind="stable")[:AMONG]
    return set(rng.choice(first, count, replace=False).tolist())


def foresight(predicted: Floats, actual: Floats, size: float) -> Foresight:
    """Predicted against actual changes.

    Args:
        predicted: float64 [interventions].
        actual: float64 [interventions].
        size: of the behaviour.
    """
    flat = np.ptp(predicted) < 1e-12 or np.ptp(actual) < 1e-12
    r = 0.0 if flat else float(np.corrcoef(predicted, actual)[0, 1])
    signed = np.abs(actual) >= SIGNED * abs(size)
    sign = float((np.sign(predicted) == np.sign(actual))[signed].mean()) if signed.any() else None
    return Foresight(r, sign, len(actual))


def response(latent: int, actual: Floats, told: float) -> DoseResponse:
    """The curve of one latent against what was told of it; `actual` is float64 [doses of `CURVE`]."""
    doses = np.array(CURVE)
    small = np.abs(doses) <= SIDE_DOSE
    spearman = float(stats.spearmanr([*doses, 0.0], [*actual, 0.0]).statistic) if np.ptp(actual) else 0.0
    slope = float((doses * actual)[small].sum() / (doses**2)[small].sum())
    return DoseResponse(latent, CURVE, tuple(actual.tolist()), tuple((told * doses).tolist()), spearman, slope, told)
