"""Factors switched on and off on the same units: what each does, alone and together with the others.

    score = grand mean + effects of the factors and of their interactions
            + unit + (each factor on this unit) + what is left

Every factor is centred, on +1/2 and off -1/2, so a factor's effect is the mean score with it less the mean without it,
over all settings of the others, and an interaction of two is how much more the one does where the other is on than
where it is off (of three: how much more that is where the third is on). Units are drawn at random, and a factor may
suit one unit more than another: with a unit's own level alone, a factor that helps some units and harms others would be
judged by the scatter of those that do nothing, and its interval would be too short. By restricted maximum likelihood
(statsmodels' MixedLM; Laird and Ware 1982).

Where every unit has every arm, the estimates are differences of means, whatever the variances are (Searle, Casella and
McCulloch 1992, chapter 4), and each unit gives one contrast for each effect; a sign-flip test and Student's interval of
these contrasts assume no variance that effects share.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from benchmark.statistics.bootstrap import FEWEST_UNITS
from benchmark.statistics.corrections import Decision, Test, decide
from benchmark.statistics.factorial_design import Cell, Design, Names, check, design_of
from benchmark.statistics.factorial_fit import ON_UNIT, SAME, fit
from benchmark.statistics.paired import sign_flip
from synthetic_neurons.passages import Floats

ALPHA = 0.05
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class FactorEffect:
    """What one factor, or several together, add to the mean score.

    Attributes:
        factors: one for a main effect, several for an interaction.
        estimate: of the mixed model.
        low, high: its interval (Student's t of units - 1 degrees of freedom); None under ten units, or without a fit.
        unit_low, unit_high: Student's interval of the units' own contrasts; None under ten units, or where a unit lacks
            an arm.
        test: two-sided: sign flips of the units' contrasts where every unit has every arm, else Wald's of the model.
        decision: Holm's over all effects of the outcome.
    """

    factors: Names
    estimate: float
    low: float | None
    high: float | None
    unit_low: float | None
    unit_high: float | None
    test: Test | None
    decision: Decision | None


@dataclass(frozen=True)
class Factorial:
    """One outcome's effects.

    Attributes:
        factors: that were switched.
        formula: of what was fitted.
        effects: main effects first, then interactions by order.
        components: variances of "unit", of factors "on unit", and "left"; a factor whose effect varies over units no
            more than by what is left has none; empty without a fit.
        complete: whether every unit has every arm.
        tested_by: "sign flips" or "Wald".
        note: what went otherwise than planned; "" where nothing did.
        units, scores: how many.
    """

    factors: Names
    formula: str
    effects: tuple[FactorEffect, ...]
    components: dict[str, float]
    complete: bool
    tested_by: str
    note: str
    units: int
    scores: int


def _estimates(design: Design, fitted: Any) -> tuple[Floats, Floats]:
    """Estimates and standard errors, effect by effect; without a fit, least squares and no errors."""
    if fitted is None:
        solved = np.linalg.lstsq(design.columns, design.value, rcond=None)[0]
        return _clean(np.asarray(solved[1:], dtype=float), design), np.full(len(design.terms), np.nan)
    size = design.columns.shape[1]
    covariance = np.asarray(fitted.cov_params())[:size, :size]
    return _clean(np.asarray(fitted.fe_params, dtype=float)[1:], design), np.sqrt(np.diag(covariance))[1:]


def _clean(values: Floats, design: Design) -> Floats:
    """What is 0 but for rounding is 0."""
    nothing = np.abs(values) <= SAME * max(1.0, float(np.abs(design.value).max()))
    return np.where(nothing, 0.0, values).astype(float)


def _tests(design: Design, estimates: Floats, errors: Floats, seed: int) -> list[Test | None]:
    if design.complete:
        return [sign_flip(_clean(each, design), seed=seed) for each in design.contrasts().T]
    if np.isnan(errors).any():
        return [None] * len(errors)
    ps = 2 * stats.t.sf(np.abs(estimates / errors), design.units - 1)
    return [Test(max(_TINY, float(p)), _TINY) for p in ps]


def _bounds(centre: Floats, errors: Floats, units: int, level: float) -> list[tuple[float | None, float | None]]:
    if units < FEWEST_UNITS:
        return [(None, None)] * len(centre)
    reach = float(stats.t.isf((1 - level) / 2, units - 1)) * errors
    return [(None, None) if math.isnan(r) else (float(c - r), float(c + r)) for c, r in zip(centre, reach, strict=True)]


def _unit_bounds(design: Design, level: float) -> list[tuple[float | None, float | None]]:
    if not design.complete:
        return [(None, None)] * len(design.terms)
    contrasts = design.contrasts()
    errors = contrasts.std(axis=0, ddof=1) / math.sqrt(design.units)
    return _bounds(contrasts.mean(axis=0), errors, design.units, level)


def _components(design: Design, fitted: Any) -> dict[str, float]:
    if fitted is None:
        return {}
    found = {"unit": float(fitted.cov_re[0, 0])}
    if _has_slopes(fitted):
        found |= {name: float(value) for name, value in zip(fitted.model.exog_vc.names, fitted.vcomp, strict=True)}
    return {**found, "left": float(fitted.scale)}


def _formula(factors: Sequence[str], order: int, fitted: Any) -> str:
    fixed = " * ".join(factors) if order == len(factors) else f"({' + '.join(factors)})^{order}"
    slopes = [name.removesuffix(ON_UNIT) for name in (fitted.model.exog_vc.names if _has_slopes(fitted) else [])]
    own = f" + ({' + '.join(slopes)} || unit)" if slopes else ""
    return f"score ~ {' + '.join(factors) if order == 1 else fixed} + (1 | unit){own}"


def _has_slopes(fitted: Any) -> bool:
    return fitted is not None and len(fitted.vcomp) > 0


def factorial(
    cells: Sequence[Cell], factors: Sequence[str], *, order: int, seed: int, alpha: float = ALPHA
) -> Factorial:
    """The effects of factors on the same units.

    Args:
        cells: one score a unit and arm; a unit may lack arms.
        factors: names, in the order of `Cell.on`.
        order: the highest interaction; 1 for main effects alone.
        seed: of the sign flips.
        alpha: of Holm's decisions; intervals cover 1 - alpha.

    Raises:
        FactorialError: fewer than two units, two scores of one arm, or a value that is not finite.
    """
    check(cells, factors, order)
    design = design_of(cells, factors, order)
    fitted, note = fit(design)
    estimates, errors = _estimates(design, fitted)
    tests = _tests(design, estimates, errors, seed)
    known = decide([test for test in tests if test is not None], method="holm", alpha=alpha)
    decided = known if len(known) == len(tests) else [None] * len(tests)
    bounds, by_unit = _bounds(estimates, errors, design.units, 1 - alpha), _unit_bounds(design, 1 - alpha)
    parts = zip(design.terms, estimates, bounds, by_unit, tests, decided, strict=True)
    return Factorial(
        factors=tuple(factors),
        formula=_formula(factors, order, fitted),
        effects=tuple(FactorEffect(t, float(e), b[0], b[1], u[0], u[1], p, d) for t, e, b, u, p, d in parts),
        components=_components(design, fitted),
        complete=design.complete,
        tested_by="sign flips" if design.complete else "Wald",
        note=note,
        units=design.units,
        scores=len(cells),
    )
