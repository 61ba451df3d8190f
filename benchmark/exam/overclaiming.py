"""Claims that agree with their unit no better than strangers' reports do, and confidence beyond what is attained."""

from collections.abc import Sequence

import numpy as np

from benchmark.statistics.headline import FEWEST_STRANGERS
from synthetic_neurons.passages import Floats

ALPHA = 0.05
_TIE = 1e-12


def no_better_than_strangers(r: float, strangers: Sequence[float] | Floats, alpha: float = ALPHA) -> bool | None:
    """Whether a claim's r with its unit is one that strangers' reports reach.

    The rank of the claim among the reports of METHOD.md section 4, nearest to it in predicted firing rate and length:
    p = (b + 1) / (n + 1), ties against; at p > alpha the claim is no better than they are.

    Args:
        r: the claim's own, read alone.
        strangers: float64 [n], r of the strangers' reports on the same unit.
        alpha: with 99 strangers, 0.05 means that at most four of them may do as well.

    Returns:
        None (not resolvable) with fewer than 19 strangers, who could not tell whatever the claim says.
    """
    if len(strangers) < FEWEST_STRANGERS:
        return None
    as_good = int((np.asarray(strangers, dtype=float) >= r - _TIE).sum())
    return (as_good + 1) / (len(strangers) + 1) > alpha


def excess_confidence(confidence: float, r: float) -> float:
    """How far the stated confidence lies above the score attained; a negative r attains nothing.

    Args:
        confidence: 0 to 1.
        r: of the report, by one reader.
    """
    return confidence - max(0.0, r)
