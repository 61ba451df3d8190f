"""Paired comparisons: the sign-flip test and "no worse than", against references and by simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmark.statistics.paired import (
    EXACT_UNITS,
    PairingError,
    compare,
    no_worse_than,
    over_seeds,
    paired_differences,
    sign_flip,
)
from synthetic_neurons.passages import Floats

eighths = st.integers(-16, 16).map(lambda n: n / 8)


def _within(share: float, expected: float, trials: int) -> bool:
    """Whether a share of so many trials is within four binomial standard deviations of what is expected."""
    return bool(abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / trials))


@settings(max_examples=60)
@given(st.lists(eighths, min_size=1, max_size=8))
def test_exact_p_counts_every_pattern_of_signs(values: list[float]) -> None:
    patterns = list(itertools.product((1, -1), repeat=len(values)))
    sums = [sum(sign * value for sign, value in zip(signs, values, strict=True)) for signs in patterns]
    both = sum(abs(each) >= abs(sum(values)) for each in sums) / len(patterns)
    greater = sum(each >= sum(values) for each in sums) / len(patterns)
    assert sign_flip(values, seed=1).p == pytest.approx(both, abs=1e-12)
    assert sign_flip(values, alternative="greater", seed=1).p == pytest.approx(greater, abs=1e-12)


def test_agrees_with_scipys_permutation_test() -> None:
    for seed, n in ((1, 10), (2, 60)):
        values = np.random.default_rng(seed).normal(0.25, 1.0, n)
        for ours, theirs in (("two-sided", "two-sided"), ("greater", "greater")):
            reference = stats.permutation_test(
                (values,), np.mean, permutation_type="samples", n_resamples=9_999, alternative=theirs, rng=seed
            ).pvalue
            p = sign_flip(values, alternative=ours, seed=seed).p  # type: ignore[arg-type]
            # Both sides draw: four standard deviations of a difference of two shares of 9,999 draws.
            slack = 1e-12 if n <= EXACT_UNITS else 4 * np.sqrt(2 * reference * (1 - reference) / 9_999)
            assert p == pytest.approx(reference, abs=slack)


@given(st.lists(eighths, min_size=1, max_size=20))
def test_the_sign_of_all_and_the_order_do_not_matter_to_two_sides(values: list[float]) -> None:
    test = sign_flip(values, draws=200, seed=1)
    assert sign_flip([-value for value in values], draws=200, seed=1) == test
    assert test.p >= test.smallest_p > 0
    if len(values) <= EXACT_UNITS:
        assert sign_flip([3 * value for value in reversed(values)], seed=2).p == pytest.approx(test.p)


def test_ties_count_against_and_p_is_never_zero() -> None:
    assert sign_flip([0.0] * 40, seed=1).p == 1.0
    assert sign_flip([], seed=1).p == 1.0
    strong = sign_flip(np.full(200, 0.1), draws=999, seed=1)
    assert strong.p == pytest.approx(0.001)
    assert strong.smallest_p == pytest.approx(0.001)
    assert sign_flip(np.full(2_000, 0.1), draws=999, seed=1).p == pytest.approx(0.001)
    # Every pattern of a lone unit reaches its own size.
    assert sign_flip([5.0], seed=1).p == 1.0
    assert sign_flip([1.0, -1.0], seed=1).p == 1.0


def test_few_units_have_a_smallest_p_that_two_sides_double() -> None:
    five = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    assert sign_flip(five, seed=1).smallest_p == sign_flip(five, seed=1).p == 2 / 32
    assert sign_flip(five, alternative="greater", seed=1).p == 1 / 32
    assert sign_flip(-five, alternative="greater", seed=1).p == 1.0


def _rejections(values: Floats, alternative: str = "two-sided") -> float:
    tests = [sign_flip(row, alternative=alternative, draws=299, seed=i) for i, row in enumerate(values)]  # type: ignore[arg-type]
    return float(np.mean([each.p <= 0.05 for each in tests]))


@pytest.mark.parametrize("n", [12, 40])
def test_size_at_five_percent(n: int) -> None:
    # Skewed by sign and heavy of tail, as differences of r are; symmetric about 0, which is what the null says.
    values = np.random.default_rng(n).standard_t(3, size=(1_200, n))
    assert _within(_rejections(values), 0.05, 1_200)
    assert _within(_rejections(values, "greater"), 0.05, 1_200)


def test_power_is_that_of_scipys_t_test_on_normal_differences() -> None:
    values = np.random.default_rng(5).normal(0.45, 1.0, size=(600, 40))
    ours = np.array([sign_flip(row, draws=999, seed=i).p <= 0.05 for i, row in enumerate(values)])
    theirs = stats.ttest_1samp(values, 0.0, axis=1).pvalue <= 0.05
    assert 0.7 < theirs.mean() < 0.9
    assert abs(ours.mean() - theirs.mean()) < 0.03
    # Not only as often: on the same data.
    assert (ours == theirs).mean() > 0.95


def test_no_worse_is_the_one_sided_t_test_and_equivalence_the_worse_of_two() -> None:
    rng = np.random.default_rng(6)
    first = rng.normal(0.5, 0.2, 60)
    second = first + rng.normal(0.01, 0.1, 60)
    found = no_worse_than(first, second, 0.05)
    lower = stats.ttest_1samp(first - second, -0.05, alternative="greater").pvalue
    upper = stats.ttest_1samp(first - second, 0.05, alternative="less").pvalue
    assert found.p_no_worse == pytest.approx(lower, abs=1e-12)
    assert found.p_equivalent == pytest.approx(max(lower, upper), abs=1e-12)
    better = no_worse_than(first + 0.3, second, 0.05)
    assert (better.no_worse, better.equivalent) == (True, False)
    worse = no_worse_than(first - 0.3, second, 0.05)
    assert (worse.no_worse, worse.equivalent) == (False, False)


@pytest.mark.parametrize(("shift", "expected"), [(-0.05, 0.05), (0.0, None)])
def test_size_of_the_two_one_sided_tests(shift: float, expected: float | None) -> None:
    differences = np.random.default_rng(7).normal(shift, 0.1, size=(1_000, 40))
    found = [no_worse_than(row, np.zeros(40), 0.05) for row in differences]
    no_worse, same = (np.mean([getattr(each, name) for each in found]) for name in ("no_worse", "equivalent"))
    if expected is None:
        # 0.05 is 3.2 standard errors away on either side, so both are found nearly always.
        assert min(no_worse, same) > 0.85
    else:
        assert _within(float(no_worse), expected, 1_000)
        assert _within(float(same), expected, 1_000)


def test_an_exact_zero_difference_is_equivalent_and_no_spread_leaves_nothing_to_chance() -> None:
    scores = np.random.default_rng(8).random(80)
    found = no_worse_than(scores, scores)
    assert (found.no_worse, found.equivalent, found.p_no_worse, found.p_equivalent) == (True, True, None, None)
    assert not no_worse_than(scores - 0.04, scores).no_worse
    assert no_worse_than(scores + 0.04, scores).no_worse
    assert not no_worse_than(scores + 0.04, scores).equivalent


def test_what_cannot_be_paired_is_named() -> None:
    with pytest.raises(PairingError, match="'b' was given to one explainer alone"):
        paired_differences({"a": 1.0}, {"a": 1.0, "b": 0.0})
    with pytest.raises(PairingError, match="margin=0"):
        no_worse_than([1.0, 2.0], [1.0, 2.0], 0.0)
    with pytest.raises(PairingError, match="1 scores against 1"):
        no_worse_than([1.0], [1.0])
    with pytest.raises(PairingError, match="'u' has no score"):
        over_seeds({"u": []})


def test_three_seeds_on_one_unit_are_one_unit() -> None:
    assert over_seeds({"u": [0.1, 0.2, 0.6], "v": [1.0]}) == pytest.approx({"u": 0.3, "v": 1.0})


def test_compare_says_all_at_once() -> None:
    rng = np.random.default_rng(9)
    hard = rng.uniform(0, 1, 60)
    second = {f"u{i}": float(value) for i, value in enumerate(hard)}
    first = {f"u{i}": float(value + 0.1 + rng.normal(0, 0.1)) for i, value in enumerate(hard)}
    found = compare(first, second, seed=1)
    assert found.verdict == "significant"
    assert found.difference.low is not None
    assert found.difference.low > 0
    assert found.won + found.lost + found.tied == found.difference.n == 60
    assert found.no_worse is not None
    assert found.no_worse.no_worse
    # 2.8 standard errors of a spread of 0.1 over 60 units.
    assert found.resolvable == pytest.approx(2.8 * 0.1 / np.sqrt(60), rel=0.3)
    back = compare(second, first, seed=1)
    assert (back.won, back.test.p) == (found.lost, found.test.p)
    assert back.difference.mean == pytest.approx(-found.difference.mean)
    few = compare({"a": 1.0, "b": 0.9, "c": 0.7}, {"a": 0.0, "b": 0.0, "c": 0.0}, seed=1)
    assert few.verdict == "not resolvable"
    assert few.difference.low is None
    nothing = compare({}, {}, seed=1)
    assert (nothing.no_worse, nothing.resolvable, nothing.verdict) == (None, None, "not resolvable")
