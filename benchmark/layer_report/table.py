"""The parts of a layer report's sections: tables, and figures in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.layer_report.wording import Found, percent
from benchmark.printable import NOTHING

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row. `wide`: the columns that hold prose."""

    head: Row
    rows: Sequence[Row]
    caption: str = ""
    wide: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading, what is to be known, and tables."""

    key: str
    title: str
    notes: Sequence[str]
    tables: Sequence[Table] = ()


def count(value: float | None) -> str:
    """A whole number, or a rounded one."""
    return NOTHING if value is None else f"{value:,.0f}"


def span(each: Found) -> str:
    """The interval of a number."""
    return "no interval" if each["low"] is None else f"[{count(each['low'])}, {count(each['high'])}]"


def ends(each: Found) -> str:
    """The interval of a share."""
    return "no interval" if each["low"] is None else f"[{percent(each['low'])}, {percent(each['high'])}]"
