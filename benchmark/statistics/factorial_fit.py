"""A mixed model of factors switched on and off on the same units, fitted from where the analysis of variance points."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams, VCSpec

from benchmark.statistics.factorial_design import Design

ON_UNIT = " on unit"
# What differs by less, against scores of about 1, differs by rounding.
SAME = 1e-10
_FEWEST = 2
# The optimiser cannot leave a start at exactly 0.
_LEAST = 1e-4


def _spread(design: Design) -> tuple[dict[int, float], float, float]:
    """By the analysis of variance: each factor's variance on the unit by its column, the unit's own, and what is left.

    Of the units that have every arm. A contrast varies over units by its factor's variance and by what is left over the
    sum of its squared column; the contrast of an interaction by the latter alone. A factor whose variance comes out at
    or below 0 is left out: the likelihood has its maximum there at the boundary, and optimisers stop short of it.
    """
    values, columns = design.whole()
    mains = [at for at, term in enumerate(design.terms, start=1) if len(term) == 1]
    free = design.arms - 1 - len(mains)
    if len(values) < _FEWEST or not free:
        return {}, 0.0, 0.0
    apart = values - values.mean(axis=0)
    kept = columns[:, [0, *mains]]
    rest = apart - apart @ np.linalg.pinv(kept).T @ kept.T
    left = float((rest**2).sum()) / ((len(values) - 1) * free)
    unit = max(0.0, float(values.mean(axis=1).var(ddof=1)) - left / design.arms)
    varied = design.contrasts().var(axis=0, ddof=1) - left / (columns[:, 1:] ** 2).sum(axis=0)
    return {at: float(varied[at - 1]) for at in mains if varied[at - 1] > 0}, unit, left


def _slopes(design: Design, columns: Sequence[int]) -> VCSpec | None:
    """A variance on the unit for each of some columns."""
    if not columns:
        return None
    rows = [np.flatnonzero(design.unit == unit) for unit in range(design.units)]
    names = [design.terms[at - 1][0] + ON_UNIT for at in columns]
    matrices = [[design.columns[each][:, [at]] for each in rows] for at in columns]
    return VCSpec(names, [[["on"] for _ in rows] for _ in columns], matrices)


def _start(design: Design, variances: dict[int, float], unit: float, left: float) -> MixedLMParams | None:
    """Where the optimiser begins; variances in units of what is left."""
    if left <= 0:
        return None
    fixed = np.linalg.lstsq(design.columns, design.value, rcond=None)[0]
    ratios = np.array(list(variances.values())) / left
    return MixedLMParams.from_components(fixed, cov_re=np.array([[max(unit / left, _LEAST)]]), vcomp=ratios)


def _try(design: Design, slopes: VCSpec | None, start: MixedLMParams | None) -> tuple[Any, str]:
    """The fitted model, or None with the reason."""
    intercept = np.ones((len(design.value), 1))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            model = MixedLM(design.value, design.columns, design.unit, exog_re=intercept, exog_vc=slopes)
            fitted = model.fit(start_params=start)
        except (np.linalg.LinAlgError, ValueError) as error:
            return None, str(error)
    size = design.columns.shape[1]
    variances = np.diag(np.asarray(fitted.cov_params())[:size, :size])
    if not fitted.converged:
        return None, "; ".join(dict.fromkeys(str(each.message).strip() for each in said)) or "it did not converge"
    if not np.isfinite(variances).all() or (variances <= 0).any():
        return None, "its standard errors are not finite"
    return fitted, ""


def _adds_up(design: Design) -> bool:
    """Whether a unit's level and the arm make up every score."""
    values, _ = design.whole()
    apart = values - values.mean(axis=1, keepdims=True)
    return float(np.ptp(apart, axis=0).max()) <= SAME * max(1.0, float(np.abs(values).max()))


def fit(design: Design) -> tuple[Any, str]:
    """The fitted model or None, and what is to be said of it."""
    if all(np.ptp(design.value[design.unit == unit]) <= SAME for unit in range(design.units)):
        return None, "no unit scored otherwise in any arm"
    if design.complete and _adds_up(design):
        return None, "every unit differs between arms by the same, so nothing is left to chance"
    if np.linalg.matrix_rank(design.columns) < design.columns.shape[1]:
        return None, "the scores that there are do not tell all effects apart"
    variances, unit, left = _spread(design)
    dropped: list[str] = []
    while True:
        fitted, problem = _try(design, _slopes(design, list(variances)), _start(design, variances, unit, left))
        if fitted is not None:
            return fitted, f"with a variance on the unit of {', '.join(dropped)} the fit did not converge" * bool(
                dropped
            )
        if not variances:
            return None, f"the mixed model could not be fitted: {problem}"
        # The smallest variance leaves first.
        least = min(variances, key=lambda at: variances[at])
        dropped.append(design.terms[least - 1][0])
        del variances[least]
