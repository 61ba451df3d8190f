"""How many paired units a difference needs, and what the units at hand resolve (METHOD.md section 5).

Both go by the standard deviation of the paired differences over units, which is what pairing leaves of the units' own
spread, and by the normal approximation, as METHOD's anchor does: 0.05 at 0.20 needs 126 units for 80%. Student's t
asks for one or two units more, which `units_by_t` gives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.power import NormalIndPower, TTestPower

from benchmark.errors import UserError
from synthetic_neurons.passages import Floats

POWER = 0.8
ALPHA = 0.05
# Below two units there is no spread to speak of.
FEWEST = 2
# A spread below this share of the differences themselves is the rounding of their mean.
_ROUNDING = 1e-12
# Beyond so many standard deviations two units are enough by any count, and the noncentral t loses its digits.
_LARGEST_EFFECT = 20.0


class PowerError(UserError):
    """Power was asked for at a level, a difference or a spread that has none."""


@dataclass(frozen=True)
class Power:
    """What a comparison can find.

    Attributes:
        sd: standard deviation of the paired differences over units, one degree of freedom taken.
        n: paired units at hand.
        difference: the difference asked about.
        needed: paired units for it, by the normal approximation.
        needed_by_t: the same by Student's t.
        resolvable: the smallest difference that the units at hand find with this power.
        attained: the power at hand for the difference asked about.
    """

    sd: float
    n: int
    difference: float
    needed: int
    needed_by_t: int
    resolvable: float
    attained: float


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low < value < high:
        raise PowerError(f"{name}={value} has no power to speak of; give a number between {low} and {high}")


def _checked(difference: float, power: float, alpha: float) -> None:
    _require("difference", difference, 0.0, math.inf)
    _require("alpha", alpha, 0.0, 1.0)
    # Without any effect the power is alpha already.
    _require("power", power, alpha, 1.0)


def spread(differences: Sequence[float] | Floats) -> float:
    """The standard deviation of paired differences over units, exactly 0 where it is rounding alone.

    Raises:
        PowerError: fewer than two units.
    """
    values = np.asarray(differences, dtype=float)
    if len(values) < FEWEST:
        raise PowerError(f"{len(values)} paired units have no spread; give both explainers the same two units or more")
    sd = float(values.std(ddof=1))
    return 0.0 if sd <= _ROUNDING * float(np.abs(values).max()) else sd


def _errors_apart(power: float, alpha: float) -> float:
    """The standard errors between 0 and a difference that is found with this power: 2.80 at 80% and two-sided 5%.

    All that is asked here follows from it. statsmodels' own solver looks for n itself, and leaves the positive numbers
    where the effect is large.
    """
    highest = float(stats.norm.isf(alpha / 2) + stats.norm.isf(1 - power)) + 1.0
    one_unit = NormalIndPower(ddof=0).power
    return float(brentq(lambda effect: one_unit(effect, 1, alpha, ratio=0) - power, 0.0, highest, xtol=1e-12))


def units_needed(difference: float, sd: float, power: float = POWER, alpha: float = ALPHA) -> int:
    """Paired units that find `difference` with this power at two-sided `alpha`; at least 2.

    Args:
        difference: in mean score; the sign does not matter to the number.
        sd: of the paired differences over units.
        power: the chance to find it.
        alpha: two-sided.

    Raises:
        PowerError: a value out of range.
    """
    _checked(difference, power, alpha)
    if sd == 0:
        return FEWEST
    return max(FEWEST, math.ceil((_errors_apart(power, alpha) * sd / difference) ** 2))


def units_by_t(difference: float, sd: float, power: float = POWER, alpha: float = ALPHA) -> int:
    """`units_needed` by Student's t, whose power is counted up unit by unit from the normal's answer."""
    n = units_needed(difference, sd, power, alpha)
    effect = min(difference / sd, _LARGEST_EFFECT) if sd > 0 else _LARGEST_EFFECT
    while TTestPower().power(effect, n, alpha) < power and sd > 0:
        n += 1
    return n


def resolvable_difference(sd: float, n: int, power: float = POWER, alpha: float = ALPHA) -> float:
    """The smallest difference that `n` paired units find with this power at two-sided `alpha`; 0 without spread.

    Raises:
        PowerError: a value out of range.
    """
    _checked(1.0, power, alpha)
    if n < FEWEST:
        raise PowerError(f"{n} paired units resolve nothing; give both explainers the same two units or more")
    return _errors_apart(power, alpha) * sd / math.sqrt(n)


def _attained(difference: float, sd: float, n: int, alpha: float) -> float:
    return 1.0 if sd == 0 else float(NormalIndPower(ddof=0).power(difference / sd, n, alpha, ratio=0))


def power_of(
    differences: Sequence[float] | Floats, difference: float = 0.05, power: float = POWER, alpha: float = ALPHA
) -> Power:
    """What the paired differences at hand say about a difference of this size.

    Args:
        differences: [units], first minus second.
        difference: asked about, above 0.
        power: the chance to find it.
        alpha: two-sided.

    Raises:
        PowerError: fewer than two units, or a value out of range.
    """
    sd, n = spread(differences), len(differences)
    return Power(
        sd=sd,
        n=n,
        difference=difference,
        needed=units_needed(difference, sd, power, alpha),
        needed_by_t=units_by_t(difference, sd, power, alpha),
        resolvable=resolvable_difference(sd, n, power, alpha),
        attained=_attained(difference, sd, n, alpha),
    )
