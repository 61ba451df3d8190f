"""What is kept of a stretch of corpus, and how two such summaries join: exactly, in any order.

For each unit: its strongest windows, a uniform sample of windows from every level of activation, and counts. For all
units together: one uniform sample of windows with everything that is on in them. Samples are the windows with the
smallest keys (bottom-k sampling: Cohen and Kaplan 2007, section 2), so that the sample of a union is found from the
samples of its parts, and a window of a level is in with probability kept / seen, both of which are known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.levels import Levels
from benchmark.harvest.ragged import Ragged
from benchmark.harvest.texts import Keys, WindowTable
from synthetic_neurons.passages import Ints

# Why an entry is kept; an entry may have several reasons.
TOP, LEVEL, BOTTOM = 1, 2, 4


@dataclass(frozen=True)
class Keep:
    """How much is kept.

    Attributes:
        top: strongest windows a unit, equal texts once; as many of the most negative where values are negative.
        per_level: windows a unit and level.
        uniform: windows of the sample that all units share.
        levels: the edges.
    """

    top: int = 20
    per_level: int = 4
    uniform: int = 2048
    levels: Levels = Levels()  # noqa: RUF009 - frozen


@dataclass(frozen=True, eq=False)
class Entries:
    """One unit on one window, each.

    Attributes:
        unit: int32 [entries].
        window: int32 [entries], a row of the table.
        role: uint8 [entries], `TOP`, `LEVEL` and `BOTTOM` as bits.
        tokens: columns `place` uint16 (token in the window, ascending) and `value` float32, where the unit is on.
    """

    unit: NDArray[np.int32]
    window: NDArray[np.int32]
    role: NDArray[np.uint8]
    tokens: Ragged

    def __len__(self) -> int:
        """How many."""
        return len(self.unit)

    @cached_property
    def high(self) -> NDArray[np.float32]:
        """float32 [entries]: the greatest value in the window."""
        return _reduce(np.maximum, self.tokens)

    @cached_property
    def low(self) -> NDArray[np.float32]:
        """float32 [entries]: the least value in the window, of those that are not 0."""
        return _reduce(np.minimum, self.tokens)

    @cached_property
    def extreme(self) -> NDArray[np.float32]:
        """float32 [entries]: the value furthest from 0; it decides the window's level."""
        return furthest(self.high, self.low)

    def take(self, chosen: Ints) -> "Entries":
        """The entries asked for, in that order."""
        return Entries(self.unit[chosen], self.window[chosen], self.role[chosen], self.tokens.take(chosen))


def _reduce(how: np.ufunc, tokens: Ragged) -> NDArray[np.float32]:
    value: NDArray[np.float32] = tokens["value"]
    return np.asarray(how.reduceat(value, tokens.first[:-1])) if len(tokens) else value[:0]


def furthest(high: NDArray[np.float32], low: NDArray[np.float32]) -> NDArray[np.float32]:
    """Whichever is further from 0; the positive one where both are as far."""
    return np.where(-low > high, low, high)


@dataclass(frozen=True, eq=False)
class Summary:
    """What is kept of a stretch of corpus.

    Attributes:
        documents, tokens, kept: how many documents and tokens were seen, and how many of these count.
        seen: how many windows were seen.
        values: int64 [units, levels], tokens on which a unit's value is in a level.
        peaks: int64 [units, levels], windows whose value furthest from 0 is in a level.
        windows: the windows that something below points to, by key.
        entries: by unit, then by key.
        sampled: int32 [sample], rows of the uniform sample, by key.
        on: for each sampled window, columns `place` uint16, `unit` int32, `value` float32.
    """

    documents: int
    seen: int
    tokens: int
    kept: int
    values: Ints
    peaks: Ints
    windows: WindowTable
    entries: Entries
    sampled: NDArray[np.int32]
    on: Ragged


def merge(parts: Sequence[Summary], keep: Keep) -> Summary:
    """Join summaries of stretches that share no window; the result does not depend on their order.

    Args:
        parts: one or more. Entries without a role are never kept, and those with one are ranked anew.
        keep: how much is kept; no part may have kept less.
    """
    key, text_key = (np.concatenate([getattr(part.windows, name) for part in parts]) for name in ("key", "text_key"))
    bases = np.concatenate([[0], np.cumsum([len(part.windows) for part in parts])]).astype(np.int32)
    entries = _ranked(_join([part.entries for part in parts], bases), key, text_key, keep)
    values, peaks = (reduce(np.add, [getattr(part, name) for part in parts]) for name in ("values", "peaks"))
    sampled = np.concatenate([part.sampled + base for part, base in zip(parts, bases, strict=False)])
    smallest = np.argsort(key[sampled], kind="stable")[: keep.uniform]
    on = Ragged.picked([part.on for part in parts], smallest)
    rows, moved = _used(key, entries.window, sampled[smallest])
    documents, seen, tokens, kept = (
        sum(int(getattr(part, name)) for part in parts) for name in ("documents", "seen", "tokens", "kept")
    )
    windows = WindowTable.picked([part.windows for part in parts], rows)
    entries = _ordered(replace(entries, window=moved[entries.window]), len(rows))
    return Summary(documents, seen, tokens, kept, values, peaks, windows, entries, moved[sampled[smallest]], on)


