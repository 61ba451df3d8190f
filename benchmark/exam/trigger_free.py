"""Trigger-free positives: the unit fires, but on no word on which it was seen to fire (METHOD.md section 1).

Who was shown exemplars can list their words. Such a list fires where the same words come back, and on nothing else; a
report that says what the words have in common fires on both.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import Items
from synthetic_neurons.passages import Floats

# Between silence and a quarter of its strongest an SAE latent fires on all sorts of words, and no report says on which.
LEAST_SHARE = 0.25

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class FreeItems:
    """How many items there are of each kind.

    Attributes:
        free: positives without a known trigger.
        ordinary: positives with one.
        negatives: silent and near-miss items.
    """

    free: int
    ordinary: int
    negatives: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.free + self.ordinary + self.negatives


@dataclass(frozen=True)
class FreeGrade:
    """On how many of the items a report is predicted to fire.

    Attributes:
        items: how many there are.
        free, ordinary, negatives: on how many of each kind it fires.
    """

    items: FreeItems
    free: int
    ordinary: int
    negatives: int

    @property
    def recall(self) -> float:
        """The share of trigger-free positives on which it fires; 0.5 (no information) without any."""
        return self.free / self.items.free if self.items.free else 0.5

    @property
    def accuracy(self) -> float:
        """Balanced: the mean of that share and of the share of negatives on which it is silent."""
        silent = 1 - self.negatives / self.items.negatives if self.items.negatives else 0.5
        return (self.recall + silent) / 2


@dataclass(frozen=True, eq=False)
class FreeMasks:
    """bool [windows] of one slice: which items are of which kind; weak positives are of none."""

    free: Bools
    ordinary: Bools
    negatives: Bools


def free_masks(items: Items, triggers: Collection[str], scale: float, negatives: bool) -> FreeMasks:
    """The items of one slice by kind.

    Args:
        items: the slice's.
        triggers: lower-cased words on which the unit fires in its teach exemplars.
        scale: the unit's strongest value; a positive counts from a quarter of it (`LEAST_SHARE`).
        negatives: whether the slice's silent and near-miss items are among the negatives.
    """
    passages, fires = items.passages, items.values > 0
    known = np.array([word.lower() in triggers for word in passages.vocabulary], dtype=bool)[passages.type_of]
    strong = passages.per_text_max(items.values) >= LEAST_SHARE * scale
    seen = passages.per_text_max((fires & known).astype(np.float64)) > 0
    positive = np.array([stratum == "firing" for stratum in items.strata], dtype=bool)
    return FreeMasks(positive & strong & ~seen, positive & strong & seen, ~positive & negatives)


def count_free(masks: Sequence[FreeMasks]) -> FreeItems:
    """How many items some slices have together."""
    return FreeItems(*(sum(int(getattr(each, kind).sum()) for each in masks) for kind in _KINDS))


def grade_free(masks: Sequence[FreeMasks], items: Sequence[Items], levels: Sequence[Floats], limit: float) -> FreeGrade:
    """A prediction's grade on some slices together.

    Args:
        masks: of each slice.
        items: of each slice.
        levels: float64 [words] of each slice.
        limit: the level from which a word is predicted to fire.
    """
    said = [each.passages.per_text_max(predicted) >= limit for each, predicted in zip(items, levels, strict=True)]
    hits = (
        sum(int((getattr(mask, kind) & fires).sum()) for mask, fires in zip(masks, said, strict=True))
        for kind in _KINDS
    )
    return FreeGrade(count_free(masks), *hits)


_KINDS = ("free", "ordinary", "negatives")
