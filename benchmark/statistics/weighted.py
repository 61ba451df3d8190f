"""Weighted correlation and base-rate metrics: every figure is a Hájek estimate with weights 1/pi (METHOD.md section 1).

A correlation with a constant side is exactly 0, and nothing here returns NaN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack

from benchmark.exam.items import Rows
from benchmark.statistics.levels import DENSEST, Signal, signal, sparse_row, stored_r
from synthetic_neurons.passages import Floats, Ints

Bools = NDArray[np.bool_]
Levels = NDArray[np.uint8] | Floats

# Variance, relative to the largest squared value, below which a side is constant up to rounding.
_CONSTANT = 1e-18
# Spread within a word, relative to its squares, below which it is rounding in the sums that `Rows` keeps.
_ROUNDING = 1e-12
# Predictions held as float64 at once: 2**21 values are 16 MB, of which a handful of copies live.
_CHUNK_VALUES = 2**21
# Units of dense truth folded at once: for every such chunk the predictions are standardised anew, which costs more than
# the product.
_CHUNK_UNITS = 256


@dataclass(frozen=True)
class BaseRate:
    """Classification metrics at base rate.

    Attributes:
        auprc: area under the precision-recall curve, as average precision; 0 if nothing fires.
        f1, precision: at the reader's threshold; 0 where nothing is predicted to fire.
    """

    auprc: float
    f1: float
    precision: float


def _require_finite(name: str, values: Levels) -> None:
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds values that are not finite; a reader must return a level for every word")


def _require_shape(name: str, values: Levels, words: int) -> None:
    if values.shape[-1] != words:
        raise ValueError(f"{name} has {values.shape[-1]} values for {words} words; give one value a word")


def _standardise(values: Floats, share: Floats) -> Floats:
    """`values` to weighted mean 0 and variance 1 along the last axis; all zeros where they are constant."""
    size = np.abs(values).max(axis=-1, initial=0.0, keepdims=True)
    scaled = values / np.where(size > 0, size, 1.0)
    centred = scaled - (scaled @ share)[..., None]
    variance = (centred**2 @ share)[..., None]
    constant = (variance <= _CONSTANT) | (values.max(-1, keepdims=True) == values.min(-1, keepdims=True))
    return np.where(constant, 0.0, centred / np.sqrt(np.where(constant, 1.0, variance)))


def weighted_r(truth: Floats, prediction: Floats, weight: Floats) -> float:
    """Weighted Pearson r.

    Args:
        truth: float64 [rows].
        prediction: float64 [rows].
        weight: float64 [rows], not negative; rows of weight 0 are left out.

    Returns:
        r in [-1, 1]; exactly 0.0 if either side is constant or no row has weight.

    Raises:
        ValueError: lengths differ, or a value is not finite.
    """
    _require_shape("the truth", truth, len(weight))
    _require_shape("the prediction", prediction, len(weight))
    kept = weight > 0
    if not kept.any():
        return 0.0
    x, y = np.asarray(truth, dtype=float)[kept], np.asarray(prediction, dtype=float)[kept]
    _require_finite("the truth", x)
    _require_finite("the prediction", y)
    share = weight[kept] / weight[kept].sum()
    return float(np.clip(share @ (_standardise(x, share) * _standardise(y, share)), -1.0, 1.0))


def _share(rows: Rows, word_weight: Floats) -> Floats:
    """float64 [words]: each word's share of the weight of all tokens; 0 everywhere where there is none."""
    weight = word_weight * rows.count
    total = weight.sum()
    return weight / total if total > 0 else np.zeros_like(weight)


def _signal(rows: Rows, share: Floats) -> Floats:
    """float64 [words]: what a standardised prediction's product with is r; zeros for a constant truth.

    The truth's variance is that of its tokens: between words, and within words from the sums of squares.
    """
    mean, within = _per_word(rows.count, rows.total, rows.square)
    centred = np.where(share > 0, mean - share @ mean, 0.0)
    variance = share @ centred**2 + share @ within
    largest = (mean**2 + within)[share > 0].max(initial=0.0)
    return share * centred / np.sqrt(variance) if variance > _CONSTANT * largest else np.zeros_like(share)


def _per_word(count: Floats, total: Floats, square: Floats) -> tuple[Floats, Floats]:
    """The mean of a word's tokens, and their variance within it; [words] both."""
    tokens = np.where(count > 0, count, 1.0)
    mean = total / tokens
    within = square - total * mean
    within[within <= _ROUNDING * square] = 0.0
    return mean, within / tokens


