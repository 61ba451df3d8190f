"""Rows of unequal length as flat arrays, so that thousands of them are picked and joined without a loop."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Ints

BLOCK = 2**18


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows laid end to end; every column has the same rows.

    Attributes:
        counts: int64 [rows], length of each row.
        columns: name to array [sum of counts].
    """

    counts: Ints
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        """How many rows."""
        return len(self.counts)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One column, all rows end to end."""
        return self.columns[name]

    @cached_property
    def first(self) -> Ints:
        """int64 [rows + 1]: where each row begins; the last entry is the length of a column."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts, dtype=np.int64)])

    def row(self, name: str, index: int) -> NDArray[Any]:
        """One row of one column."""
        return self.columns[name][self.first[index] : self.first[index + 1]]

    def take(self, rows: Ints) -> "Ragged":
        """The rows asked for, in that order."""
        counts, first = self.counts[rows], self.first[rows]
        ends = np.cumsum(counts, dtype=np.int64)
        total = int(ends[-1]) if len(ends) else 0
        columns = {name: np.empty(total, column.dtype) for name, column in self.columns.items()}
        for some in _blocks(ends):
            places = spread(first[some], counts[some])
            start = int(ends[some.start] - counts[some.start])
            for name, column in self.columns.items():
                columns[name][start : start + len(places)] = column[places]
        return Ragged(counts, columns)

    @classmethod
    def picked(cls, parts: Sequence["Ragged"], rows: Ints) -> "Ragged":
        """The rows asked for, numbered through all parts, of which there is one at least.

        Column by column, so that no more than one of them is in memory twice.
        """
        counts = np.concatenate([part.counts for part in parts])
        columns = (
            cls(counts, {name: np.concatenate([part[name] for part in parts])}).take(rows) for name in parts[0].columns
        )
        return cls(counts[rows], {name: column for each in columns for name, column in each.columns.items()})

    @classmethod
    def join(cls, parts: Sequence["Ragged"]) -> "Ragged":
        """The rows of all parts, one part after the other; `parts` is not empty."""
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
        return cls(np.concatenate([part.counts for part in parts]), columns)

    @classmethod
    def of_bytes(cls, rows: Sequence[bytes]) -> "Ragged":
        """One column `bytes`, uint8."""
        counts = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        return cls(counts, {"bytes": np.frombuffer(b"".join(rows), dtype=np.uint8)})

    def text(self, index: int) -> str:
        """A row of `bytes` as text."""
        return bytes(self.row("bytes", index)).decode("utf-8")


def _blocks(ends: Ints) -> Iterator[slice]:
    """Rows in blocks: the places of all elements at once would take more memory than the elements."""
    start = 0
    while start < len(ends):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + BLOCK, side="right")), start + 1)
        yield slice(start, stop)
        start = stop


def spread(first: Ints, counts: Ints) -> Ints:
    """int64 [sum of counts]: `first[i], first[i] + 1, ...` for `counts[i]` places, one row after the other."""
    ends = np.cumsum(counts, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    places: Ints = np.arange(total, dtype=np.int64) + np.repeat(first - (ends - counts), counts)
    return places
