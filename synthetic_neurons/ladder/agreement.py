"""True agreement: how well claims, taken exactly at their word, predict a unit."""

from collections.abc import Sequence

import numpy as np

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import FULL_LEVEL, PlantedClaim

# Variance, relative to the largest value squared, below which a side is constant up to rounding.
_CONSTANT = 1e-18


def claimed(claims: Sequence[PlantedClaim], passages: Passages) -> Floats:
    """What the claims say of every word: the greatest of level/10 times value, as the executable reader takes them.

    Returns:
        float64 [words], 0 to 1.
    """
    value = np.zeros(len(passages.words))
    for claim in claims:
        np.maximum(value, claim.level / FULL_LEVEL * evaluate(claim.predicate, passages), out=value)
    return value


def pearson(x: Floats, y: Floats, weights: Floats | None = None) -> float:
    """Weighted Pearson r; exactly 0 where either side is constant or nothing has weight.

    Args:
        x: float64 [words].
        y: float64 [words].
        weights: float64 [words], not negative; None if all weigh the same.
    """
    return float(np.clip(standardised(x, weights) @ standardised(y, weights), -1.0, 1.0))


def standardised(values: Floats, weights: Floats | None = None) -> Floats:
    """float64 [words]: values such that the product of two of them is their weighted r; zeros where constant."""
    share = np.ones(len(values)) if weights is None else weights
    if not share.sum() > 0:
        return np.zeros(len(values))
    share = share / share.sum()
    centred: Floats = values - share @ values
    variance = float(share @ centred**2)
    largest = np.abs(values[share > 0]).max()
    if variance <= _CONSTANT * largest**2:
        return np.zeros(len(values))
    centred *= np.sqrt(share / variance)
    return centred


def firing_f1(said: Floats, truth: Floats, weights: Floats | None = None) -> float:
    """F1 of "fires" (value above 0), weighted; 0 where nothing is rightly said to fire.

    Args:
        said: float64 [words].
        truth: float64 [words].
        weights: as in `pearson`.
    """
    share = np.ones(len(truth)) if weights is None else weights
    both = share @ ((said > 0) & (truth > 0))
    either = share @ (said > 0) + share @ (truth > 0)
    return float(2 * both / either) if either > 0 else 0.0
