"""Inclusion probabilities, the draw, and that the weights undo it."""

import numpy as np
import pytest

from benchmark.exam.pool import draw, inclusion, unit_probabilities
from benchmark.statistics.weighted import weighted_r


def test_formula_against_monte_carlo() -> None:
    rng = np.random.default_rng(1)
    p_unit = rng.random((6, 3)) * 0.5
    floor_draws = rng.random((40_000, 6)) < 0.1
    unit_draws = (rng.random((40_000, 6, 3)) < p_unit).any(axis=2)
    np.testing.assert_allclose(inclusion(p_unit, 0.1), (floor_draws | unit_draws).mean(axis=0), atol=0.012)


def test_no_weight_exceeds_twenty() -> None:
    assert (1 / inclusion(np.zeros((5, 2)))).max() == pytest.approx(20)
    with pytest.raises(ValueError, match=r"the floor f is 0\.049"):
        inclusion(np.zeros((5, 2)), 0.049)
    with pytest.raises(ValueError, match="unit_probabilities"):
        inclusion(np.full((5, 2), 1.5))


def test_each_unit_expects_forty_of_each_kind() -> None:
    positive, near = np.zeros(1000, dtype=bool), np.zeros(1000, dtype=bool)
    positive[:100], near[50:70], near[200:230] = True, True, True
    p = unit_probabilities(positive, near)
    assert p[positive].sum() == pytest.approx(40)
    assert (p[200:230] == 1.0).all()
    assert (p[300:] == 0).all()
    assert (unit_probabilities(np.zeros(4, dtype=bool), np.zeros(4, dtype=bool)) == 0).all()


def test_draw_is_seeded_and_has_the_stated_rates() -> None:
    pi = np.tile([0.05, 0.5, 1.0], 4000)
    entered = draw(pi, 3)
    np.testing.assert_array_equal(entered, draw(pi, 3))
    assert (entered != draw(pi, 4)).any()
    np.testing.assert_allclose(entered.reshape(-1, 3).mean(axis=0), [0.05, 0.5, 1.0], atol=0.03)


def test_weights_recover_the_corpus_r_and_unweighted_does_not() -> None:
    rng = np.random.default_rng(5)
    windows, words = 6000, 8
    truth = np.zeros((windows, words))
    firing = rng.choice(windows, 250, replace=False)
    truth[firing, rng.integers(0, words, 250)] = rng.uniform(2, 10, 250)
    # An over-broad report: right where the unit fires, and firing elsewhere, too.
    prediction = np.where(truth > 0, 8.0, 0.0) + 8.0 * (rng.random(truth.shape) < 0.02)
    positive = truth.max(axis=1) > 0
    pi = inclusion(unit_probabilities(positive, (prediction.max(axis=1) > 0) & ~positive)[:, None])
    corpus = weighted_r(truth.ravel(), prediction.ravel(), np.ones(truth.size))
    weighted, plain = [], []
    for seed in range(200):
        kept = draw(pi, seed)
        t, p, w = truth[kept].ravel(), prediction[kept].ravel(), np.repeat(1 / pi[kept], words)
        weighted.append(weighted_r(t, p, w))
        plain.append(weighted_r(t, p, np.ones(t.size)))
    assert abs(np.mean(weighted) - corpus) < 0.02
    assert abs(np.mean(plain) - corpus) > 0.05
