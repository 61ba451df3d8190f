"""The rewrite metric without a subject: windows drawn, levels scaled, losses scored."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from benchmark.exam.items import Rows
from benchmark.exam.rewriting import Losses, draw_windows, mean_loss, mean_value, over_units, ratio, slope
from synthetic_neurons.passages import Floats


def unit(effect: float, score: float, own: float = 2.0) -> Losses:
    """A latent worth `effect`, of which a prediction keeps `score` and the mean a half less than nothing."""
    zero = own + effect
    return Losses(own, zero, zero + effect / 2, zero - score * effect)


def test_drawn_windows_stand_for_the_population() -> None:
    """Sums over drawn windows, weighted, are unbiased for sums over the whole pool; 400 draws, 4 standard errors."""
    rng = np.random.default_rng(0)
    fires, weight = rng.random(300) < 0.2, rng.uniform(1, 20, 300)
    loss = rng.gamma(2, 1, 300) + 5 * fires
    drawn = [draw_windows(fires, weight, 20, seed) for seed in range(400)]
    sums = np.array([each.weight @ loss[each.windows] for each in drawn])
    assert abs(sums.mean() - weight @ loss) < 4 * sums.std() / 20
    for each in drawn[:20]:
        assert fires[each.windows].sum() == 20
        assert len(each.windows) == 40
        assert all(a < b for a, b in pairwise(each.windows.tolist()))


def test_what_there_is_less_of_is_taken_whole() -> None:
    fires = np.array([True, False, False, True])
    found = draw_windows(fires, np.array([1.0, 2.0, 3.0, 4.0]), 9, 0)
    np.testing.assert_array_equal(found.windows, range(4))
    np.testing.assert_array_equal(found.weight, [1, 2, 3, 4])
    assert draw_windows(~np.zeros(3, bool), np.ones(3), 2, 0).weight.sum() == 3
    with pytest.raises(ValueError, match="draw 1 or more"):
        draw_windows(fires, np.ones(4), 0, 0)


def test_the_slope_is_that_of_a_regression_on_tokens() -> None:
    rng = np.random.default_rng(1)
    word_of = np.sort(rng.integers(0, 40, 90))
    values, levels, weight = rng.gamma(1, 2, 90), rng.uniform(0, 10, 40), rng.uniform(1, 20, 40)
    rows = Rows.of_tokens(values, word_of, 40)
    reference = LinearRegression(fit_intercept=False).fit(levels[word_of][:, None], values, weight[word_of])
    assert slope(levels, rows, weight) == pytest.approx(reference.coef_[0], rel=1e-9)
    assert mean_value(rows, weight) == pytest.approx(np.average(values, weights=weight[word_of]), rel=1e-9)


def test_a_report_that_never_or_wrongly_fires_has_no_slope() -> None:
    rows = Rows.of_words(np.array([0.0, 3.0]))
    assert slope(np.zeros(2), rows, np.ones(2)) == 0
    assert slope(np.array([5.0, 0.0]), rows, np.ones(2)) == 0
    opposite = Rows.of_words(np.array([1.0, -3.0]))
    assert slope(np.array([1.0, 1.0]), opposite, np.ones(2)) == 0, "a level never stands for less than silence"


def test_the_score_is_one_for_the_truth_and_nought_for_zero() -> None:
    assert Losses(2.0, 2.5, 2.4, 2.0).score == 1
    assert Losses(2.0, 2.5, 2.4, 2.5).score == 0
    assert Losses(2.0, 2.5, 2.4, 3.0).score == -1
    assert Losses(2.0, 2.5, 2.4, 3.0).floor == pytest.approx(0.2)
    harmless = Losses(2.0, 1.9, 1.9, 1.9)
    assert (harmless.score, harmless.floor) == (None, None)


def test_the_mean_loss_is_of_tokens() -> None:
    expanded = np.repeat([1.5, 0.5], [4, 2])
    found = mean_loss(np.array([6.0, 1.0]), np.array([4.0, 2.0]), np.array([2.0, 5.0]))
    assert found == pytest.approx(np.average(expanded, weights=np.repeat([2.0, 5.0], [4, 2])))
    assert mean_loss(np.zeros(1), np.zeros(1), np.ones(1)) == 0


def test_units_count_by_what_they_are_worth() -> None:
    units = [unit(1.0, 0.8), unit(0.001, -90.0), unit(0.5, 0.2)]
    found = over_units(units, seed=0)
    assert found.score == pytest.approx((0.8 - 0.09 + 0.1) / 1.501)
    assert (found.low, found.high) == (None, None), "no interval under ten units"
    assert found.floor == pytest.approx(-0.5)
    assert (found.n, found.helped, found.worthless) == (3, 2, 0)
    assert found.effect == pytest.approx(1501 / 3)


def test_harmless_units_stay_in_the_sums() -> None:
    units = [unit(1.0, 0.5), Losses(2.0, 1.8, 1.8, 1.8)]
    found = over_units(units, seed=0)
    assert found.score == pytest.approx(0.5 / 0.8)
    assert found.worthless == 1
    assert over_units([Losses(2.0, 1.8, 1.8, 1.8)], seed=0).score is None
    with pytest.raises(ValueError, match="one or more"):
        over_units([], seed=0)


@given(st.floats(-2, 1), st.floats(0.1, 10))
def test_the_pooled_score_is_free_of_the_loss_s_scale(score: float, scale: float) -> None:
    units = [unit(scale * (1 + i), score) for i in range(4)]
    found = over_units(units, seed=0).score
    assert found is not None
    assert found == pytest.approx(score, abs=1e-9)


def test_the_interval_covers() -> None:
    """Of the ratio of means over 40 units: 95% nominal, 200 worlds, at least 90% found."""
    rng = np.random.default_rng(2)

    def covers() -> bool:
        below = rng.gamma(2, 1, 40)
        above: Floats = 0.4 * below + rng.normal(0, 0.5, 40)
        found = ratio(above, below, seed=int(rng.integers(1 << 30)), resamples=300)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        return found.low <= 0.4 <= found.high

    assert 0.90 <= np.mean([covers() for _ in range(200)]) <= 0.99


def test_no_interval_where_a_resample_is_worth_nothing() -> None:
    below = np.array([5.0, *[-0.4] * 11])
    found = ratio(np.ones(12), below, seed=0)
    assert found is not None
    assert (found.low, found.high) == (None, None)
    assert ratio(np.ones(2), np.array([1.0, -1.0]), seed=0) is None
