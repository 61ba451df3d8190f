"""Truths met with truths by what is active alone, and stored levels counted together: what dense sums give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.exam.cross_examination import dequantise, level_threshold, stored_threshold
from benchmark.exam.grading import grade_pool
from benchmark.exam.items import Rows
from benchmark.statistics.weighted import base_rate_metrics, rows_r, rows_r_matrix, truths_r
from synthetic_neurons.passages import Floats

EXACT = 1e-12


def units(seed: int, words: int = 300) -> tuple[list[Rows], Floats]:
    """Truths on words, on tokens and on some tokens; sparse, dense, always on, constant, dead, unseen; and weights."""
    rng = np.random.default_rng(seed)
    weight = rng.uniform(1, 20, words) * (rng.random(words) < 0.9)
    word_of = np.sort(np.concatenate([np.arange(words), rng.integers(0, words, words // 2)]))
    read = rng.random(len(word_of)) < 0.8
    values = [np.where(rng.random(len(word_of)) < rate, rng.gamma(2, 2, len(word_of)), 0.0) for rate in (0.02, 0.3, 1)]
    on_words = [
        np.where(rng.random(words) < 0.05, rng.gamma(2, 2, words), 0.0),
        rng.gamma(2, 2, words),
        np.full(words, rng.uniform(0.1, 9)),
        np.zeros(words),
        np.where(weight > 0, 0.0, 3.0),
        np.where(weight > 0, 3.7, 0.0),
    ]
    return [
        *(Rows.of_words(each) for each in on_words),
        *(Rows.of_tokens(each, word_of, words) for each in values),
        *(Rows.of_tokens(each[read], word_of[read], words) for each in values),
    ], weight


@given(st.integers(0, 10**6))
def test_truths_meet_as_predictions_of_dense_sums_do(seed: int) -> None:
    rows, weight = units(seed)
    dense = rows_r_matrix(rows, np.stack([each.total for each in rows]), weight)
    np.testing.assert_allclose(truths_r(rows, weight), dense, atol=1e-9)


def test_constant_truths_meet_none() -> None:
    """Whatever their value and the weights: rounding is not taken for spread."""
    for seed in range(30):
        rows, weight = units(seed)
        found = truths_r(rows, weight)
        assert (found[:, 2:6] == 0).all(), seed
        assert (found[2:6] == 0).all(), seed
    assert (truths_r(rows, np.zeros_like(weight)) == 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_truths_keep_what_they_were_made_of(seed: int) -> None:
    rng = np.random.default_rng(seed)
    word_of = np.sort(rng.integers(0, 50, 90))
    values = np.where(rng.random(90) < 0.3, rng.gamma(2, 2, 90), 0.0)
    rows = Rows.of_tokens(values, word_of, 50)
    for word in range(50):
        mine = values[word_of == word]
        assert rows.count[word] == len(mine)
        assert rows.total[word] == pytest.approx(mine.sum())
        assert rows.square[word] == pytest.approx((mine**2).sum())
    assert (rows.active == np.flatnonzero(rows.total)).all()
    words = rng.permutation(50)[:20]
    some = rows.on(words)
    for whole, part in ((rows.count, some.count), (rows.total, some.total), (rows.square, some.square)):
        assert (whole[words] == part).all()


def test_a_truth_takes_memory_by_what_is_active() -> None:
    values = np.zeros(100_000)
    values[[5, 77]] = 2.0
    rows = Rows.of_words(values)
    assert rows.active.nbytes + rows.active_total.nbytes + rows.active_square.nbytes == 48
    assert rows.count.strides == (0,), "planted words have one token each, and one number says so"


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.01, 3.3, 7.0, 10.0]))
def test_stored_levels_grade_as_the_levels_they_stand_for(seed: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    truth = np.where(rng.random(200) < 0.1, rng.gamma(2, 2, 200), 0.0)
    stored = (rng.integers(0, 256, 200) * (rng.random(200) < rng.random())).astype(np.uint8)
    weight = rng.uniform(1, 20, 200) * (rng.random(200) < 0.8)
    rows, levels, least = Rows.of_words(truth), dequantise(stored), level_threshold(threshold)
    quick, plain = (
        grade_pool(rows, stored, weight, stored_threshold(threshold)),
        grade_pool(rows, levels, weight, least),
    )
    for name in ("r", "auprc", "f1", "precision", "predicted_rate"):
        assert getattr(quick, name) == pytest.approx(getattr(plain, name), abs=EXACT), name
    assert quick.constant == plain.constant
    assert rows_r(rows, stored, weight) == pytest.approx(rows_r(rows, levels, weight), abs=EXACT)
    assert base_rate_metrics(truth > 0, stored, stored_threshold(threshold), weight).auprc == pytest.approx(
        base_rate_metrics(truth > 0, levels, least, weight).auprc, abs=EXACT
    )
