"""Weighted correlation and base-rate metrics against references."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score, f1_score, precision_score

from benchmark.exam.items import Rows
from benchmark.statistics.weighted import base_rate_metrics, effective_sample_size, rows_r, rows_r_matrix, weighted_r

eighths = st.integers(0, 80).map(lambda value: value / 8)


@given(st.lists(st.tuples(eighths, eighths, st.integers(0, 5)), min_size=2, max_size=30))
def test_integer_weights_equal_repetition(rows: list[tuple[float, float, int]]) -> None:
    truth, prediction, weight = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    repeated = np.repeat(truth, weight.astype(int)), np.repeat(prediction, weight.astype(int))
    r = weighted_r(truth, prediction, weight)
    if any(len(set(side)) < 2 for side in repeated):
        assert r == 0.0
    else:
        assert r == pytest.approx(stats.pearsonr(*repeated).statistic, abs=1e-9)


@given(st.data())
def test_folded_rows_equal_expanded_tokens(data: st.DataObject) -> None:
    counts = np.array(data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=12)))
    words, tokens = len(counts), int(counts.sum())
    word_of = np.repeat(np.arange(words), counts)
    values = np.array(data.draw(st.lists(eighths, min_size=tokens, max_size=tokens)), dtype=float)
    prediction = np.array(data.draw(st.lists(eighths, min_size=words, max_size=words)))
    weight = np.array(data.draw(st.lists(st.integers(0, 20), min_size=words, max_size=words)), dtype=float)
    expanded = weighted_r(values, prediction[word_of], weight[word_of])
    assert rows_r(Rows.of_tokens(values, word_of, words), prediction, weight) == pytest.approx(expanded, abs=1e-9)


def test_matrix_equals_one_by_one_for_mixed_counts_and_stored_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 4, size=50)
    word_of = np.repeat(np.arange(50), counts)
    units = [Rows.of_tokens(rng.random(len(word_of)), word_of, 50) for _ in range(3)]
    units += [Rows.of_words(rng.random(50)), Rows.of_words(np.zeros(50))]
    reports = rng.integers(0, 256, size=(7, 50)).astype(np.uint8)
    reports[2] = 9
    weight = rng.integers(1, 20, size=50).astype(float)
    monkeypatch.setattr("benchmark.statistics.weighted._CHUNK_VALUES", 100)
    monkeypatch.setattr("benchmark.statistics.weighted._CHUNK_UNITS", 2)
    matrix = rows_r_matrix(units, reports, weight)
    one_by_one = [[rows_r(unit, report.astype(float), weight) for report in reports] for unit in units]
    np.testing.assert_allclose(matrix, one_by_one, atol=1e-12)
    assert (matrix[:, 2] == 0).all()
    assert (matrix[4] == 0).all()


def test_sign_and_perfect_prediction() -> None:
    truth, weight = np.array([0.0, 0, 3, 7]), np.array([20.0, 20, 1, 1])
    assert weighted_r(truth, truth, weight) == pytest.approx(1.0)
    assert weighted_r(truth, 10 - truth, weight) == pytest.approx(-1.0)
    assert rows_r(Rows.of_words(truth), truth, weight) == pytest.approx(1.0)
    assert rows_r(Rows.of_words(truth), 10 - truth, weight) == pytest.approx(-1.0)


@pytest.mark.parametrize("level", [0.0, 0.1, 0.7, 1 / 3, 1e9])
def test_constant_is_exactly_zero(level: float) -> None:
    truth, weight = np.linspace(0, 1, 7), np.full(7, 0.1)
    constant = np.full(7, level)
    assert weighted_r(truth, constant, weight) == 0.0
    assert weighted_r(constant, truth, weight) == 0.0
    assert rows_r(Rows.of_words(truth), constant, weight) == 0.0
    # Sums over tokens round differently in words of different lengths.
    counts = np.array([1, 2, 3, 5, 6, 7, 11])
    uneven = Rows.of_tokens(np.full(counts.sum(), level), np.repeat(np.arange(7), counts), 7)
    assert rows_r(uneven, truth, weight) == 0.0


def test_nothing_to_weigh_is_zero_and_bad_input_is_named() -> None:
    values = np.arange(3.0)
    assert weighted_r(values, values, np.zeros(3)) == 0.0
    assert rows_r(Rows.of_words(values), values, np.zeros(3)) == 0.0
    assert rows_r_matrix([Rows.of_words(values)], np.zeros((0, 3)), np.ones(3)).shape == (1, 0)
    with pytest.raises(ValueError, match="not finite"):
        weighted_r(values, np.array([0, np.nan, 1]), np.ones(3))
    with pytest.raises(ValueError, match="4 values for 3 words"):
        rows_r(Rows.of_words(values), np.zeros(4), np.ones(3))


def test_one_firing_word_among_very_many() -> None:
    truth = np.zeros(200_000)
    truth[77] = 5.0
    assert rows_r(Rows.of_words(truth), truth, np.full(200_000, 20.0)) == pytest.approx(1.0, abs=1e-9)


def test_base_rate_metrics_against_repetition() -> None:
    rng = np.random.default_rng(2)
    fires, level, weight = rng.random(300) < 0.2, rng.integers(0, 11, 300).astype(float), rng.integers(0, 6, 300)
    metrics = base_rate_metrics(fires, level, 5.0, weight.astype(float))
    truth, repeated = np.repeat(fires, weight), np.repeat(level, weight)
    assert metrics.auprc == pytest.approx(average_precision_score(truth, repeated))
    assert metrics.f1 == pytest.approx(f1_score(truth, repeated >= 5.0))
    assert metrics.precision == pytest.approx(precision_score(truth, repeated >= 5.0))


def test_base_rate_metrics_where_nothing_fires() -> None:
    silent = base_rate_metrics(np.zeros(4, dtype=bool), np.ones(4), 5.0, np.ones(4))
    assert (silent.auprc, silent.f1, silent.precision) == (0.0, 0.0, 0.0)
    unsaid = base_rate_metrics(np.array([True, False]), np.zeros(2), 5.0, np.ones(2))
    assert (unsaid.f1, unsaid.precision) == (0.0, 0.0)


def test_effective_sample_size() -> None:
    assert effective_sample_size(np.full(8, 3.0)) == pytest.approx(8)
    assert effective_sample_size(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert effective_sample_size(np.zeros(3)) == 0.0
