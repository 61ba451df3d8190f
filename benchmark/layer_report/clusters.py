"""Clusters of related features: labelled latents whose decoder rows point the same way, named by their members."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.explainers.report import Report
from benchmark.layer_report.flags import words_named
from synthetic_neurons.passages import Floats

# Average linkage is cut where two clusters' members have this cosine on average: seven standard deviations of unrelated
# directions in 576 dimensions.
LEAST_COSINE = 0.3
NAMES = 4


def clusters(records: Sequence[Mapping[str, Any]], directions: NDArray[np.float32], truths: Floats) -> dict[str, Any]:
    """Agglomerative clusters by cosine of decoder rows, average linkage (scikit-learn).

    Args:
        records: of latents with a report.
        directions: float32 [records, width of the stream], their decoder rows.
        truths: float64 [records, records], how their activations on the exam correlate; it takes no part in the
            clustering, and so says whether a cluster means anything.

    Returns:
        "clusters" of two or more, largest first; "fire_together": the mean correlation of truths over pairs within a
        cluster and over all pairs.
    """
    if len(records) < 2:
        return {"least_cosine": LEAST_COSINE, "clusters": [], "alone": len(records)}
    from sklearn.cluster import AgglomerativeClustering

    unit = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-12)
    found = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - LEAST_COSINE
    ).fit_predict(unit)
    members = [np.flatnonzero(found == each) for each in np.unique(found)]
    several = sorted((each for each in members if len(each) > 1), key=lambda each: (-len(each), int(each[0])))
    pairs = _off_diagonal(truths)
    within = [_off_diagonal(truths[np.ix_(each, each)]) for each in several]
    return {
        "least_cosine": LEAST_COSINE,
        "clusters": [_told(each, records, unit @ unit.T, truths) for each in several],
        "alone": sum(len(each) == 1 for each in members),
        "fire_together": {
            "within": float(np.concatenate(within).mean()) if within else None,
            "all_pairs": float(pairs.mean()),
        },
    }


def _off_diagonal(values: Floats) -> Floats:
    chosen: Floats = values[~np.eye(len(values), dtype=bool)]
    return chosen


def _told(
    places: NDArray[np.int64], records: Sequence[Mapping[str, Any]], cosine: NDArray[np.float32], truths: Floats
) -> dict[str, Any]:
    some = [records[int(place)] for place in places]
    return {
        "name": name(some),
        "latents": [int(each["latent"]) for each in some],
        "cosine": float(_off_diagonal(cosine[np.ix_(places, places)].astype(float)).mean()),
        "truth_r": float(_off_diagonal(truths[np.ix_(places, places)]).mean()),
    }


def name(records: Sequence[Mapping[str, Any]]) -> str:
    """The words that most members' reports name, then some of single ones; by number of members."""
    said = Counter(word for each in records for word in words_named(Report.from_json(each["report"])))
    shared = [word for word, count in sorted(said.items(), key=lambda pair: (-pair[1], pair[0])) if count > 1]
    more = [word for each in records for word in sorted(words_named(Report.from_json(each["report"])))[:1]]
    words = list(dict.fromkeys([*shared, *more]))[:NAMES]
    return ", ".join(words) if words else "no shared word"
