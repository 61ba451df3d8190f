"""A claim against strangers' reports, and confidence against the score."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.exam.overclaiming import excess_confidence, no_better_than_strangers


@pytest.mark.parametrize(("as_good", "no_better"), [(0, False), (4, False), (5, True), (99, True)])
def test_at_most_four_of_99_strangers_may_do_as_well(as_good: int, no_better: bool) -> None:
    strangers = np.where(np.arange(99) < as_good, 0.3, 0.1)
    assert no_better_than_strangers(0.3, strangers) is no_better


def test_ties_count_against_the_claim() -> None:
    assert no_better_than_strangers(0.0, np.zeros(99)) is True


@pytest.mark.parametrize(("strangers", "verdict"), [(18, None), (19, False)])
def test_too_few_strangers_cannot_tell(strangers: int, verdict: bool | None) -> None:
    assert no_better_than_strangers(1.0, np.zeros(strangers)) is verdict


def test_a_stranger_s_claim_passes_for_better_one_time_in_twenty() -> None:
    rng = np.random.default_rng(0)
    draws = rng.standard_t(3, (4000, 100))
    better = np.mean([not no_better_than_strangers(float(own), others) for own, *others in draws])
    # Exactly 5 of 100 ranks; the standard error of the share is 0.0034.
    assert better == pytest.approx(0.05, abs=0.012)


@given(st.floats(-1, 1), st.lists(st.floats(-1, 1), min_size=19, max_size=60), st.randoms())
def test_order_scale_and_shift_change_nothing(own: float, strangers: list[float], random: object) -> None:
    turned = [2 * each + 3 for each in reversed(strangers)]
    near = any(abs(own - each) < 1e-9 and own != each for each in strangers)
    if not near:
        assert no_better_than_strangers(2 * own + 3, turned) == no_better_than_strangers(own, strangers)


@pytest.mark.parametrize(("confidence", "r", "excess"), [(0.9, 0.4, 0.5), (0.2, 0.5, -0.3), (0.6, -0.5, 0.6)])
def test_a_negative_r_attains_nothing(confidence: float, r: float, excess: float) -> None:
    assert excess_confidence(confidence, r) == pytest.approx(excess)
