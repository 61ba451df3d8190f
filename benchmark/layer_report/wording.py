"""Figures of a layer report in words."""

from collections.abc import Mapping
from typing import Any

from benchmark.printable import NOTHING, number

Found = Mapping[str, Any]


def percent(value: float | None) -> str:
    """A share in per cent, one decimal."""
    return NOTHING if value is None else f"{100 * value:.1f}%"


def shared(each: Found | None) -> str:
    """Hits of how many, the share and its interval."""
    if each is None or each["share"] is None:
        return f"{NOTHING} (of none)"
    ends = "(no interval)" if each["low"] is None else f"[{percent(each['low'])}, {percent(each['high'])}]"
    return f"{each['hits']:,} of {each['of']:,}: {percent(each['share'])} {ends}"


def meant(each: Found | None, digits: int = 3) -> str:
    """A mean, its interval and its denominator."""
    if each is None:
        return NOTHING
    ends = "" if each["low"] is None else f" [{number(each['low'], digits)}, {number(each['high'], digits)}]"
    return f"{number(each['mean'], digits)}{ends} (n = {each['n']:,})"


def small(p: float | None) -> str:
    """A p."""
    return NOTHING if p is None else f"{p:.2g}"


def hours(value: float | None) -> str:
    """Hours of work: minutes where there are few, and never none."""
    if value is None:
        return "not known"
    return f"{value:.1f} h" if value >= 1 else f"{max(0.1, 60 * value):.1f} min"


def duration(seconds: float | None) -> str:
    """Seconds for people."""
    if seconds is None:
        return "not known"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s" if minutes else f"{seconds:.1f} s"
