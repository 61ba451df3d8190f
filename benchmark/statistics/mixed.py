"""A mixed model of scores: explainers are compared, units and sampling seeds are drawn (METHOD.md section 3).

    score = mean of the explainer + unit + (explainer on this unit) + (seed on this unit) + what is left

Units differ in how hard they are, and an explainer may suit one unit more than another: without the second term three
seeds on one unit would pass for three units, and every interval would be too short. A seed belongs to its unit: what is
drawn with it on one unit says nothing of the next. It is a term of its own where several explainers share the seed's
draw, and else part of what is left. By restricted maximum likelihood (statsmodels' MixedLM; Laird and Ware 1982).
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec

from benchmark.errors import UserError
from benchmark.statistics.bootstrap import FEWEST_UNITS
from synthetic_neurons.passages import Floats, Ints

# A component below this share of the total variance is at its boundary, 0.
_NOTHING = 1e-6
_TINY = float(np.finfo(float).tiny)


class MixedError(UserError):
    """These scores do not hold what a mixed model needs."""


@dataclass(frozen=True)
class Score:
    """One explainer's score on one unit with one seed."""

    explainer: str
    unit: str
    seed: int
    value: float


@dataclass(frozen=True)
class Effect:
    """An estimate with its standard error, its interval and Wald's two-sided p (normal; never used for 3 sigma)."""

    estimate: float
    error: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Mixed:
    """A fitted mixed model, or why there is none.

    Attributes:
        converged: whether the fit did; where it did not, the three mappings below are empty.
        note: what went wrong, or which component is at 0; "" where nothing is to be said.
        means: explainer to its mean, each unit counted once.
        differences: explainer to its mean less that of the reference.
        components: variances of "unit", "explainer on unit", "seed" and "left"; a component that the data cannot tell
            from the others (one seed a unit, seeds that no two explainers share) is absent.
        reference: what the differences are from.
        units, scores: how many.
    """

    converged: bool
    note: str
    means: dict[str, Effect]
    differences: dict[str, Effect]
    components: dict[str, float]
    reference: str
    units: int
    scores: int


@dataclass(frozen=True, eq=False)
class _Table:
    """The scores as columns of codes, sorted by unit."""

    names: list[str]
    explainer: Ints
    unit: Ints
    seed: Ints
    value: Floats

    @classmethod
    def of(cls, scores: Sequence[Score]) -> "_Table":
        ordered = sorted(scores, key=lambda each: (each.unit, each.explainer, each.seed))
        names, explainer = np.unique([each.explainer for each in ordered], return_inverse=True)
        unit = np.unique([each.unit for each in ordered], return_inverse=True)[1]
        seed = np.array([each.seed for each in ordered])
        return cls([str(name) for name in names], explainer, unit, seed, np.array([each.value for each in ordered]))

    def repeats(self, codes: Ints) -> bool:
        """Whether some unit has two scores with the same code."""
        return len(np.unique(np.stack([self.unit, codes]), axis=1).T) < len(codes)


def _check(scores: Sequence[Score], reference: str) -> None:
    names, units = sorted({each.explainer for each in scores}), {each.unit for each in scores}
    if len(names) < 2:
        raise MixedError(f"a mixed model compares explainers and these scores are of {len(names)}; give two or more")
    if reference not in names:
        raise MixedError(f"the reference {reference!r} has no scores; choose from {', '.join(names)}")
    if len(units) < FEWEST_UNITS:
        raise MixedError(f"{len(units)} units are too few for a variance over units; give {FEWEST_UNITS} or more")
    if len({(each.explainer, each.unit, each.seed) for each in scores}) < len(scores):
        raise MixedError("an explainer has two scores on one unit with one seed; number the seeds apart")
    if not all(np.isfinite(each.value) for each in scores):
        raise MixedError("a score is not finite; a failure scores 0 and is never NaN (METHOD section 2)")


def _component(table: _Table, codes: Ints) -> tuple[list[list[str]], list[Floats]]:
    """Column names and indicator matrices, unit by unit, of what several scores of a unit share by a code."""
    names, matrices = [], []
    for unit in range(int(table.unit.max()) + 1):
        levels, of = np.unique(codes[table.unit == unit], return_inverse=True)
        names.append([str(level) for level in levels])
        matrices.append(np.eye(len(levels))[of])
    return names, matrices


