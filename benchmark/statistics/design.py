"""How far r from the pool may lie from r over all exam windows: the error of the draw (METHOD.md section 1).

The pool is one Poisson sample of windows with known inclusion probabilities, so the error of a Hájek estimate is known
from the sample itself, by linearisation (Särndal, Swensson and Wretman 1992, sections 5.5 and 5.7). This is the error
of one unit's r for want of windows; intervals on a board are over units and are another thing.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from benchmark.exam.items import Rows
from benchmark.statistics.weighted import rows_r
from synthetic_neurons.passages import Floats, Ints

# r closer to 1 than this has no Fisher transform to speak of.
_PERFECT = 1e-9


@dataclass(frozen=True)
class PoolR:
    """r from the pool with the error of the draw.

    Attributes:
        r: the Hájek estimate, that of `rows_r`.
        error: its standard error over draws of the pool; 0 where every window was certain to enter, or r is constant.
        low, high: the interval, by Fisher's transform, for r over all windows.
    """

    r: float
    error: float
    low: float
    high: float


def _influence(rows: Rows, prediction: Floats, weight: Floats, r: float) -> Floats:
    """float64 [words]: what each word's tokens add to r, as z_x z_y - r (z_x^2 + z_y^2) / 2 summed over them."""
    share = weight * rows.count / (weight @ rows.count)
    mean_x, mean_y = (weight @ rows.total) / (weight @ rows.count), share @ prediction
    square_x = rows.square - 2 * mean_x * rows.total + rows.count * mean_x**2
    variance_x, variance_y = (weight @ square_x) / (weight @ rows.count), share @ (prediction - mean_y) ** 2
    z_x = (rows.total - rows.count * mean_x) / np.sqrt(variance_x)
    z_y = (prediction - mean_y) / np.sqrt(variance_y)
    return np.asarray(z_x * z_y - r / 2 * (square_x / variance_x + rows.count * z_y**2), dtype=float)


def pool_r(rows: Rows, prediction: Floats, word_weight: Floats, window_of: Ints, level: float = 0.95) -> PoolR:
    """The r from the pool, with the interval in which r over all exam windows lies.

    Args:
        rows: the truth of one unit.
        prediction: float64 [words], levels.
        word_weight: float64 [words], 1/pi of each word's window; at least 1.
        window_of: int64 [words], the window of each word: windows are drawn, not words.
        level: coverage.

    Raises:
        ValueError: a weight below 1 is no 1/pi.
    """
    if len(word_weight) and word_weight.min() < 1:
        raise ValueError(f"a weight of {word_weight.min():.3g} is no 1/pi; give the windows' weights, 1 or above")
    r = rows_r(rows, prediction, word_weight)
    if r == 0.0:
        return PoolR(0.0, 0.0, 0.0, 0.0)
    influence = np.bincount(window_of, _influence(rows, prediction, word_weight, r))
    weight = np.zeros(len(influence))
    weight[window_of] = word_weight
    # Horvitz and Thompson's variance of a Poisson sample: (1 - pi) / pi^2 is w (w - 1).
    total = float(word_weight @ rows.count)
    error = float(np.sqrt(np.maximum(weight * (weight - 1), 0.0) @ influence**2)) / total
    reach = float(stats.norm.isf((1 - level) / 2)) * error
    near = float(np.clip(r, -1 + _PERFECT, 1 - _PERFECT))
    centre, spread = np.arctanh(near), reach / (1 - near**2)
    return PoolR(r, error, float(np.tanh(centre - spread)), float(np.tanh(centre + spread)))
