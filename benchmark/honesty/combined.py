"""A combination of all detectors, fitted on one half of the units: what they know together."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from benchmark.honesty.detectors import COMBINED
from synthetic_neurons.passages import Floats

FOLDS = 5
QUANTILES = 100
NAMES = ("combined_linear", "combined_trees")
Bools = NDArray[np.bool_]


def models(seed: int) -> dict[str, BaseEstimator]:
    """The two combinations: of ranks by logistic regression, and by boosted trees, which see interactions."""
    ranks = QuantileTransformer(n_quantiles=QUANTILES, random_state=seed)
    return {
        "combined_linear": make_pipeline(ranks, LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000)),
        "combined_trees": HistGradientBoostingClassifier(
            max_depth=3, max_iter=150, learning_rate=0.1, class_weight="balanced", random_state=seed
        ),
    }


def fitted(
    table: Mapping[str, Floats],
    is_lie: Bools,
    units: Sequence[int],
    dev: Bools,
    seed: int,
    known: Bools | None = None,
) -> dict[str, Floats]:
    """Combination to float64 [reports].

    A report of the other half is scored by the fit to the whole dev half; one of the dev half by a fit to four fifths
    of its units that has not seen its unit, so that a threshold set on them is not flattered.

    Args:
        table: detector to scores.
        is_lie: what is to be told.
        units: the unit of each report.
        dev: which reports are of the dev half.
        seed: of the fits.
        known: which reports may be fitted on; all if None. All are scored.
    """
    features = np.column_stack([table[name] for name in COMBINED])
    groups = np.asarray(units)
    may = np.ones(len(features), dtype=bool) if known is None else known
    return {name: _scores(model, features, is_lie, groups, dev, may) for name, model in models(seed).items()}


def _scores(
    model: BaseEstimator, features: Floats, is_lie: Bools, groups: NDArray[np.int64], dev: Bools, known: Bools
) -> Floats:
    scores = np.zeros(len(features))
    places = np.flatnonzero(dev)
    for train, held in GroupKFold(FOLDS).split(features[dev], is_lie[dev], groups[dev]):
        taught = places[train][known[places[train]]]
        fit = clone(model).fit(features[taught], is_lie[taught])
        scores[places[held]] = fit.predict_proba(features[places[held]])[:, 1]
    whole = clone(model).fit(features[dev & known], is_lie[dev & known])
    scores[~dev] = whole.predict_proba(features[~dev])[:, 1]
    return scores