def _sparse_signal(rows: Rows, share: Floats) -> Signal:
    """`_signal` from the words on which there is something; all others have a mean of 0 and nothing within."""
    seen = share[rows.active] > 0
    there, totals, squares = rows.active[seen], rows.active_total[seen], rows.active_square[seen]
    mean, within = _per_word(rows.count[there], totals, squares)
    weight = share[there]
    variance = _spread(mean, weight, share)[1] + weight @ within
    if variance <= _CONSTANT * (mean**2 + within).max(initial=0.0):
        return signal(there[:0], mean[:0], len(share))
    return signal(there, weight * mean / np.sqrt(variance), len(share))


def _spread(values: Floats, weight: Floats, share: Floats) -> tuple[float, float]:
    """Weighted mean and variance of some words' values, whose weights are theirs of all shares; elsewhere it is 0."""
    mean = float(weight @ values)
    # What is left of 1 is rounding where no other word has a share, and would pass for the spread of a constant.
    elsewhere = max(0.0, 1.0 - weight.sum()) if np.count_nonzero(weight) < np.count_nonzero(share) else 0.0
    return mean, float(weight @ (values - mean) ** 2 + elsewhere * mean**2)


def rows_r(rows: Rows, prediction: Levels, word_weight: Floats) -> float:
    """Weighted Pearson r over tokens, from truth folded to words: equals `weighted_r` on the expanded tokens.

    Args:
        rows: the truth of one unit.
        prediction: uint8 or float64 [words], written to all tokens of its word.
        word_weight: float64 [words]; a token weighs what its word weighs.
    """
    return float(rows_r_matrix([rows], prediction[None, :], word_weight)[0, 0])


def _chunks(count: int, size: int) -> Iterator[slice]:
    return (slice(at, at + size) for at in range(0, count, size))


def rows_r_matrix(rows: Sequence[Rows], predictions: Levels, word_weight: Floats) -> Floats:
    """`rows_r` of every report on every unit, by matrix products over chunks of reports.

    Args:
        rows: the truth of each unit.
        predictions: uint8 or float [reports, words]; r is free of scale, so stored levels serve as they are.
        word_weight: float64 [words].

    Returns:
        float64 [units, reports].

    Raises:
        ValueError: lengths differ, or a prediction is not finite.
    """
    _require_shape("the prediction", predictions, len(word_weight))
    for each in rows:
        _require_shape("the truth", each.count, len(word_weight))
    result = np.zeros((len(rows), len(predictions)))
    for members, share in _groups(rows, word_weight):
        for some in _chunks(len(members), _CHUNK_UNITS):
            result[members[some]] = _r_of_group([rows[i] for i in members[some]], predictions, share)
    return np.clip(result, -1.0, 1.0)


def truths_r(rows: Sequence[Rows], word_weight: Floats) -> Floats:
    """How units' truths agree: `rows_r_matrix` with each unit's sums over a word's tokens as the predictions.

    No product meets a word on which neither unit fires, and no truth is laid out.

    Args:
        rows: the truth of each unit.
        word_weight: float64 [words].

    Returns:
        float64 [units, units]; rows are the units whose truth is met token by token, columns those that predict.
    """
    result = np.zeros((len(rows), len(rows)))
    for members, share in _groups(rows, word_weight):
        signals = [_sparse_signal(rows[i], share) for i in members.tolist()]
        moments = [_predicting(each, share) for each in rows]
        mean, deviation = np.array([m for m, _ in moments]), np.array([d for _, d in moments])
        centred = _products(signals, rows) - np.outer([each.shift for each in signals], mean)
        result[members] = np.where(deviation > 0, centred / np.where(deviation > 0, deviation, 1.0), 0.0)
    return np.clip(result, -1.0, 1.0)


def _predicting(rows: Rows, share: Floats) -> tuple[float, float]:
    """Weighted mean and standard deviation of a unit's sums a word, the latter exactly 0 where they are constant."""
    weight = share[rows.active]
    mean, variance = _spread(rows.active_total, weight, share)
    largest = (rows.active_total[weight > 0] ** 2).max(initial=0.0)
    return mean, float(np.sqrt(variance)) if variance > _CONSTANT * largest else 0.0


