"""Yes or no on the same units with switches on and off: paired tables, McNemar's test, and estimating equations.

METHOD.md section 5: binary outcomes by McNemar or by generalised estimating equations (GEE; Liang and Zeger 1986).
"""

import math
import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats
from statsmodels.genmod.cov_struct import Exchangeable
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from benchmark.statistics.bootstrap import FEWEST_UNITS, Interval, interval
from benchmark.statistics.corrections import Decision, Test, decide
from benchmark.statistics.factorial import ALPHA
from benchmark.statistics.factorial_design import Cell
from synthetic_neurons.passages import Floats

# An odds ratio beyond e^15 is no estimate: the data are separated, whatever the optimiser says.
_SEPARATED = 15.0
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Pairs:
    """One switch on against off, everything else alike.

    Attributes:
        both, only_on, only_off, neither: pairs by where the answer is yes.
        p: McNemar's exact p, two-sided; 1 where no pair differs. Only of pairs of different units.
    """

    both: int
    only_on: int
    only_off: int
    neither: int
    p: float | None


@dataclass(frozen=True)
class Share:
    """A share with its count; Wilson's interval from ten units on, where each unit counts once."""

    yes: int
    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Switch:
    """What one switch does to a yes or no.

    Attributes:
        factor: its name.
        on, off: yes among all scores with it and without it.
        difference: mean over units of the share of yes with it less the share without it, with its interval over units;
            no interval where all units differ by the same.
        pairs: over units and settings of the others; a unit has many, so it has no p of its own.
        fewer, more: units with fewer, and with more, yes with the switch than without it.
        test: exact, two-sided, of fewer against more: McNemar's with each unit counted once.
        decision: Holm's over the switches.
        alone: the switch alone against none at all; a unit has one pair.
        last: all switches against all but this one; likewise.
        odds_ratio, low, high, p: of GEE with this switch and the others, logit link, exchangeable within the unit; None
            where it could not be fitted, and no interval under ten units.
    """

    factor: str
    on: Share
    off: Share
    difference: Interval
    pairs: Pairs
    fewer: int
    more: int
    test: Test
    decision: Decision
    alone: Pairs
    last: Pairs
    odds_ratio: float | None
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True)
class Switched:
    """A yes or no under all settings: its switches, and why there are no odds ratios if there are none."""

    switches: tuple[Switch, ...]
    gee: str
    gee_note: str
    yes: int
    units: int
    scores: int


def _share(cells: Sequence[Cell]) -> Share:
    yes = sum(cell.value > 0 for cell in cells)
    if len({cell.unit for cell in cells}) < max(FEWEST_UNITS, len(cells)):
        return Share(yes, len(cells), None, None)
    low, high = proportion_confint(yes, len(cells), method="wilson")
    return Share(yes, len(cells), float(low), float(high))


def share(cells: Sequence[Cell]) -> Share:
    """How many answers are yes."""
    return _share(cells)


def _exact(first: int, second: int) -> Test:
    """McNemar's exact p of so many differing pairs in either direction (McNemar 1947; the binomial at one half)."""
    if not first + second:
        return Test(1.0, 1.0)
    found = mcnemar([[0, first], [second, 0]], exact=True)
    return Test(min(1.0, float(found.pvalue)), min(1.0, 2 * 0.5 ** (first + second)))


def _pairs(on: dict[Any, bool], off: dict[Any, bool], tested: bool) -> Pairs:
    keys = on.keys() & off.keys()
    counts = {(a, b): sum((on[key], off[key]) == (a, b) for key in keys) for a in (True, False) for b in (True, False)}
    p = _exact(counts[True, False], counts[False, True]).p if tested else None
    return Pairs(counts[True, True], counts[True, False], counts[False, True], counts[False, False], p)


def _split(cells: Sequence[Cell], at: int) -> tuple[dict[Any, bool], dict[Any, bool]]:
    """(unit, other switches) to yes, with the switch on and with it off."""
    sides: tuple[dict[Any, bool], dict[Any, bool]] = ({}, {})
    for cell in cells:
        others = cell.on[:at] + cell.on[at + 1 :]
        sides[0 if cell.on[at] else 1][cell.unit, others] = cell.value > 0
    return sides


