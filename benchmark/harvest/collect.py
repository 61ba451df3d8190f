"""Turns a stream of batches into a summary; most windows are turned away by a floor before anything is sorted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.harvest.ragged import Ragged
from benchmark.harvest.source import Activations, Bools, Window
from benchmark.harvest.summary import BOTTOM, LEVEL, TOP, Entries, Keep, Summary, cells, furthest, merge
from benchmark.harvest.texts import LAST_KEY, Keys, WindowTable
from synthetic_neurons.passages import Ints

# Ranking all that is kept anew costs as much as a chunk, of which little passes once lists are full: it waits for so
# many chunks, or until they hold one entry to so many that are kept.
PENDING = 8
FEW = 2


class OverflowingUnit(UserError):
    """An activation is infinite or no number, as half precision makes them; the message names the mend."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some windows and all that is on in them.

    Attributes:
        windows, key: the windows, one after the other, and uint64 [windows].
        kept: how many of their tokens count.
        token, unit, value: int32, int32, float32 [n]: triples of tokens that count, by token.
    """

    windows: Sequence[Window]
    key: Keys
    kept: int
    token: NDArray[np.int32]
    unit: NDArray[np.int32]
    value: NDArray[np.float32]

    @classmethod
    def of(cls, batches: Sequence[tuple[Sequence[Window], Activations]], key: Keys) -> "Chunk":
        """Lay batches end to end; triples of tokens that do not count are left out.

        Raises:
            ValueError: what a source gave is not what it promises.
            OverflowingUnit: an activation is not finite.
        """
        parts, base = [], 0
        for windows, found in batches:
            _check(windows, found)
            counted = np.flatnonzero(found.kept[found.token]) if not found.kept.all() else slice(None)
            token = (found.token[counted] + base).astype(np.int32)
            parts.append((token, found.unit[counted].astype(np.int32, copy=False), found.value[counted]))
            base += len(found.kept)
        whole = [window for windows, _ in batches for window in windows]
        kept = sum(int(found.kept.sum()) for _, found in batches)
        token, unit, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(whole, key, kept, token, unit, value)


def _check(windows: Sequence[Window], found: Activations) -> None:
    tokens = sum(len(window.ids) for window in windows)
    if len(found.kept) != tokens:
        raise ValueError(f"a source gave {len(found.kept)} positions for {tokens} tokens")
    if len(found.token) and (found.token[0] < 0 or found.token[-1] >= tokens or (np.diff(found.token) < 0).any()):
        raise ValueError("a source's triples are not in order of their tokens, or beyond them")
    if not np.isfinite(found.value).all():
        wrong = int(found.unit[np.flatnonzero(~np.isfinite(found.value))[0]])
        raise OverflowingUnit(
            f"column {wrong} has an activation that is not finite; mend: dtype=float32, or leave it out"
        )


@dataclass(frozen=True, eq=False)
class Floors:
    """What a window must reach to be worth a look.

    Attributes:
        top, bottom: float32 [units], the least score of a full list; 0 while a list is not full.
        level: uint64 [units * levels], the greatest key of a full level.
        sample: the greatest key of a full uniform sample.
    """

    top: NDArray[np.float32]
    bottom: NDArray[np.float32]
    level: Keys
    sample: np.uint64

    @classmethod
    def open(cls, units: int, keep: Keep, sample: np.uint64 = LAST_KEY) -> "Floors":
        """Nothing is turned away; `sample` is the greatest key that the uniform sample may hold."""
        none = np.zeros(units, np.float32)
        return cls(none, none, np.full(units * keep.levels.count, LAST_KEY), sample)

    @classmethod
    def of(cls, summary: Summary, keep: Keep, sample: np.uint64) -> "Floors":
        """The floors that a summary sets."""
        entries, units = summary.entries, len(summary.values)
        key = summary.windows.key
        full = len(summary.sampled) == keep.uniform and keep.uniform > 0
        return cls(
            _floor(entries, entries.high, TOP, units, keep.top),
            _floor(entries, -entries.low, BOTTOM, units, keep.top),
            _level_floor(entries, key, units, keep),
            key[summary.sampled[-1]] if full else sample,
        )


def _floor(entries: Entries, score: NDArray[np.float32], role: int, units: int, most: int) -> NDArray[np.float32]:
    some = np.flatnonzero(entries.role & role)
    least = np.full(units, np.inf, np.float32)
    np.minimum.at(least, entries.unit[some], score[some])
    return np.where(np.bincount(entries.unit[some], minlength=units) >= most, least, np.float32(0))


def _level_floor(entries: Entries, key: Keys, units: int, keep: Keep) -> Keys:
    some = np.flatnonzero(entries.role & LEVEL)
    cell = cells(entries, keep.levels)[some]
    greatest = np.zeros(units * keep.levels.count, np.uint64)
    np.maximum.at(greatest, cell, key[entries.window[some]])
    return np.where(np.bincount(cell, minlength=len(greatest)) >= keep.per_level, greatest, LAST_KEY)


def passing(summary: Summary, floors: Floors, keep: Keep) -> Summary:
    """A summary without what cannot come into another one, which set the floors; joined to it, it gives the same."""
    entries, key = summary.entries, summary.windows.key
    level = key[entries.window] <= floors.level[cells(entries, keep.levels)]
    role = entries.role & _roles(entries.high, entries.low, entries.unit, level, floors)
    sampled = np.flatnonzero(key[summary.sampled] <= floors.sample)
    entries = replace(entries, role=role).take(np.flatnonzero(role))
    return replace(summary, entries=entries, sampled=summary.sampled[sampled], on=summary.on.take(sampled))


def join(shards: Iterable[Summary], keep: Keep) -> Summary:
    """As `merge`, for any number of summaries, two of them in memory at a time."""
    rest = iter(shards)
    whole = merge([next(rest)], keep)
    while (part := _next_part(rest, Floors.of(whole, keep, LAST_KEY), keep)) is not None:
        whole = merge([whole, part], keep)
    return whole


def _next_part(rest: Iterator[Summary], floors: Floors, keep: Keep) -> Summary | None:
    """What passes of the next summary, as arrays of its own: those of a shard hold on to its whole file."""
    shard = next(rest, None)
    return None if shard is None else merge([passing(shard, floors, keep)], keep)


class Collector:
    """Keeps the summary of what it was given so far.

    Args:
        units: how many units.
        keep: how much is kept.
        sample: the greatest key that the uniform sample may hold; less than all where a corpus is known to be long, so
            that no shard keeps a whole sample of its own.
    """

    def __init__(self, units: int, keep: Keep, sample: np.uint64 = LAST_KEY) -> None:
        self._units, self._keep, self._sample = units, keep, sample
        self._floors = Floors.open(units, keep, sample)
        # Counts are added up at once: those of eight chunks that wait would be 50 MB of an SAE of 4,096 latents.
        self._none = np.broadcast_to(np.int64(0), (units, keep.levels.count))
        self._values, self._peaks = self._none.copy(), self._none.copy()
        self._parts = [merge([_nothing(units, keep)], keep)]

    def add(self, chunk: Chunk) -> None:
        """Add a chunk; chunks share no window."""
        part = summarise(chunk, self._units, self._keep, self._floors)
        self._values += part.values
        self._peaks += part.peaks
        self._parts.append(replace(part, values=self._none, peaks=self._none))
        whole, *pending = (len(part.entries) for part in self._parts)
        if len(pending) >= PENDING or sum(pending) * FEW > whole:
            self._merge()

    @property
    def summary(self) -> Summary:
        """Of all that was added."""
        if len(self._parts) > 1:
            self._merge()
        return replace(self._parts[0], values=self._values.copy(), peaks=self._peaks.copy())

    def _merge(self) -> None:
        self._parts = [merge(self._parts, self._keep)]
        self._floors = Floors.of(self._parts[0], self._keep, self._sample)


def _nothing(units: int, keep: Keep) -> Summary:
    none = np.zeros(0, np.int32)
    empty = Chunk([], np.zeros(0, np.uint64), 0, none, none, np.zeros(0, np.float32))
    return summarise(empty, units, keep, Floors.open(units, keep))


def summarise(chunk: Chunk, units: int, keep: Keep, floors: Floors) -> Summary:
    """A chunk's counts, and its windows that pass the floors."""
    lengths = np.fromiter((len(window.ids) for window in chunk.windows), np.int64, len(chunk.windows))
    window_of = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    place_of = (np.arange(len(window_of)) - np.repeat(np.cumsum(lengths) - lengths, lengths)).astype(np.uint16)
    values = _histogram(chunk.unit, chunk.value, units, keep)
    entries, peaks = _entries(chunk, window_of, place_of, keep, floors, units)
    sampled = np.flatnonzero(chunk.key <= floors.sample).astype(np.int32)
    sampled = sampled[np.argsort(chunk.key[sampled], kind="stable")]
    return Summary(
        0,
        len(lengths),
        len(window_of),
        chunk.kept,
        values,
        peaks,
        WindowTable.of(chunk.windows, chunk.key),
        entries,
        sampled,
        _everything_on(chunk, window_of, place_of, sampled),
    )


