"""Collisions: reports on different units that a reader cannot tell apart ("descriptive collision", arXiv 2605.12874).

A score on one unit at a time cannot see them: a label shared by three units may predict each of them fairly.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from synthetic_neurons.passages import Floats

# Predictions that correlate so closely differ on a few words of thousands.
SAME = 0.99
# Words of a block: all reports' predictions on them are held as float32.
_BLOCK = 1 << 16

Levels = NDArray[np.uint8]


def collisions(predictions: Levels, weight: Floats, same: float = SAME) -> list[list[int]]:
    """Sets of reports whose predictions agree, directly or by way of others in the set.

    Args:
        predictions: uint8 [reports, words], stored levels on one pool.
        weight: float64 [words], not negative.
        same: two reports agree from this weighted r on; constant ones agree with each other, and with no other.

    Returns:
        Sets of two or more places, each ascending, by their first.
    """
    r = _correlations(predictions, weight)
    constant = np.isnan(np.diag(r))
    alike = np.where(np.isnan(r), np.logical_and.outer(constant, constant), r >= same)
    of = connected_components(alike, directed=False)[1]
    sets = [np.flatnonzero(of == each).tolist() for each in dict.fromkeys(of.tolist())]
    return [each for each in sets if len(each) > 1]


def _correlations(predictions: Levels, weight: Floats) -> Floats:
    """float64 [reports, reports]: weighted r; NaN where one is constant."""
    kept = weight > 0
    share = weight[kept] / weight[kept].sum()
    mean = np.array([levels[kept] @ share for levels in predictions])
    products = np.zeros((len(predictions), len(predictions)))
    places = np.flatnonzero(kept)
    for start in range(0, len(places), _BLOCK):
        some, part = places[start : start + _BLOCK], share[start : start + _BLOCK]
        apart = (predictions[:, some] - mean[:, None]) * np.sqrt(part)
        products += apart @ apart.T
    spread = np.sqrt(np.diag(products))
    varies = np.array([levels[kept].min() < levels[kept].max() for levels in predictions], dtype=bool)
    spread = np.where(varies, spread, np.nan)
    found: Floats = products / np.multiply.outer(spread, spread)
    return found
