"""The protocol of measured units, and how dense values become sparse ones."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import torch

from benchmark.subjects.catalog import UnitsError


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


class OverflowingActivation(UnitsError):
    """An activation is infinite or no number, as half precision makes them; the message names the mend."""


def all_finite(values: Any, what: str) -> None:
    """Refuse values among which one is infinite or no number.

    Raises:
        OverflowingActivation: there is one.
    """
    # A sum of which one term is not finite is not, and costs a sixth; it may also be too large by itself.
    if not bool(torch.isfinite(values.sum())) and not bool(torch.isfinite(values).all()):
        raise OverflowingActivation(f"{what} is not finite; mend: dtype=float32, or bfloat16 with a float32 SAE")


def nonzero(values: Any) -> Triples:
    """Dense [rows, units] as triples."""
    row, unit = torch.nonzero(values, as_tuple=True)
    return Triples(row, unit, values[row, unit])