def _histogram(unit: NDArray[np.int32], value: NDArray[np.float32], units: int, keep: Keep) -> Ints:
    cell = unit.astype(np.int64) * keep.levels.count + keep.levels.of(value)
    return np.bincount(cell, minlength=units * keep.levels.count).reshape(units, keep.levels.count)


def _by_unit(unit: NDArray[np.int32], units: int) -> Ints:
    """A stable order by unit; numpy sorts 16 bits by radix, ten times as fast as 32."""
    return np.argsort(unit.astype(np.uint16) if units <= 2**16 else unit, kind="stable")


def _entries(
    chunk: Chunk,
    window_of: NDArray[np.int32],
    place_of: NDArray[np.uint16],
    keep: Keep,
    floors: Floors,
    units: int,
) -> tuple[Entries, Ints]:
    """Units on windows that pass a floor, and the levels of all of them."""
    order = _by_unit(chunk.unit, units)
    unit, token, value = chunk.unit[order], chunk.token[order], chunk.value[order]
    window = window_of[token]
    first = _starts(unit, window)
    unit, window = unit[first], window[first]
    high = np.maximum.reduceat(value, first) if len(first) else value
    # Where nothing is below 0, as of most SAEs, nobody asks for the least.
    low = np.minimum.reduceat(value, first) if value.min(initial=0) < 0 else high
    extreme = furthest(high, low)
    level = keep.levels.of(extreme)
    cell = unit.astype(np.int64) * keep.levels.count + level
    peaks = np.bincount(cell, minlength=units * keep.levels.count).reshape(units, keep.levels.count)
    role = _roles(high, low, unit, chunk.key[window] <= floors.level[cell], floors)
    chosen = np.flatnonzero(role)
    counts = np.diff(np.append(first, len(value)))
    rows = Ragged(counts, {"token": token, "value": value}).take(chosen)
    tokens = Ragged(rows.counts, {"place": place_of[rows["token"]], "value": rows["value"]})
    return Entries(unit[chosen], window[chosen], role[chosen], tokens), peaks


