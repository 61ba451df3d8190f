"""The protocol of measured units, and how dense values become sparse ones."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import torch


class Triples(NamedTuple):
    """Non-zero values: int64 [n] rows, ascending; int64 [n] units, ascending within a row; float [n] values."""

    row: Any
    unit: Any
    value: Any


class Measured(Protocol):
    """Units that read one hook of a subject.

    Attributes:
        units: their names.
        hook: where they read.
        prepend_bos: whether BOS stands before each text; None where nothing says so.
        excluded: tokens that do not count.
        positions: positions that count, BOS counted.
        by_window: a value depends on the earlier positions, so whole windows have to be encoded.
        facts: what a manifest compares.
    """

    units: tuple[str, ...]
    hook: str
    prepend_bos: bool | None
    excluded: frozenset[int]
    positions: slice
    by_window: bool
    facts: Mapping[str, str]

    def encode(self, hidden: Any) -> Any:
        """Values [..., units] of activations [..., width]; [window, position, width] where `by_window`."""
        ...

    def triples(self, hidden: Any) -> Triples:
        """The non-zero values of activations [rows, width]."""
        ...


def nonzero(values: Any) -> Triples:
    """Dense [rows, units] as triples."""
    row, unit = torch.nonzero(values, as_tuple=True)
    return Triples(row, unit, values[row, unit])
