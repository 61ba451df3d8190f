"""A column of the board."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.leaderboard.row import Estimate, Row


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: what renderings choose columns by.
        title: the heading.
        hint: what it means, one sentence.
        text: the cell's words.
        value: what it sorts by; None sorts last.
    """

    key: str
    title: str
    hint: str
    text: Callable[[Row], str]
    value: Callable[[Row], float | None]


def mean_of(value: Estimate | None) -> float | None:
    """What a mean sorts by."""
    return value.mean if value else None
