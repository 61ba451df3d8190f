"""Probes: fitting a direction to a concept on teach words, and measuring how far the two agree.

`means` is the difference of the class means; `logistic` is scikit-learn's logistic regression on standardised
coordinates, with the standardisation folded back into the direction. Their intercepts are not used: a unit's offset is
calibrated.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Floats, Ints

Bools = NDArray[np.bool_]
Vectors = NDArray[np.float32]
Fit = Callable[[Vectors, Bools], Vectors]

# Inverse strength of the L2 penalty; fixed before any figure was seen.
LOGISTIC_C = 0.1
# A few tokens have norms many times the usual; they would set the means and the scales by themselves.
OUTLIER = 3.0
FIRING_QUANTILE = 0.99
_CHUNK = 16_384


def difference_of_means(x: Vectors, fires: Bools) -> Vectors:
    """float32 [width]: the mean of the words on which the concept fires less that of the others."""
    difference: Vectors = (x[fires].mean(0, dtype=np.float64) - x[~fires].mean(0, dtype=np.float64)).astype(np.float32)
    return difference


def logistic(x: Vectors, fires: Bools) -> Vectors:
    """float32 [width]: the weights of a logistic regression, for coordinates as they come."""
    mean, scale = x.mean(0, dtype=np.float64), np.maximum(x.std(0, dtype=np.float64), 1e-6)
    standardised = ((x - mean) / scale).astype(np.float32)
    model = LogisticRegression(C=LOGISTIC_C, max_iter=400, tol=1e-3).fit(standardised, fires)
    weights: Vectors = (model.coef_[0] / scale).astype(np.float32)
    return weights


METHODS: dict[str, Fit] = {"means": difference_of_means, "logistic": logistic}


def usual(stream: NDArray[Any]) -> Bools:
    """Bool [words]: the vector's norm is below three times the median, and not zero."""
    norm = np.concatenate([np.linalg.norm(part.astype(np.float32), axis=1) for part in _chunks(stream)])
    kept: Bools = (norm > 0) & (norm < OUTLIER * np.median(norm[norm > 0]))
    return kept


def training_words(fires: Bools, allowed: Bools, silent: int, rng: np.random.Generator) -> Ints:
    """Places of the words to fit on: all on which the concept fires, and at most `silent` of the others."""
    others = np.flatnonzero(allowed & ~fires)
    drawn = rng.permutation(others)[:silent]
    return np.sort(np.concatenate([np.flatnonzero(allowed & fires), drawn]))


def hardest(along: Vectors, among: Bools, count: int) -> Ints:
    """Places of the `count` words of `among` that lie farthest along a direction; of equals, the first."""
    places = np.flatnonzero(among)
    return np.sort(places[np.argsort(-along[places], kind="stable")[:count]])


def project(stream: NDArray[Any], vectors: Vectors) -> Vectors:
    """float32 [words, directions]: the stream along each direction."""
    parts = [part.astype(np.float32) @ vectors.T for part in _chunks(stream)]
    return np.concatenate(parts or [np.zeros((0, len(vectors)), np.float32)])


def _chunks(stream: NDArray[Any]) -> list[NDArray[Any]]:
    return [stream[start : start + _CHUNK] for start in range(0, len(stream), _CHUNK)]


@dataclass(frozen=True)
class Agreement:
    """How far a direction and its concept agree on some words.

    Attributes:
        words, positives: how many there are, and on how many the concept fires.
        base_rate: their ratio.
        auprc: average precision of the projection for the concept.
        r_projection: Pearson r of the projection and the concept.
        r: Pearson r of the unit's value, max(0, projection - offset), and the concept: what the oracle's report
            reaches.
        fires: the share of words on which the unit fires.
        precision, recall, f1: of the unit's firing, for the concept.
    """

    words: int
    positives: int
    base_rate: float
    auprc: float
    r_projection: float
    r: float
    fires: float
    precision: float
    recall: float
    f1: float

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value, figures to five places."""
        return {name: value if isinstance(value, int) else round(value, 5) for name, value in asdict(self).items()}


def agreement(projection: NDArray[Any], concept: Bools, offset: float) -> Agreement:
    """Measure a projection against a concept; every word counts once.

    Args:
        projection: float [words].
        concept: bool [words]; a concept that never fires has an average precision of 0.
        offset: the projection above which the unit fires.
    """
    along, flag = projection.astype(np.float64), concept.astype(np.float64)
    on, one = along > offset, np.ones(len(along))
    both, positives = int((on & concept).sum()), int(concept.sum())
    return Agreement(
        words=len(concept),
        positives=positives,
        base_rate=positives / max(len(concept), 1),
        auprc=float(average_precision_score(concept, along)) if positives else 0.0,
        r_projection=weighted_r(flag, along, one),
        r=weighted_r(flag, np.maximum(along - offset, 0), one),
        fires=float(on.mean()),
        precision=both / max(int(on.sum()), 1),
        recall=both / max(positives, 1),
        f1=2 * both / max(int(on.sum()) + positives, 1),
    )


def intervals(
    projection: NDArray[Any], concept: Bools, offset: float, cluster: Ints, draws: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """95% percentile intervals of the average precision and of r, from resampled documents.

    Args:
        projection: float [words].
        concept: bool [words].
        offset: the projection above which the unit fires.
        cluster: int64 [words], the document of each word, from 0.
        draws: how many resamples.
        rng: draws them.
    """
    along, flag = projection.astype(np.float64), concept.astype(np.float64)
    value = np.maximum(along - offset, 0)
    size = int(cluster.max()) + 1
    columns = (np.ones(len(flag)), flag, value, flag * value, flag**2, value**2)
    sums = np.stack([np.bincount(cluster, each, minlength=size) for each in columns])
    # Words below the last one on which the concept fires do not change the average precision.
    order = np.argsort(-along, kind="stable")
    order = order[: int(np.flatnonzero(concept[order])[-1]) + 1] if concept.any() else order[:0]
    hit, home = flag[order], cluster[order]
    times = rng.multinomial(size, np.full(size, 1 / size), size=draws).astype(np.float64)
    auprc = [_average_precision(hit, each[home]) for each in times]
    r = _r_of_sums(sums @ times.T)
    return {"auprc": _bounds(auprc), "r": _bounds(r)}


def _bounds(draws: Sequence[float] | Floats) -> list[float]:
    return [round(float(bound), 5) for bound in np.quantile(draws, (0.025, 0.975))]


def _average_precision(hit: Floats, weight: Floats) -> float:
    """Average precision of weighted words, the highest first; ties count as ordered."""
    found = np.cumsum(hit * weight)
    total = found[-1] if len(found) else 0.0
    if total <= 0:
        return 0.0
    precision = found / np.maximum(np.cumsum(weight), 1e-12)
    return float((precision * hit * weight).sum() / total)


def _r_of_sums(sums: Floats) -> Floats:
    """Pearson r from sums of 1, x, y, xy, x², y²; 0 where a side is constant."""
    n, x, y, xy, xx, yy = sums
    spread = (n * xx - x**2) * (n * yy - y**2)
    r: Floats = np.where(spread > 1e-12, (n * xy - x * y) / np.sqrt(np.maximum(spread, 1e-12)), 0.0)
    return r