def _by_unit(on: dict[Any, bool], off: dict[Any, bool]) -> Floats:
    """float64 [units]: share of yes with the switch less the share without, over the settings that have both."""
    apart: dict[str, list[int]] = defaultdict(list)
    for key in sorted(on.keys() & off.keys()):
        apart[key[0]].append(int(on[key]) - int(off[key]))
    return np.array([np.mean(each) for each in apart.values()])


def _difference(apart: Floats, alpha: float, seed: int) -> Interval:
    found = interval(apart, level=1 - alpha, seed=seed)
    return found if len(apart) and np.ptp(apart) > 0 else replace(found, low=None, high=None)


def _corner(on: dict[Any, bool], off: dict[Any, bool], others: bool) -> Pairs:
    """Pairs in which all other switches are on, or all are off."""
    sides = [{key[0]: yes for key, yes in side.items() if all(each is others for each in key[1])} for side in (on, off)]
    return _pairs(sides[0], sides[1], tested=True)


def _gee(cells: Sequence[Cell], factors: Sequence[str]) -> tuple[Any, str]:
    """The fitted equations, or None with the reason."""
    values = np.array([float(cell.value > 0) for cell in cells])
    signs = np.array([cell.on for cell in cells]) - 0.5
    for at, factor in enumerate(factors):
        for side in (values[signs[:, at] > 0], values[signs[:, at] < 0]):
            if not len(side) or np.ptp(side) == 0:
                word = "all yes" if len(side) and side[0] else "all no"
                return None, f"no odds ratios: with {factor} on or off the answers are {word}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            unit = np.unique([cell.unit for cell in cells], return_inverse=True)[1]
            columns = np.column_stack([np.ones(len(values)), signs])
            fitted = GEE(values, columns, unit, family=Binomial(), cov_struct=Exchangeable()).fit(
                cov_type="bias_reduced"
            )
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
            return None, f"no odds ratios: the equations could not be solved ({error})"
    figures = np.concatenate([np.asarray(fitted.params), np.asarray(fitted.bse)])
    if not fitted.converged or not np.isfinite(figures).all() or np.abs(figures).max() > _SEPARATED:
        return None, "no odds ratios: the equations did not converge, as where one switch decides all answers"
    return fitted, ""


def _odds(
    fitted: Any, at: int, units: int, alpha: float
) -> tuple[float | None, float | None, float | None, float | None]:
    if fitted is None:
        return None, None, None, None
    log, error = float(fitted.params[at + 1]), float(fitted.bse[at + 1])
    if units < FEWEST_UNITS or error <= 0:
        return math.exp(log), None, None, None
    # Student's t at the units' degrees of freedom: the sandwich of few clusters is too sure of itself.
    reach = float(stats.t.isf(alpha / 2, units - 1)) * error
    p = max(_TINY, float(2 * stats.t.sf(abs(log / error), units - 1)))
    return math.exp(log), math.exp(log - reach), math.exp(log + reach), p


def switched(cells: Sequence[Cell], factors: Sequence[str], *, seed: int, alpha: float = ALPHA) -> Switched:
    """What switches do to a yes (a value above 0) or no on the same units.

    Args:
        cells: one score a unit and arm, at least one.
        factors: names, in the order of `Cell.on`.
        seed: of the bootstrap.
        alpha: of Holm's decisions; intervals cover 1 - alpha.
    """
    fitted, note = _gee(cells, factors)
    units = len({cell.unit for cell in cells})
    sides = [_split(cells, at) for at in range(len(factors))]
    apart = [_by_unit(*each) for each in sides]
    counts = [(int((each < 0).sum()), int((each > 0).sum())) for each in apart]
    tests = [_exact(*each) for each in counts]
    decided = decide(tests, method="holm", alpha=alpha)
    found = [
        Switch(
            factor,
            _share([cell for cell in cells if cell.on[at]]),
            _share([cell for cell in cells if not cell.on[at]]),
            _difference(apart[at], alpha, seed),
            _pairs(*sides[at], tested=False),
            *counts[at],
            tests[at],
            decided[at],
            _corner(*sides[at], others=False),
            _corner(*sides[at], others=True),
            *_odds(fitted, at, units, alpha),
        )
        for at, factor in enumerate(factors)
    ]
    formula = f"logit(yes) ~ {' + '.join(factors)}, exchangeable within the unit, standard errors bias-reduced"
    return Switched(tuple(found), formula, note, sum(cell.value > 0 for cell in cells), units, len(cells))
