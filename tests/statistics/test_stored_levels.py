"""Stored levels met with sparse truths: the same r as dense sums, numpy's covariance and expanded tokens give."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.exam.items import Rows
from benchmark.statistics import levels, weighted
from benchmark.statistics.weighted import rows_r_matrix
from synthetic_neurons.passages import Floats, Ints


def world(seed: int, words: int = 400, rate: float = 0.02) -> tuple[list[Rows], Any, Floats, list[Floats], Ints]:
    """Five truths on tokens, the first three sparse; seven reports; weights, some of them 0."""
    rng = np.random.default_rng(seed)
    word_of = np.sort(np.concatenate([np.arange(words), rng.integers(0, words, words // 2)]))
    rates = [rate, rate, rate / 4, 0.4, 1.0]
    values = [np.where(rng.random(len(word_of)) < each, rng.gamma(2, 2, len(word_of)), 0.0) for each in rates]
    stored = rng.integers(0, 256, (7, words)).astype(np.uint8)
    stored[1:4] *= (rng.random((3, words)) < 0.05).astype(np.uint8)
    stored[4], stored[5] = 0, 255
    stored[6] = 200
    stored[6, 3] = 201
    weight = rng.uniform(1, 20, words) * (rng.random(words) < 0.9)
    return [Rows.of_tokens(each, word_of, words) for each in values], stored, weight, values, word_of


def by_covariance(values: Floats, prediction: Floats, weight: Floats) -> float:
    both = np.cov(values, prediction, aweights=weight, ddof=0)
    size = np.sqrt(both[0, 0] * both[1, 1])
    return float(both[0, 1] / size) if size > 1e-12 else 0.0


@pytest.mark.parametrize("seed", range(4))
def test_as_numpy_has_it_on_tokens(seed: int) -> None:
    rows, stored, weight, values, word_of = world(seed)
    found = rows_r_matrix(rows, stored, weight)
    for unit, each in enumerate(values):
        for report, prediction in enumerate(stored.astype(float)):
            expected = by_covariance(each, prediction[word_of], weight[word_of])
            assert found[unit, report] == pytest.approx(expected, abs=1e-9)
    assert (found[:, 4:6] == 0).all(), "constant levels have no r"


@given(st.integers(0, 10**6), st.sampled_from([1, 3, 64, 4096]))
def test_as_dense_sums_have_it_whatever_the_block(seed: int, block: int) -> None:
    rows, stored, weight, _, _ = world(seed, 120, 0.08)
    dense = rows_r_matrix(rows, stored.astype(float), weight)
    kept = levels._BLOCK_VALUES
    levels._BLOCK_VALUES = block * len(stored)
    try:
        np.testing.assert_allclose(rows_r_matrix(rows, stored, weight), dense, atol=1e-12)
    finally:
        levels._BLOCK_VALUES = kept


def test_only_sparse_truths_and_stored_levels_go_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, stored, weight, _, _ = world(0)
    met: list[int] = []
    monkeypatch.setattr(
        weighted, "stored_r", lambda signals, *rest: met.append(len(signals)) or levels.stored_r(signals, *rest)
    )
    rows_r_matrix(rows, stored.astype(float), weight)
    assert met == []
    rows_r_matrix(rows, stored, weight)
    assert met == [3]


def test_a_dead_truth_and_no_weight_have_no_r() -> None:
    rows, stored, weight, _, _ = world(1)
    dead = Rows.of_words(np.zeros(len(weight)))
    unseen = Rows.of_words(np.where(weight > 0, 0.0, 3.0))
    assert (rows_r_matrix([dead, unseen], stored, weight) == 0).all()
    assert (rows_r_matrix(rows, stored, np.zeros_like(weight)) == 0).all()
    assert rows_r_matrix(rows, stored[:0], weight).shape == (5, 0)


def test_units_with_other_tokens_have_their_own_shares() -> None:
    """A unit of which some tokens are unread weighs words otherwise than its neighbours."""
    rows, stored, weight, values, word_of = world(2)
    read = np.arange(len(word_of)) % 5 > 0
    partly = Rows.of_tokens(values[0][read], word_of[read], len(weight))
    found = rows_r_matrix([*rows, partly], stored, weight)[-1]
    for report, prediction in enumerate(stored.astype(float)):
        expected = by_covariance(values[0][read], prediction[word_of][read], weight[word_of][read])
        assert found[report] == pytest.approx(expected, abs=1e-9)


def test_moments_of_levels() -> None:
    rng = np.random.default_rng(3)
    stored, share = rng.integers(0, 256, (5, 300)).astype(np.uint8), rng.dirichlet(np.ones(300))
    mean, sd = levels.moments(stored, share)
    np.testing.assert_allclose(mean, stored @ share, atol=1e-10)
    np.testing.assert_allclose(sd, [np.sqrt(np.cov(each, aweights=share, ddof=0)) for each in stored], atol=1e-10)
    only = np.zeros(300)
    only[7] = 1
    assert (levels.moments(stored, only)[1] == 0).all()
