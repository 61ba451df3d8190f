"""Stored predictions, the strangers' mask, matching features, discrimination."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.exam.cross_examination import (
    dequantise,
    discrimination,
    quantise,
    report_features,
    stored_threshold,
    stranger_mask,
)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30))
def test_quantise_round_trip(values: list[float]) -> None:
    levels = np.array(values)
    stored = quantise(levels)
    assert np.abs(dequantise(stored) - levels).max() <= 10 / 510 + 1e-12
    np.testing.assert_array_equal(quantise(dequantise(stored)), stored)


@given(st.floats(0.02, 10), st.floats(0, 10))
def test_stored_threshold_keeps_what_fires(threshold: float, level: float) -> None:
    if level >= threshold:
        assert quantise(np.array([level]))[0] >= stored_threshold(threshold)


def test_quantise_ends_halves_and_errors() -> None:
    np.testing.assert_array_equal(quantise(np.array([0.0, 10.0, -3.0, 12.0, 5.0, 1.0])), [0, 255, 0, 255, 128, 26])
    assert quantise(np.zeros(2)).dtype == np.uint8
    assert stored_threshold(0.0) == 1
    with pytest.raises(ValueError, match="not finite"):
        quantise(np.array([np.nan]))


def test_mask_needs_both_correlations_below_the_limit() -> None:
    source = np.array([[0.0, 0.95, 0.05, -0.4, 0.1, np.nan, np.nan]])
    own = np.array([[0.0, 0.02, 0.95, np.nan, 0.0, 0.02, np.nan]])
    assert stranger_mask(source, own).tolist() == [[True, False, False, True, False, True, False]]
    assert stranger_mask(source).tolist() == [[True, False, True, True, False, False, False]]


def test_features() -> None:
    prediction = quantise(np.array([6.0, 5.0, 4.0, 0.0]))
    features = report_features(prediction, np.array([1.0, 1.0, 1.0, 5.0]), 5.0, "  fires on dogs ")
    np.testing.assert_allclose(features, np.log([0.25, 13]))
    silent = report_features(np.zeros(4, dtype=np.uint8), np.ones(4), 5.0, "")
    np.testing.assert_allclose(silent, np.log([0.125, 1]))


def test_discrimination() -> None:
    r = np.array([[0.9, 0.2, 0.1], [0.3, 0.5, 0.1], [0.0, 0.6, 0.1]])
    assert discrimination(r).tolist() == [1, 2, 3]
    assert discrimination(r, np.array([1, 2, 0])).tolist() == [2, 1, 3]