def _used(key: Keys, *windows: NDArray[np.int32]) -> tuple[Ints, NDArray[np.int32]]:
    """Rows that something points to, by key; and int32 [windows], the place of each among them."""
    used = np.zeros(len(key), dtype=bool)
    for each in windows:
        used[each] = True
    rows = np.flatnonzero(used)
    rows = rows[np.argsort(key[rows], kind="stable")]
    moved = np.zeros(len(key), dtype=np.int32)
    moved[rows] = np.arange(len(rows), dtype=np.int32)
    return rows, moved


def _ordered(entries: Entries, windows: int) -> Entries:
    """By unit, then by window."""
    return entries.take(np.argsort(entries.unit.astype(np.int64) * max(windows, 1) + entries.window, kind="stable"))


def sampled_below(whole: Summary, ceiling: np.uint64, keep: Keep) -> Summary:
    """With a uniform sample of no key above `ceiling`: up to there, every part has all of its windows."""
    some = np.flatnonzero(whole.windows.key[whole.sampled] <= ceiling)
    return merge([replace(whole, sampled=whole.sampled[some], on=whole.on.take(some))], keep)


def _join(parts: Sequence[Entries], bases: NDArray[np.int32]) -> Entries:
    return Entries(
        np.concatenate([part.unit for part in parts]),
        np.concatenate([part.window + base for part, base in zip(parts, bases, strict=False)]),
        np.concatenate([part.role for part in parts]),
        Ragged.join([part.tokens for part in parts]),
    )


def _ranked(entries: Entries, key: Keys, text_key: Keys, keep: Keep) -> Entries:
    """Entries with their roles decided anew, those that lost all of them left out."""
    role = np.zeros(len(entries), dtype=np.uint8)
    # One integer orders by text and key together, and is cheaper to sort by than two hashes.
    order = _ranks(np.lexsort((key, text_key)))
    for bit, score in ((TOP, entries.high), (BOTTOM, -entries.low)):
        some = np.flatnonzero((entries.role & bit > 0) & (score > 0))
        role[_best(_first_of_texts(some, entries, score, text_key, order), entries, score, order, keep.top)] |= bit
    role[_of_levels(entries, key, keep)] |= LEVEL
    return replace(entries, role=role).take(np.flatnonzero(role))


def _ranks(order: Ints) -> Ints:
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _best(some: Ints, entries: Entries, score: NDArray[np.float32], rank: Ints, most: int) -> Ints:
    """Of the indices `some`, those of each unit's `most` highest scores; ties go by rank of the window."""
    some = some[np.lexsort((rank[entries.window[some]], -score[some], entries.unit[some]))]
    return some[place_in_run(entries.unit[some]) < most]


def _first_of_texts(some: Ints, entries: Entries, score: NDArray[np.float32], text_key: Keys, rank: Ints) -> Ints:
    """Of a unit's windows with the same text, the best."""
    if len(np.unique(text_key)) == len(text_key):
        return some
    text = np.unique(text_key, return_inverse=True)[1][entries.window[some]]
    some = some[np.lexsort((rank[entries.window[some]], -score[some], text, entries.unit[some]))]
    text, unit = np.unique(text_key, return_inverse=True)[1][entries.window[some]], entries.unit[some]
    again = (unit[1:] == unit[:-1]) & (text[1:] == text[:-1])
    return some[np.concatenate([[True], ~again])] if len(some) else some


def _of_levels(entries: Entries, key: Keys, keep: Keep) -> Ints:
    """Indices of the entries with the smallest keys of their unit and level."""
    some = np.flatnonzero(entries.role & LEVEL)
    rank = _ranks(np.argsort(key, kind="stable"))
    cell = cells(entries, keep.levels)[some]
    sort = np.argsort(cell * max(len(rank), 1) + rank[entries.window[some]], kind="stable")
    return some[sort][place_in_run(cell[sort]) < keep.per_level]


def cells(entries: Entries, levels: Levels) -> Ints:
    """int64 [entries]: unit and level as one number."""
    return entries.unit.astype(np.int64) * levels.count + levels.of(entries.extreme)


def place_in_run(values: NDArray[np.integer]) -> Ints:
    """int64: place of each element within its run of equal values, from 0."""
    if not len(values):
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    return np.arange(len(values)) - np.repeat(starts, np.diff(np.append(starts, len(values))))
