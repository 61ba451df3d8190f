"""Correlations of stored levels with truths that are mostly zero, without a product over the zeros.

Found latents fire on a token in a hundred, and stored levels are whole numbers from 0 to 255. So only what is not
zero of a truth is met with the levels, and their moments come of how much weight each of the 256 values has. All sums
are in float64: what comes out is what dense sums give, up to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from synthetic_neurons.passages import Floats, Ints

# Of a truth's words; with more of them a dense product is quicker.
DENSEST = 0.1
_VALUES = 256
# Words whose levels are held as float64 at once, for all reports: 4,096 of them for 1,000 reports are 33 MB.
_BLOCK_VALUES = 2**22

Stored = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Signal:
    """A unit's truth, scaled so that its product with a prediction is r times the prediction's standard deviation.

    Attributes:
        sparse: float64 [1, words], share · value / sd where the value is not zero.
        shift: its sum, which the truth's centring takes off for each unit of the prediction's mean.
    """

    sparse: csr_array
    shift: float


def signal(there: Ints, scaled: Floats, words: int) -> Signal:
    """The signal of one truth.

    Args:
        there: int64 [n], words on which its value is not zero, ascending.
        scaled: float64 [n], their share of the weight · value / sd.
        words: how many there are in all.
    """
    return Signal(sparse_row(there, scaled, words), float(scaled.sum()))


def sparse_row(there: Ints, values: Floats, words: int) -> csr_array:
    """float64 [1, words]: values [n] at the places `there`, int64 [n], ascending."""
    return csr_array((values, there, np.array([0, len(there)])), shape=(1, words))


def moments(stored: Stored, share: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and standard deviation of each report's levels; exactly 0 for the latter where they are constant.

    Args:
        stored: uint8 [reports, words].
        share: float64 [words], summing to 1; words of share 0 are left out.
    """
    values = np.arange(_VALUES, dtype=np.float64)
    mean, sd = np.zeros(len(stored)), np.zeros(len(stored))
    for row, levels in enumerate(stored):
        weight = np.bincount(levels, share, minlength=_VALUES)
        mean[row] = weight @ values
        if np.count_nonzero(weight) > 1:
            sd[row] = np.sqrt(weight @ (values - mean[row]) ** 2)
    return mean, sd


def stored_r(signals: Sequence[Signal], stored: Stored, share: Floats) -> Floats:
    """Float64 [units, reports]: weighted r of every report with every unit; 0 where the levels are constant.

    Args:
        signals: of the units.
        stored: uint8 [reports, words].
        share: float64 [words], the same for all the units.
    """
    weighing = vstack([each.sparse for each in signals], format="csc")
    product = _product(weighing, stored)
    mean, sd = moments(stored, share)
    centred = product - np.outer([each.shift for each in signals], mean)
    result: Floats = np.where(sd > 0, centred / np.where(sd > 0, sd, 1.0), 0.0)
    return result


def _product(weighing: csr_array, stored: Stored) -> Floats:
    """Float64 [units, reports]: `weighing` @ `stored`ᵀ, over the words on which some unit is not zero, in blocks."""
    fired = np.flatnonzero(np.diff(weighing.indptr))
    product = np.zeros((weighing.shape[0], len(stored)))
    size = max(1, _BLOCK_VALUES // max(1, len(stored)))
    for at in range(0, len(fired), size):
        words = fired[at : at + size]
        levels = np.ascontiguousarray(stored[:, words].T, dtype=np.float64)
        product += csr_array(weighing[:, words]) @ levels
    return product