def _starts(unit: NDArray[np.int32], window: NDArray[np.int32]) -> Ints:
    changes = (unit[1:] != unit[:-1]) | (window[1:] != window[:-1])
    return np.flatnonzero(np.concatenate([np.ones(min(len(unit), 1), bool), changes]))


def _roles(
    high: NDArray[np.float32], low: NDArray[np.float32], unit: NDArray[np.int32], level: Bools, floors: Floors
) -> NDArray[np.uint8]:
    # Scores equal to the floor go on: the tie is broken where the lists are ranked.
    top = (high > 0) & (high >= floors.top[unit])
    bottom = (low < 0) & (-low >= floors.bottom[unit])
    role: NDArray[np.uint8] = (top * TOP + level * LEVEL + bottom * BOTTOM).astype(np.uint8)
    return role


def _everything_on(
    chunk: Chunk, window_of: NDArray[np.int32], place_of: NDArray[np.uint16], sampled: NDArray[np.int32]
) -> Ragged:
    """All triples of the sampled windows, window by window in the order of `sampled`."""
    window = window_of[chunk.token]
    edges = np.searchsorted(window, np.arange(len(chunk.windows) + 1))
    columns = {"token": chunk.token, "unit": chunk.unit, "value": chunk.value}
    rows = Ragged(np.diff(edges), columns).take(sampled.astype(np.int64))
    return Ragged(rows.counts, {"place": place_of[rows["token"]], "unit": rows["unit"], "value": rows["value"]})
