"""Windows in batches of about equal length, so that little of a forward pass is spent on padding."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from benchmark.harvest.source import Window

Keyed = tuple[int, Window]


class Tokenised(Protocol):
    """Anything that has tokens."""

    @property
    def ids(self) -> Sequence[int]:
        """Its tokens."""
        ...


T = TypeVar("T", bound=Tokenised)


def buckets(windows: Iterable[Keyed], tokens: int) -> Iterator[list[Keyed]]:
    """Consecutive windows with their keys, `tokens` tokens or a little more at a time."""
    held: list[Keyed] = []
    count = 0
    for keyed in windows:
        held.append(keyed)
        count += len(keyed[1].ids)
        if count >= tokens:
            yield held
            held, count = [], 0
    if held:
        yield held


def batches(windows: Sequence[tuple[int, T]], tokens: int) -> list[list[tuple[int, T]]]:
    """Shortest first, in batches that hold at most `tokens` tokens with their padding.

    A window that is longer than that is a batch of its own.
    """
    found: list[list[tuple[int, T]]] = []
    for keyed in sorted(windows, key=lambda keyed: (len(keyed[1].ids), keyed[0])):
        # The longest of a batch comes last, and all others are padded to it.
        if not found or (len(found[-1]) + 1) * len(keyed[1].ids) > tokens:
            found.append([])
        found[-1].append(keyed)
    return found
