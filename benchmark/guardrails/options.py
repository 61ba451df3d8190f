"""What a guardrail can be told: its constructor's arguments, with their types and ranges, checked before any work."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import signature
from typing import Annotated, Any, get_type_hints

from benchmark.errors import UserError

# What the caller supplies, and nobody configures.
SUPPLIED = ("practice", "explains", "reads")
Number = int | float


@dataclass(frozen=True)
class Between:
    """The range of an option, both ends included."""

    low: float
    high: float = math.inf

    def __str__(self) -> str:
        return f"{self.low:g} or more" if math.isinf(self.high) else f"{self.low:g} to {self.high:g}"

    def nearest(self, value: Number) -> Number:
        """The value of the range that is nearest to `value`."""
        return self.low if value < self.low else min(value, self.high)


Share = Annotated[float, Between(0, 1)]
Amount = Annotated[float, Between(0)]
Count = Annotated[int, Between(1)]
CountOrNone = Annotated[int, Between(0)]


@dataclass(frozen=True)
class Option:
    """One option: its type, range and default."""

    kind: type
    span: Between
    default: Number


def options_of(make: Callable[..., Any]) -> dict[str, Option]:
    """The options of a guardrail's class, read off its constructor."""
    constructor: Any = vars(make)["__init__"]
    hints = get_type_hints(constructor, include_extras=True)
    given = {name: each for name, each in signature(make).parameters.items() if name not in SUPPLIED}
    return {name: Option(*_typed(hints[name]), each.default) for name, each in given.items()}


def _typed(hint: Any) -> tuple[type, Between]:
    """The type of an annotated argument and its range; any range where none is stated."""
    spans = (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Between))
    return getattr(hint, "__origin__", hint), next(spans, Between(-math.inf))


def checked(guardrail: str, make: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Number]:
    """The options that differ from a guardrail's defaults, each of its type and in its range.

    Args:
        guardrail: its name, for messages.
        make: its class.
        given: option to value.

    Raises:
        UserError: an unknown option, or a value of another type or out of range; with the nearest valid one.
    """
    known = options_of(make)
    values = {name: _value(f"{guardrail}.{name}", _found(guardrail, name, known), each) for name, each in given.items()}
    return {name: value for name, value in sorted(values.items()) if value != known[name].default}


def _found(guardrail: str, name: str, known: Mapping[str, Option]) -> Option:
    if name in known:
        return known[name]
    if not known:
        raise UserError(f"guardrail {guardrail!r} has no option {name!r}; it has none")
    close = get_close_matches(name, known, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise UserError(f"guardrail {guardrail!r} has no option {name!r}; {hint}it has {', '.join(known)}")


def _value(place: str, option: Option, value: Any) -> Number:
    number = option.kind is float
    fits = isinstance(value, int | float if number else int) and not isinstance(value, bool)
    if not fits or not math.isfinite(value):
        wanted = "a number" if number else "a whole number"
        raise UserError(f"{place}={value!r} is not {wanted}: give {option.span}, such as {option.default:g}")
    if not option.span.low <= value <= option.span.high:
        nearest = option.span.nearest(value)
        raise UserError(f"{place}={value:g} is out of range: give {option.span}; the nearest is {nearest:g}")
    return float(value) if number else int(value)


def told(options: Mapping[str, Mapping[str, Number]]) -> str:
    """Options in a few words, such as "adversarial.least=12; min_rounds.rounds=4"; empty without any."""
    return "; ".join(f"{name}.{key}={value:g}" for name in sorted(options) for key, value in options[name].items())
