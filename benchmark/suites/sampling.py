"""Drawing items and pools for a suite from unit values on windows: pure arithmetic, seeded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import STRATA, Stratum
from synthetic_neurons.passages import Floats, Ints, Passages

NEAR_MISS_WINDOWS = 400
ANCHOR_WORDS = 10


@dataclass(frozen=True, eq=False)
class Population:
    """Windows of one part of the split with one unit's greatest value in each.

    Attributes:
        windows: int64 [n], window numbers.
        peak: float64 [n], the unit's greatest value in each window.
        likeness: float64 [n], how like the unit's triggers the window's likest word is (near-miss score).
    """

    windows: Ints
    peak: Floats
    likeness: Floats

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Windows in which the unit fires."""
        return self.peak > 0

    @property
    def near_miss(self) -> NDArray[np.bool_]:
        """The silent windows that are likest to the unit's triggers."""
        silent = np.flatnonzero(~self.positive)
        best = silent[np.argsort(-self.likeness[silent], kind="stable")[:NEAR_MISS_WINDOWS]]
        mask = np.zeros(len(self.peak), bool)
        mask[best] = True
        return mask

    def members(self, stratum: Stratum) -> Ints:
        """Places (not window numbers) of one stratum; "silent" is uniform over all silent windows but near-misses."""
        chosen = {"firing": self.positive, "near_miss": self.near_miss, "silent": ~self.positive & ~self.near_miss}
        return np.flatnonzero(chosen[stratum])


def spread(peak: Floats, count: int) -> Ints:
    """Places of `count` values spread evenly over the ranks of `peak`, greatest first."""
    order = np.argsort(-peak, kind="stable")
    places: Ints = order[np.unique(np.linspace(0, len(order) - 1, min(count, len(order))).round().astype(int))]
    return places


def deal(
    population: Population, count: int, hands: int, rng: np.random.Generator
) -> list[dict[Stratum, tuple[Ints, float]]]:
    """Deal disjoint item sets: per hand and stratum the window numbers and the weight of each.

    A stratum's weight is its share of the population over the number drawn, so that the weights of a hand restore the
    population's base rate. Firing windows are shuffled, then dealt round in order of activation so that each hand
    spreads over the range.
    """
    dealt: list[dict[Stratum, tuple[Ints, float]]] = [{} for _ in range(hands)]
    total = len(population.windows)
    for stratum in STRATA:
        members = population.members(stratum)
        chosen = rng.permutation(members)[: count * hands]
        if stratum == "firing":
            chosen = members[spread(population.peak[members], count * hands)] if hands == 1 else chosen
            chosen = chosen[np.argsort(-population.peak[chosen], kind="stable")]
        for hand in range(hands):
            mine = chosen[hand::hands]
            dealt[hand][stratum] = (population.windows[mine], len(members) / total / max(len(mine), 1))
    return dealt


def likeness(passages: Passages, values: Floats, similarity: "TypeSimilarity") -> Floats:
    """float64 [texts]: the greatest similarity of a text's words to the unit's ten strongest word types.

    Args:
        passages: the windows.
        values: float64 [words], the unit's values.
        similarity: embeddings of word types.
    """
    lower = similarity.types_of(passages)
    count = np.bincount(lower, minlength=similarity.size)
    mean = np.bincount(lower, values, minlength=similarity.size) / np.maximum(count, 1)
    anchors = np.argsort(-mean, kind="stable")[:ANCHOR_WORDS]
    anchors = anchors[mean[anchors] > 0]
    if not len(anchors):
        return np.zeros(len(passages))
    per_type = similarity.to(anchors)
    return passages.per_text_max(per_type[lower])


class TypeSimilarity:
    """Cosines between word types, from an embedding of each type (lower case)."""

    def __init__(self, types: Sequence[str], vectors: NDArray[np.float32]) -> None:
        self._index = {word: i for i, word in enumerate(types)}
        self._vectors = vectors
        self.size = len(types)

    def types_of(self, passages: Passages) -> Ints:
        """int64 [words]: each word's type."""
        per_vocabulary = np.array([self._index[word.lower()] for word in passages.vocabulary], dtype=np.int64)
        return per_vocabulary[passages.type_of]

    def to(self, anchors: Ints) -> Floats:
        """float64 [types]: the greatest cosine to any of `anchors`, rounded so that order is stable across machines."""
        cosines = self._vectors @ self._vectors[anchors].T
        nearest: Floats = np.round(cosines.max(axis=1).astype(np.float64), 4)
        return nearest