def _products(signals: Sequence[Signal], rows: Sequence[Rows]) -> Floats:
    """Float64 [signals, units]: the signals' products with the units' sums a word."""
    sums = vstack([sparse_row(each.active, each.active_total, len(each.count)) for each in rows], format="csr")
    product: Floats = (vstack([each.sparse for each in signals], format="csr") @ sums.T).toarray()
    return product


def _groups(rows: Sequence[Rows], word_weight: Floats) -> Iterator[tuple[Ints, Floats]]:
    """Units whose words have the same shares of the weight: which units, the share [words]."""
    groups: list[tuple[Floats, list[int]]] = []
    for index, each in enumerate(rows):
        known = next((members for count, members in groups if _same(count, each.count)), None)
        if known is None:
            groups.append((each.count, [index]))
        else:
            known.append(index)
    for _, members in groups:
        yield np.array(members), _share(rows[members[0]], word_weight)


def _same(one: Floats, other: Floats) -> bool:
    return one is other or np.array_equal(one, other)


def _r_of_group(rows: Sequence[Rows], predictions: Levels, share: Floats) -> Floats:
    """Correlations [units, reports] of units with one share; sparse truths with stored levels by their own way."""
    stored = predictions.dtype == np.uint8 and bool(share.any())
    sparse = np.array([stored and len(each.active) <= DENSEST * len(share) for each in rows], dtype=bool)
    result = np.zeros((len(rows), len(predictions)))
    if sparse.any():
        signals = [_sparse_signal(rows[i], share) for i in np.flatnonzero(sparse).tolist()]
        result[sparse] = stored_r(signals, predictions.astype(np.uint8, copy=False), share)
    if not sparse.all():
        dense = np.stack([_signal(rows[i], share) for i in np.flatnonzero(~sparse).tolist()])
        result[~sparse] = _correlate(dense, predictions, share)
    return result


def _correlate(signals: Floats, predictions: Levels, share: Floats) -> Floats:
    """Correlations [units, reports] by matrix products over chunks of reports.

    Args:
        signals: float64 [units, words], from `_signal`.
        predictions: [reports, words].
        share: float64 [words], the same for all the units; 0 everywhere gives 0.
    """
    result = np.zeros((len(signals), len(predictions)))
    kept = share > 0
    weighing, shares = signals[:, kept], share[kept]
    for reports in _chunks(len(predictions), max(1, _CHUNK_VALUES // max(1, len(share)))):
        some = np.asarray(predictions[reports], dtype=float)
        _require_finite("the prediction", some)
        if len(shares):
            result[:, reports] = weighing @ _standardise(some[:, kept], shares).T
    return result


def base_rate_metrics(truth_fires: Bools, prediction: Levels, threshold: float, weight: Floats) -> BaseRate:
    """AUPRC, F1 and precision at base rate (scikit-learn, with sample weights).

    Args:
        truth_fires: bool [words].
        prediction: uint8 or float64 [words], levels; stored ones, uint8, are counted together, which is quicker.
        threshold: a word is predicted to fire from this level on.
        weight: float64 [words]; words of weight 0 are left out.
    """
    # Here, since it takes a second, and whoever lists explainers needs no grades.
    from sklearn.metrics import average_precision_score, precision_recall_fscore_support

    if prediction.dtype == np.uint8:
        truth_fires, prediction, weight = _together(truth_fires, prediction, weight)
    kept = weight > 0
    fires, level, kept_weight = truth_fires[kept], prediction[kept], weight[kept]
    if not fires.any():
        return BaseRate(0.0, 0.0, 0.0)
    precision, _, f1, _ = precision_recall_fscore_support(
        fires, level >= threshold, average="binary", sample_weight=kept_weight, zero_division=0.0
    )
    auprc = average_precision_score(fires, level, sample_weight=kept_weight)
    return BaseRate(float(auprc), float(f1), float(precision))


def _together(truth_fires: Bools, stored: Levels, weight: Floats) -> tuple[Bools, Floats, Floats]:
    """One row for every stored level and whether it fires, with the weight of all of its words; [512] each."""
    cell = stored.astype(np.int64) + 256 * truth_fires
    mass: Floats = np.bincount(cell, weight, minlength=512).astype(float)
    return np.arange(512) >= 256, (np.arange(512) % 256).astype(float), mass


def effective_sample_size(weight: Floats) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2; 0 without weight."""
    square = float((weight**2).sum())
    return float(weight.sum()) ** 2 / square if square > 0 else 0.0
