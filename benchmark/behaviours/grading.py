"""A report against what interventions do on prompts that its explainer never saw."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import stats

from benchmark.behaviours.draws import drawn
from benchmark.behaviours.effects import Effects
from benchmark.behaviours.interventions import ABLATIONS, Ablate, Steer, ablated, steered
from benchmark.behaviours.machine import Texts
from benchmark.behaviours.report import BehaviourReport
from benchmark.statistics.bootstrap import Interval, interval
from synthetic_neurons.passages import Floats

# Of the curve, as shares of the stream's usual length; the slope is that of the two in the middle.
CURVE = (-0.4, -0.2, 0.2, 0.4)
SIDE_DOSE = 0.2
# An effect has a sign from this share of the behaviour on.
SIGNED = 0.02
# A rise of the loss below this many nats a token gives no ratio.
LEAST_RISE = 0.001


@dataclass(frozen=True)
class Foresight:
    """Interventions that nobody had run, predicted and measured.

    Attributes:
        r: their correlation; 0 where the prediction is the same throughout.
        rank_r: Spearman's rank correlation of them, likewise; one strong intervention decides r, and hardly this.
        sign: share whose sign is right, of those that have one (`SIGNED`); None if none has.
        interventions: how many.
        r_without_strongest: r without the ablations that hold the latent whose own ablation changes most, of those that
            are drawn; None of steering.
    """

    r: float
    rank_r: float
    sign: float | None
    interventions: int
    r_without_strongest: float | None = None


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
        necessity: by kind of ablation, the share of the behaviour that is lost with the latents named, 1 if it is gone;
            None by mean and by resample without twins.
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
        """Ablations, then steerings; see `draws`."""
        return drawn(self.effects, self.seed)

    @cached_property
    def actual(self) -> Floats:
        """float64 [interventions]: what they do."""
        return self.effects.of(self.interventions)

    @cached_property
    def strongest(self) -> int:
        """Of the latents in the exam's ablations, the one that changes most when it alone is put to zero."""
        sets = [each.latents for each in self.interventions if isinstance(each, Ablate)]
        latents = sorted(frozenset().union(*sets))
        alone = self.effects.ablate([frozenset({each}) for each in latents])
        return latents[int(np.abs(alone).argmax())]

    @cached_property
    def _loss(self) -> Floats:
        return self.unrelated.losses(None)

    def grade(self, report: BehaviourReport) -> Grade:
        """Everything that is measured of a report."""
        ablation, steering = self._foresight(report)
        if report.abstained:
            nothing: dict[str, float | None] = dict.fromkeys(ABLATIONS)
            return Grade(ablation, steering, nothing, 0.0, 0.0, None, None, None, None)
        named = frozenset(report.latents)
        necessity, actual, sufficiency, side = self._of_set(named)
        first = report.latents[0]
        dose, side_steering = self._of_latent(first, report.slopes.get(first, 0.0))
        told = report.predict(Ablate(named))
        return Grade(ablation, steering, necessity, told, actual, sufficiency, dose, side, side_steering)

    def _foresight(self, report: BehaviourReport) -> tuple[Foresight, Foresight]:
        """Of ablations and of steerings."""
        said, done = np.array(report.predictions(self.interventions)), self.actual
        ablations = np.array([isinstance(each, Ablate) for each in self.interventions])
        weak = np.array([isinstance(e, Ablate) and self.strongest not in e.latents for e in self.interventions])
        ablation, steering = (foresight(said[some], done[some], self.size) for some in (ablations, ~ablations))
        return replace(ablation, r_without_strongest=_r(said[weak], done[weak])), steering

    def _of_set(self, named: frozenset[int]) -> tuple[dict[str, float | None], float, float | None, SideEffect]:
        """Necessity, the change at zero, sufficiency and side effect of a set; explainers agree on many."""
        if named not in self._sets:
            # Without twins a latent that is on everywhere has nothing else to be: its mean is what it is.
            ways = ABLATIONS if self.effects.paired else ABLATIONS[:1]
            changes = {how: float(self.effects.ablate([named], how)[0]) for how in ways}
            necessity: dict[str, float | None] = dict.fromkeys(ABLATIONS)
            if self.size:
                necessity |= {how: -change / self.size for how, change in changes.items()}
            losses, zero = self.unrelated.losses(ablated(self.unrelated, named, "zero", False)), changes["zero"]
            self._sets[named] = necessity, zero, self.effects.transplant(named), self._side(losses, zero)
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


def foresight(predicted: Floats, actual: Floats, size: float) -> Foresight:
    """Predicted against actual changes.

    Args:
        predicted: float64 [interventions].
        actual: float64 [interventions].
        size: of the behaviour.
    """
    signed = np.abs(actual) >= SIGNED * abs(size)
    sign = float((np.sign(predicted) == np.sign(actual))[signed].mean()) if signed.any() else None
    ranks = (stats.rankdata(predicted), stats.rankdata(actual))
    return Foresight(_r(predicted, actual), _r(*ranks), sign, len(actual))


def _r(predicted: Floats, actual: Floats) -> float:
    flat = np.ptp(predicted) < 1e-12 or np.ptp(actual) < 1e-12
    return 0.0 if flat else float(np.corrcoef(predicted, actual)[0, 1])


def response(latent: int, actual: Floats, told: float) -> DoseResponse:
    """The curve of one latent against what was told of it; `actual` is float64 [doses of `CURVE`]."""
    doses = np.array(CURVE)
    small = np.abs(doses) <= SIDE_DOSE
    spearman = float(stats.spearmanr([*doses, 0.0], [*actual, 0.0]).statistic) if np.ptp(actual) else 0.0
    slope = float((doses * actual)[small].sum() / (doses**2)[small].sum())
    return DoseResponse(latent, CURVE, tuple(actual.tolist()), tuple((told * doses).tolist()), spearman, slope, told)
