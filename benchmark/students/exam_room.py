"""The exam room: two matched forms of a unit's own items, and what a candidate scores on them (METHOD.md section 7)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.grading import weighted_items_r
from benchmark.exam.items import STRATA, Items
from benchmark.students.student import Candidate
from synthetic_neurons.passages import Floats, Passages

FormName = Literal["A", "B"]
# The level from which a candidate says that a window fires; one for all students, set before any lesson was held.
THRESHOLD = 2.5


@dataclass(frozen=True)
class Paper:
    """What a candidate said on one form.

    Attributes:
        r: weighted Pearson, at base rate; orders the arms.
        right: bool [windows], whether it was right that a window fires or does not; no readable answer is wrong.
        fires: bool [windows].
        said: float64 [windows], the greatest level that it said; NaN without a readable answer.
        unread: windows without a readable answer; in r they count as the candidate's mean level, which says nothing.
    """

    r: float
    right: NDArray[np.bool_]
    fires: NDArray[np.bool_]
    said: Floats
    unread: int = 0


def forms(items: Items) -> dict[FormName, Items]:
    """Two forms: within each stratum, windows in the order of their greatest value go to A and B in turn, A B B A.

    So both have the same strata, and as good as the same difficulty. Without a window that fires a form has no r but 0.
    """
    peak = items.passages.per_text_max(items.values)
    chosen: dict[FormName, list[int]] = {"A": [], "B": []}
    for stratum in STRATA:
        members = [i for i, name in enumerate(items.strata) if name == stratum]
        for place, window in enumerate(sorted(members, key=lambda i: (-peak[i], i))):
            chosen["A" if place % 4 in (0, 3) else "B"].append(window)
    return {name: _only(items, sorted(windows)) for name, windows in chosen.items()}


def fewer(items: Items, most: int) -> Items:
    """At most so many items for both forms together, the strata in equal parts; for who has not all day."""
    each = max(1, most // len(STRATA))
    kept: list[int] = []
    for stratum in STRATA:
        kept += [i for i, name in enumerate(items.strata) if name == stratum][:each]
    return _only(items, sorted(kept))


def _only(items: Items, windows: list[int]) -> Items:
    first = items.passages.first
    words = np.concatenate([np.arange(first[i], first[i + 1]) for i in windows] or [np.zeros(0, dtype=np.int64)])
    return Items(
        Passages.of([items.passages.texts[i] for i in windows]),
        items.values[words.astype(np.int64)],
        tuple(items.strata[i] for i in windows),
        items.weight[windows],
    )


async def sit(candidate: Candidate, form: Items) -> Paper:
    """A candidate's paper."""
    levels: Floats = await candidate.read(form.passages)
    fires = form.passages.per_text_max(form.values) > 0
    given = ~np.isnan(levels)
    filled = np.where(given, levels, levels[given].mean() if given.any() else 0.0)
    read = form.passages.per_text_max((~given).astype(np.float64)) == 0
    peak = form.passages.per_text_max(filled)
    right = read & ((peak >= THRESHOLD) == fires)
    return Paper(weighted_items_r(form, filled), right, fires, np.where(read, peak, np.nan), int((~read).sum()))


def balanced(paper: Paper, where: NDArray[np.bool_] | None = None) -> float | None:
    """Balanced accuracy on some windows of a form; None where one kind is missing there."""
    chosen = np.ones(len(paper.fires), dtype=bool) if where is None else where
    sides = [paper.right[chosen & (paper.fires == side)] for side in (True, False)]
    return None if any(len(side) == 0 for side in sides) else float(np.mean([side.mean() for side in sides]))
