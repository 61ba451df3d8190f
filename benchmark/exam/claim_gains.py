"""What each claim of a report adds, and how often it fires: the two sides of the verbosity guardrail's account."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.grading import weighted_items_r
from benchmark.exam.items import Items
from synthetic_neurons.passages import Floats


@dataclass(frozen=True)
class ClaimGrade:
    """One claim's account.

    Attributes:
        gain: r of the report less r of the report without the claim; without its only claim a report has r 0.
        share: of words at base rate, 0 to 1, on how many the claim alone is predicted to fire.
    """

    gain: float
    share: float


def claim_grades(items: Items, levels: Sequence[Floats], limit: float) -> list[ClaimGrade]:
    """The account of every claim; empty where the unit is constant on the items, since nothing correlates with that.

    A report's level on a word is its strongest claim's, so that what it says without one of them needs no further
    reading.

    Args:
        items: of one slice.
        levels: float64 [words] a claim, each read alone.
        limit: the level from which a word is predicted to fire.
    """
    if not len(items.values) or items.values.max() == items.values.min() or not levels:
        return []
    each = np.stack(levels)
    weight = items.weight[items.passages.text_of]
    whole = weighted_items_r(items, each.max(axis=0))
    shares = (each >= limit) @ weight / weight.sum()
    gains = (whole - weighted_items_r(items, other) for other in _others(each))
    return [ClaimGrade(float(gain), float(share)) for gain, share in zip(gains, shares, strict=True)]


def _others(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 [claims, words]: the strongest of all claims but one; silence without any other."""
    if len(levels) == 1:
        return np.zeros_like(levels)
    strongest, second = np.sort(levels, axis=0)[[-1, -2]]
    first = levels.argmax(axis=0)
    others: NDArray[np.float64] = np.where(np.arange(len(levels))[:, None] == first, second, strongest)
    return others
