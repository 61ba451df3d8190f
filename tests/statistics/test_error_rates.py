"""Bounds of false rejections: against scipy and statsmodels, and by simulation with crossed clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from benchmark.statistics.error_rates import (
    Effective,
    clopper_pearson,
    effective_number,
    fewest_decisions,
    rate_bound,
    rejections,
)


@given(st.integers(1, 5_000), st.floats(0, 1), st.floats(0.8, 0.9999))
@settings(max_examples=60, deadline=None)
def test_clopper_pearson_is_scipy_s_and_statsmodels(number: int, share: float, level: float) -> None:
    hits = round(share * number)
    low, high = clopper_pearson(hits, number, level)
    test = stats.binomtest(hits, number)
    assert high == pytest.approx(
        stats.binomtest(hits, number, alternative="less").proportion_ci(level, "exact").high, rel=1e-9
    )
    assert low == pytest.approx(
        stats.binomtest(hits, number, alternative="greater").proportion_ci(level, "exact").low, abs=1e-9
    )
    two_sided = proportion_confint(hits, number, alpha=2 * (1 - level), method="beta")
    assert (low, high) == pytest.approx(two_sided, abs=1e-9)
    assert low <= test.statistic <= high


def test_of_no_decision_nothing_is_known() -> None:
    assert clopper_pearson(0, 0, 0.99) == (0.0, 1.0)
    found = rate_bound(np.zeros(0, dtype=bool), 0.05, 1)
    assert (found.rate, found.lower, found.upper, found.verdict) == (0.0, 0.0, 1.0, "too few")


@pytest.mark.parametrize(("alpha", "family"), [(0.00135, 42), (0.05, 42), (0.05, 1)])
def test_fewest_decisions_is_where_the_verdict_turns(alpha: float, family: int) -> None:
    least = fewest_decisions(alpha, family)
    assert rate_bound(np.zeros(least, dtype=bool), alpha, family).verdict == "passes"
    assert rate_bound(np.zeros(least - 1, dtype=bool), alpha, family).verdict == "too few"


def test_verdicts() -> None:
    def verdict(rejected: int, decisions: int, alpha: float = 0.05) -> str:
        return rate_bound(np.arange(decisions) < rejected, alpha, 1).verdict

    assert verdict(50, 1_000) == "passes"
    assert verdict(140, 1_000) == "fails"  # the upper bound is above 0.15
    assert verdict(80, 1_000) == "fails"  # at most 0.15, but surely above 0.05
    assert verdict(9, 20) == "fails"  # few, and surely too many all the same
    assert verdict(1, 20) == "too few"
    with pytest.raises(ValueError, match="family of 0"):
        rate_bound(np.zeros(5, dtype=bool), 0.05, 0)


def test_a_larger_family_has_wider_bounds_on_both_sides() -> None:
    rejected = np.arange(2_000) < 100
    one, many = rate_bound(rejected, 0.05, 1), rate_bound(rejected, 0.05, 42)
    assert many.level == pytest.approx(1 - 0.01 / 42)
    assert many.upper > one.upper > 0.05 > one.lower > many.lower


def test_alike_decisions_of_a_cluster_count_once() -> None:
    rng = np.random.default_rng(0)
    alike = np.repeat(rng.random(400) < 0.2, 25)
    found = effective_number(alike, np.repeat(np.arange(400), 25))
    assert found.number == pytest.approx(400, rel=0.01)
    assert found.freedom == 399
    # Crossed with a second way that holds nothing, nothing is gained.
    crossed = effective_number(alike, np.repeat(np.arange(400), 25), np.tile(np.arange(25), 400))
    assert crossed.number <= found.number * 1.01
    apart = effective_number(rng.random(10_000) < 0.2, np.arange(10_000))
    assert apart.number == pytest.approx(10_000, rel=0.01)


def test_without_a_rejection_only_what_is_sure_is_claimed() -> None:
    nothing = np.zeros(5_000, dtype=bool)
    found = effective_number(nothing, np.zeros(5_000, dtype=np.int64), least=24)
    assert (found.number, found.freedom) == (24.0, None)
    assert rate_bound(nothing, 0.05, 1, found).verdict == "too few"
    assert effective_number(np.arange(50) < 5, np.zeros(50, dtype=np.int64)).number == 1
    # Nor less than that: two clusters give a poor estimate, and what is sure stays.
    some = np.arange(5_000) % 2_500 < 3
    poor = effective_number(some, np.repeat([0, 1], 2_500), least=24)
    assert rate_bound(some, 0.05, 42, poor).effective >= 24
    assert rate_bound(nothing, 0.05, 1).verdict == "passes"


def _crossed(rng: np.random.Generator, units: int, reports: int) -> np.ndarray:
    """Rejections of placebos on units, with effects of both: probit, marginally at 5%."""
    unit, report = rng.normal(0, 0.4, (units, 1)), rng.normal(0, 0.4, (1, reports))
    z = unit + report + rng.normal(0, np.sqrt(1 - 2 * 0.16), (units, reports))
    return np.asarray(z > stats.norm.isf(0.05))


def test_bounds_cover_where_decisions_share_units_and_reports() -> None:
    rng, units, reports, trials = np.random.default_rng(1), 24, 150, 250
    first, second = np.repeat(np.arange(units), reports), np.tile(np.arange(reports), units)
    covered = naive = one_way = 0
    for _ in range(trials):
        rejected = _crossed(rng, units, reports).ravel()
        effective = effective_number(rejected, first, second, least=units)
        covered += rate_bound(rejected, 0.05, 1, effective).upper >= 0.05
        one_way += rate_bound(rejected, 0.05, 1, effective_number(rejected, second)).upper >= 0.05
        naive += rate_bound(rejected, 0.05, 1).upper >= 0.05
    # 99% promised; four binomial standard deviations at 250 trials are 2.5 points. Ignoring the clusters costs 20.
    assert covered / trials > 0.965
    assert naive / trials < 0.85
    assert one_way / trials < 0.965


def test_a_p_at_the_level_is_a_rejection() -> None:
    assert rejections([0.05, 0.0500001, 0.01], 0.05).tolist() == [True, False, True]
    assert Effective(3.0).freedom is None
