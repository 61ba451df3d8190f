"""Grades: predictions on the pool and on the own items (METHOD.md sections 1 and 3).

Nothing is dropped and nothing is NaN.
"""

from dataclasses import dataclass

import numpy as np

from benchmark.exam.items import Items, Rows
from benchmark.statistics.weighted import Levels, base_rate_metrics, rows_r, weighted_r
from synthetic_neurons.passages import Floats

# What a class that has no item contributes to a balanced accuracy: no information either way.
_ABSENT = 0.5
RIGHT_SHARE = 0.99


@dataclass(frozen=True)
class PoolGrade:
    """Metrics at base rate, on the shared pool.

    Attributes:
        r: weighted Pearson; orders the board; 0 for a constant prediction.
        auprc, f1, precision: over words; a word fires if any of its tokens does.
        predicted_rate: weighted share of words predicted to fire.
        constant: whether every word got the same level.
    """

    r: float
    auprc: float
    f1: float
    precision: float
    predicted_rate: float
    constant: bool


@dataclass(frozen=True)
class Simulation:
    """Fires or does not fire, on the unit's own items, one to one to one.

    Attributes:
        accuracy: balanced, (recall + specificity) / 2.
        recall: share of the firing windows that are predicted to fire.
        specificity: share of the near-miss and silent windows that are not; they count together.
    """

    accuracy: float
    recall: float
    specificity: float


@dataclass(frozen=True)
class Grade:
    """All metrics of one paper: `PoolGrade` on the pool, `Simulation` on the own items."""

    r: float
    simulation_accuracy: float
    recall: float
    specificity: float
    auprc: float
    f1: float
    precision: float
    predicted_rate: float
    constant: bool


def grade_pool(rows: Rows, prediction: Levels, word_weight: Floats, threshold: float) -> PoolGrade:
    """Grade a prediction on the shared pool.

    Args:
        rows: the unit's truth, values not negative (planted values and SAE latents: fires means above 0).
        prediction: uint8 or float64 [words], stored levels (quicker) or levels.
        word_weight: float64 [words], `Pool.word_weight`.
        threshold: the reader's, on the scale of the prediction (`stored_threshold` or a level).
    """
    weight = np.where(rows.count > 0, word_weight, 0.0)
    seen = prediction[weight > 0]
    base = base_rate_metrics(rows.total > 0, prediction, threshold, weight)
    total = float(weight.sum())
    rate = float(weight @ (prediction >= threshold)) / total if total > 0 else 0.0
    constant = bool(seen.size == 0 or seen.max() == seen.min())
    return PoolGrade(rows_r(rows, prediction, word_weight), base.auprc, base.f1, base.precision, rate, constant)


def is_right(
    rows: Rows, prediction: Floats, word_weight: Floats, threshold: float, elsewhere: Floats | None = None
) -> bool:
    """Whether a report on a trivial unit is right (METHOD.md section 2: constant units have no r).

    On a dead unit a right report lets no word fire: a share of words would pass any report about something rare. On an
    always-on unit it lets 99 of 100 words fire, at base rate.

    Args:
        rows: the unit's truth on the pool.
        prediction: float64 [words], levels on the pool.
        word_weight: float64 [words], `Pool.word_weight`.
        threshold: the reader's.
        elsewhere: float64 [words], levels on further texts (own and shifted items), where a dead unit is silent too.
    """
    weight = np.where(rows.count > 0, word_weight, 0.0)
    fires, said = rows.total > 0, prediction >= threshold
    if not fires.any():
        return not said.any() and (elsewhere is None or not (elsewhere >= threshold).any())
    return bool(weight @ (said == fires) >= RIGHT_SHARE * weight.sum())


def simulate(items: Items, prediction: Floats, threshold: float) -> Simulation:
    """Balanced accuracy of "fires" on the own items.

    A window fires if its largest value is above 0, and is predicted to fire if its largest level reaches the threshold.
    A class without a window contributes 0.5, so nothing is NaN and nothing is won by it.

    Args:
        items: the unit's own items.
        prediction: float64 [words of `items.passages`], levels.
        threshold: the reader's.
    """
    fires = items.passages.per_text_max(items.values) > 0
    predicted = items.passages.per_text_max(prediction) >= threshold
    recall = float(predicted[fires].mean()) if fires.any() else _ABSENT
    specificity = float((~predicted[~fires]).mean()) if (~fires).any() else _ABSENT
    return Simulation((recall + specificity) / 2, recall, specificity)


def simulation_accuracy(items: Items, prediction: Floats, threshold: float) -> float:
    """The field's 90% rule: `simulate(...).accuracy`. It never ranks, since over-broad reports can score high on it."""
    return simulate(items, prediction, threshold).accuracy


def weighted_items_r(items: Items, prediction: Floats) -> float:
    """Weighted r over the own items' words, each with its window's weight: a small-sample estimate of the pool's r."""
    return weighted_r(items.values, prediction, items.weight[items.passages.text_of])


def grade(
    rows: Rows,
    pool_prediction: Floats,
    word_weight: Floats,
    items: Items,
    items_prediction: Floats,
    threshold: float,
) -> Grade:
    """One paper: `grade_pool` and `simulate` together."""
    pool = grade_pool(rows, pool_prediction, word_weight, threshold)
    simulation = simulate(items, items_prediction, threshold)
    return Grade(
        r=pool.r,
        simulation_accuracy=simulation.accuracy,
        recall=simulation.recall,
        specificity=simulation.specificity,
        auprc=pool.auprc,
        f1=pool.f1,
        precision=pool.precision,
        predicted_rate=pool.predicted_rate,
        constant=pool.constant,
    )
