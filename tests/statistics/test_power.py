"""How many units a difference needs: METHOD's anchor, scipy's distributions, and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmark.statistics.power import (
    PowerError,
    power_of,
    resolvable_difference,
    spread,
    units_by_t,
    units_needed,
)


def test_the_anchor_of_the_method() -> None:
    assert units_needed(0.05, 0.20) == 126
    assert units_by_t(0.05, 0.20) == 128
    assert resolvable_difference(0.20, 126) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(("power", "alpha"), [(0.8, 0.05), (0.9, 0.00135), (0.5, 0.05)])
def test_against_the_formula_from_scipys_normal(power: float, alpha: float) -> None:
    # The formula leaves out the chance to reject on the far side, below 1e-4 at these levels.
    factor = stats.norm.isf(alpha / 2) + stats.norm.isf(1 - power)
    assert resolvable_difference(0.3, 64, power, alpha) == pytest.approx(factor * 0.3 / 8, rel=1e-3)
    # Ceilings may part where the number is a whole one up to rounding, and two-sided power counts the far side, too.
    assert abs(units_needed(0.1, 0.3, power, alpha) - np.ceil((factor * 3) ** 2)) <= 1


def test_t_by_simulation_has_the_power_it_says() -> None:
    n = units_by_t(0.1, 0.2)
    values = np.random.default_rng(1).normal(0.1, 0.2, size=(6_000, n))
    found = (stats.ttest_1samp(values, 0.0, axis=1).pvalue <= 0.05).mean()
    assert found == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / 6_000) + 0.01)


@settings(max_examples=25)
@given(st.floats(0.02, 0.5), st.integers(5, 400), st.floats(0.5, 8))
def test_scaling_and_back(sd: float, n: int, scale: float) -> None:
    smallest = resolvable_difference(sd, n)
    assert resolvable_difference(scale * sd, n) == pytest.approx(scale * smallest, rel=1e-6)
    assert abs(units_needed(smallest, sd) - n) <= 1
    assert units_needed(scale * smallest, scale * sd) == pytest.approx(units_needed(smallest, sd), abs=1)


@pytest.mark.parametrize(("difference", "sd"), [(0.05, 0.0056), (0.9, 1e-5), (1e-4, 0.3), (1.0, 1e-300)])
def test_extremes_are_answered(difference: float, sd: float) -> None:
    # Two-sided power counts the chance on the far side, too: 2.5 of a million units fewer.
    formula = np.ceil((stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 * (sd / difference) ** 2)
    assert units_needed(difference, sd) == pytest.approx(max(2, formula), rel=1e-5)
    assert units_by_t(difference, sd) >= units_needed(difference, sd)


def test_what_the_differences_at_hand_say() -> None:
    apart = np.random.default_rng(2).normal(0.02, 0.2, 50)
    found = power_of(apart)
    assert found.sd == pytest.approx(apart.std(ddof=1))
    assert found.resolvable == pytest.approx(2.8016 * found.sd / np.sqrt(50), rel=1e-3)
    assert 0.05 < found.attained < 0.8
    assert found.needed > 50
    assert found.needed_by_t >= found.needed
    same = power_of([0.3] * 12)
    assert (same.sd, same.resolvable, same.needed, same.attained) == (0.0, 0.0, 2, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: units_needed(0.0, 0.2), r"difference=0\.0"),
        (lambda: units_needed(0.05, 0.2, power=1.0), r"power=1\.0"),
        (lambda: units_needed(0.05, 0.2, power=0.04), r"power=0\.04"),
        (lambda: units_needed(0.05, 0.2, alpha=0.0), r"alpha=0\.0"),
        (lambda: resolvable_difference(0.2, 1), "1 paired units"),
        (lambda: spread([0.1]), "1 paired units"),
    ],
)
def test_what_has_no_power_is_one_line(call: object, message: str) -> None:
    with pytest.raises(PowerError, match=message) as refused:
        call()  # type: ignore[operator]
    assert "\n" not in str(refused.value)
