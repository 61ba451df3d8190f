"""A finished harvest, unit by unit: what feature pages read, and an explainer or examiner of one's own."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.levels import Levels
from benchmark.harvest.near_misses import firing_level, firing_rates
from benchmark.harvest.source import Bools, Window
from benchmark.harvest.store import HarvestStoreError, read_manifest, read_whole, unpack
from benchmark.harvest.summary import BOTTOM, LEVEL, TOP, Summary, cells
from synthetic_neurons.passages import Floats, Ints

SECTIONS = ("units", "levels", "source", "corpus")


@dataclass(frozen=True, eq=False)
class Exemplar:
    """A window with one unit's activations.

    Attributes:
        window: its text and tokens.
        values: float32 [tokens], 0 where the unit is off.
        weight: how many windows of the corpus it stands for; 0 for one that is no part of a sample.
    """

    window: Window
    values: NDArray[np.float32]
    weight: float = 0.0


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts between edges.

    Attributes:
        edges: float64 [bins + 1], ascending; the outermost are infinite.
        counts: int64 [bins].
    """

    edges: Floats
    counts: Ints


class Harvest:
    """A finished harvest.

    Args:
        folder: the store.

    Raises:
        HarvestStoreError: there is none, it is not finished, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        if missing := [name for name in SECTIONS if name not in self.manifest]:
            raise HarvestStoreError(
                f"{folder / 'manifest.json'} has no {missing[0]}: no harvest's; mend: give its folder"
            )
        arrays, self.counts = read_whole(folder)
        self.units: tuple[str, ...] = tuple(self.manifest["units"])
        self._near = arrays.pop("near/window", None), arrays.pop("near/cosine", None)
        self.summary: Summary = unpack(arrays)
        self.levels = Levels(**self.manifest["levels"])

    def column(self, unit: str) -> int:
        """A unit's column.

        Raises:
            HarvestStoreError: it was not harvested.
        """
        try:
            return self._columns[unit]
        except KeyError:
            raise HarvestStoreError(_unknown(unit, self.units)) from None

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: column for column, name in enumerate(self.units)}

    def strongest(self, unit: str) -> list[Exemplar]:
        """Windows by their greatest value, highest first, equal texts once."""
        return self._ordered(unit, TOP, -self.summary.entries.high)

    def most_negative(self, unit: str) -> list[Exemplar]:
        """Windows by their least value, lowest first; none where no value is below 0."""
        return self._ordered(unit, BOTTOM, self.summary.entries.low)

    def across(self, unit: str) -> list[Exemplar]:
        """A sample from every level of activation, strongest level first, with weights.

        A sum over all windows in which the unit is on is estimated without bias by the weighted sum over these: a level
        with n windows of which k were drawn gives each the weight n / k (Horvitz and Thompson 1952).
        """
        rows = self._rows(unit, LEVEL)
        level = self._cells[rows]
        order = np.argsort(-level, kind="stable")
        seen, kept = self.summary.peaks.reshape(-1)[level], self._drawn[level]
        return [self._exemplar(int(rows[i]), float(seen[i] / kept[i])) for i in order]

    def near_misses(self, unit: str) -> list[Exemplar]:
        """Windows like the exemplars in which the unit is silent, nearest first; empty if none were looked for."""
        window, _ = self._near
        column = self.column(unit)
        rows = [] if window is None else [int(row) for row in window[column] if row >= 0]
        place = {int(row): index for index, row in enumerate(self.summary.sampled)}
        return [self._sampled(place[row], column) for row in rows]

    def uniform(self, unit: str) -> list[Exemplar]:
        """The uniform sample of windows that all units share, each standing for as many windows of the corpus."""
        column, weight = self.column(unit), self.summary.seen / max(len(self.summary.sampled), 1)
        return [self._sampled(index, column, weight) for index in range(len(self.summary.sampled))]

    def firing_rate(self, unit: str) -> float:
        """Share of the tokens that count on which the unit fires: above 0, or for a dense unit its 99th percentile.

        The percentile is the edge of a level at or below it, so a dense unit fires on somewhat more than one token in
        a hundred (`benchmark.harvest.near_misses.firing_level`).
        """
        return float(self.firing_rates[self.column(unit)])

    def firing_level(self, unit: str) -> float | None:
        """From which value up a dense unit fires; None for one that is on at no more than half of all tokens.

        Such a unit fires above 0, and is silent where it has no value but 0.
        """
        dense, level = self._firing_levels
        column = self.column(unit)
        return float(level[column]) if dense[column] else None

    @cached_property
    def _firing_levels(self) -> tuple[Bools, Floats]:
        return firing_level(self.summary, self.levels)

    @cached_property
    def firing_rates(self) -> Floats:
        """float64 [units]: `firing_rate` of each."""
        return firing_rates(self.summary, self.levels)

    def histogram(self, unit: str) -> Histogram:
        """Tokens by value, where it is not 0."""
        edges = np.concatenate([[-np.inf], self.levels.edges.astype(np.float64), [np.inf]])
        return Histogram(edges, self.summary.values[self.column(unit)])

    @cached_property
    def _cells(self) -> Ints:
        return cells(self.summary.entries, self.levels)

    @cached_property
    def _drawn(self) -> Ints:
        sampled = self.summary.entries.role & LEVEL > 0
        return np.bincount(self._cells[sampled], minlength=self.summary.peaks.size)

    def _rows(self, unit: str, role: int) -> Ints:
        entries, column = self.summary.entries, self.column(unit)
        a, b = np.searchsorted(entries.unit, [column, column + 1])
        rows: Ints = a + np.flatnonzero(entries.role[a:b] & role)
        return rows

    def _ordered(self, unit: str, role: int, score: NDArray[np.float32]) -> list[Exemplar]:
        rows = self._rows(unit, role)
        return [self._exemplar(int(row)) for row in rows[np.argsort(score[rows], kind="stable")]]

    def _exemplar(self, row: int, weight: float = 0.0) -> Exemplar:
        entries = self.summary.entries
        window = self.summary.windows.window(int(entries.window[row]))
        place, value = (entries.tokens.row(name, row) for name in ("place", "value"))
        return Exemplar(window, _dense(window, place, value), weight)

    def _sampled(self, index: int, column: int, weight: float = 0.0) -> Exemplar:
        on = self.summary.on
        window = self.summary.windows.window(int(self.summary.sampled[index]))
        mine = on.row("unit", index) == column
        return Exemplar(window, _dense(window, on.row("place", index)[mine], on.row("value", index)[mine]), weight)


def _dense(window: Window, place: NDArray[Any], value: NDArray[np.float32]) -> NDArray[np.float32]:
    values = np.zeros(len(window.ids), np.float32)
    values[place] = value
    return values


def _unknown(unit: str, units: tuple[str, ...]) -> str:
    close = get_close_matches(unit, units, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    some = units if len(units) <= 8 else (*units[:4], "…", *units[-3:])
    return f"unknown unit {unit!r}: {hint}choose from the {len(units):,} of the harvest: {', '.join(some)}"