def _design(table: _Table) -> VCSpec | None:
    """The components that the data can tell apart, beside the unit's own."""
    # An explainer's seeds must repeat on a unit, and a seed's explainers, or the term is what is left.
    shared = {"explainer on unit": table.explainer, "seed": table.seed}
    usable = {name: _component(table, codes) for name, codes in shared.items() if table.repeats(codes)}
    # With one seed a unit, all scores of a unit share it: that is the unit's own component.
    if len(np.unique(np.stack([table.unit, table.seed]), axis=1).T) == len(np.unique(table.unit)):
        usable.pop("seed", None)
    if not usable:
        return None
    return VCSpec(list(usable), [names for names, _ in usable.values()], [mats for _, mats in usable.values()])


def _fit(table: _Table) -> tuple[Any, str]:
    """The fitted model, or None with the reason."""
    means = np.eye(len(table.names))[table.explainer]
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = MixedLM(
                table.value, means, table.unit, exog_vc=_design(table), exog_re=np.ones((len(means), 1))
            ).fit()
        except (np.linalg.LinAlgError, ValueError) as error:
            return None, f"the mixed model could not be fitted: {error}"
    if not fitted.converged:
        reasons = "; ".join(dict.fromkeys(str(each.message).strip() for each in said)) or "the optimiser stopped early"
        return None, f"the mixed model did not converge: {reasons}"
    return fitted, ""


def _effect(weights: Floats, means: Floats, covariance: Floats, level: float) -> Effect:
    estimate, variance = float(weights @ means), float(weights @ covariance @ weights)
    error = math.sqrt(max(_TINY, variance))
    reach = float(stats.norm.isf((1 - level) / 2)) * error
    # The normal's tail runs out of digits, and no p is 0.
    p = max(_TINY, float(2 * stats.norm.sf(abs(estimate) / error)))
    return Effect(estimate, error, estimate - reach, estimate + reach, p)


def _components(fitted: Any) -> dict[str, float]:
    found = {"unit": float(fitted.cov_re[0, 0])}
    found |= {name: float(value) for name, value in zip(fitted.model.exog_vc.names, fitted.vcomp, strict=True)}
    return {**found, "left": float(fitted.scale)}


def mixed_model(scores: Sequence[Score], *, reference: str, level: float = 0.95) -> Mixed:
    """Compare explainers with units and seeds drawn at random.

    Args:
        scores: one a unit, explainer and seed; explainers need not have the same number of seeds.
        reference: the explainer that the others are held against.
        level: of the intervals.

    Raises:
        MixedError: fewer than two explainers or ten units, a value not finite, or two scores of one seed.
    """
    _check(scores, reference)
    table = _Table.of(scores)
    counts = (int(table.unit.max()) + 1, len(scores))
    if np.ptp(table.value) == 0:
        return Mixed(
            False, "all scores are the same, so there is no variance to share out", {}, {}, {}, reference, *counts
        )
    fitted, problem = _fit(table)
    if fitted is None:
        return Mixed(False, problem, {}, {}, {}, reference, *counts)
    size = len(table.names)
    means, covariance = np.asarray(fitted.fe_params), np.asarray(fitted.cov_params())[:size, :size]
    if not np.isfinite(covariance).all() or (np.diag(covariance) <= 0).any():
        problem = "the mixed model's standard errors are not finite; read the paired comparison instead"
        return Mixed(False, problem, {}, {}, {}, reference, *counts)
    rows, base = np.eye(size), table.names.index(reference)
    components = _components(fitted)
    at_zero = [name for name, value in components.items() if value <= _NOTHING * sum(components.values())]
    return Mixed(
        converged=True,
        note=f"no variance was found for: {', '.join(at_zero)}" if at_zero else "",
        means={name: _effect(rows[i], means, covariance, level) for i, name in enumerate(table.names)},
        differences={
            name: _effect(rows[i] - rows[base], means, covariance, level)
            for i, name in enumerate(table.names)
            if i != base
        },
        components=components,
        reference=reference,
        units=counts[0],
        scores=counts[1],
    )
