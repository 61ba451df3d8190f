"""String functions: one to six steps, read from JSON as data and never as code."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from synthetic_neurons.strings.ops import ALPHABET, OPS, Value

MOST_STEPS = 6
MOST_LETTERS_IN = 32
MOST_LETTERS_OUT = 64
MOST_TEXT = 8
_SHOWN = 40
_LETTERS = re.compile(r"[a-z]+\Z")

Shape = Literal["one step", "two steps", "three steps", "more steps"]
SHAPES: tuple[Shape, ...] = get_args(Shape)


class StringFunctionError(ValueError):
    """A value is not a string function; the message begins with the JSON path of what is wrong."""


@dataclass(frozen=True)
class Step:
    """One operation with its arguments, in the order of `OPS`."""

    op: str
    arguments: tuple[tuple[str, Value], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `parse` reads it back."""
        return {"op": self.op, **dict(self.arguments)}


@dataclass(frozen=True)
class StringFunction:
    """A function from words to words: its steps, first to last.

    It is defined on words of 1 to 32 letters a to z (capitals count as small), and where no step leaves nothing or more
    than 64 letters; elsewhere it gives None. So a call takes at most six passes over 64 letters.
    """

    steps: tuple[Step, ...]

    def __call__(self, word: str) -> str | None:
        """What becomes of `word`, in small letters; None where the function is not defined."""
        text = word.lower()
        if len(text) > MOST_LETTERS_IN or not _LETTERS.match(text):
            return None
        for step in self.steps:
            text = OPS[step.op][1](text, dict(step.arguments))
            if not 0 < len(text) <= MOST_LETTERS_OUT:
                return None
        return text

    @property
    def shape(self) -> Shape:
        """How many steps it is composed of, in words."""
        return SHAPES[min(len(self.steps), len(SHAPES)) - 1]

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `parse` reads it back."""
        return {"steps": [step.to_json() for step in self.steps]}


def _shown(value: Any) -> str:
    """A value as an error shows it: one short line."""
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if abs(value) < 10**_SHOWN else "a number of more than 40 digits"
    return repr(value[:_SHOWN]) if isinstance(value, str) else f"a {type(value).__name__}"


def _nearest(given: Any, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(given[:_SHOWN], choices, n=1, cutoff=0.5) if isinstance(given, str) else []
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(choices)}"


def _whole(least: int, most: int) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and least <= value <= most else f"a whole number, {least} to {most}"

    return check


def _letters(most: int, distinct: bool = False) -> Callable[[Any], str | None]:
    def check(value: Any) -> str | None:
        found = isinstance(value, str) and len(value) <= most and _LETTERS.match(value)
        if found and not (distinct and len(set(value)) < len(value)):
            return None
        many = "one small letter" if most == 1 else f"1 to {most} {'different ' if distinct else ''}small letters"
        return f"{many} (a to z)"

    return check


def _key(value: Any) -> str | None:
    whole = isinstance(value, str) and sorted(value) == list(ALPHABET)
    return None if whole else "all 26 small letters, each once: what a to z become, in order"


# field: a check that returns what is wanted if the value is not that
_FIELDS: Mapping[str, Callable[[Any], str | None]] = {
    "by": _whole(1, 25),
    "place": _whole(1, MOST_LETTERS_IN),
    "text": _letters(MOST_TEXT),
    "old": _letters(1),
    "new": _letters(1),
    "letters": _letters(26, distinct=True),
    "key": _key,
}


def _step(raw: Any, path: str) -> Step:
    if not isinstance(raw, Mapping):
        raise StringFunctionError(f'{path}: give an object such as {{"op": "reverse"}}, not {_shown(raw)}')
    op = raw.get("op")
    if not isinstance(op, str) or op not in OPS:
        raise StringFunctionError(f"{path}.op: unknown op {_shown(op)}; {_nearest(op, tuple(OPS))}")
    fields = OPS[op][0]
    for key in raw:
        if key != "op" and key not in fields:
            hint = _nearest(key, fields) if fields else "remove it"
            raise StringFunctionError(f"{path}.{_shown(key)[1:-1]}: {op!r} has no {_shown(key)}; {hint}")
    return Step(op, tuple((field, _argument(raw, op, field, path)) for field in fields))


def _argument(raw: Mapping[str, Any], op: str, field: str, path: str) -> Value:
    if field not in raw:
        raise StringFunctionError(f"{path}.{field}: {op!r} needs {field!r}; add it")
    value = raw[field]
    if (wanted := _FIELDS[field](value)) is not None:
        raise StringFunctionError(f"{path}.{field}: give {wanted}, not {_shown(value)}")
    found: Value = value
    return found


def parse(value: Any) -> StringFunction:
    """Read a string function from a JSON value; `parse(f.to_json()) == f`.

    Raises:
        StringFunctionError: an unknown op or field, a wrong type, or a limit passed, with the JSON path, the nearest
            valid choice, and the mend.
    """
    if not isinstance(value, Mapping) or set(value) != {"steps"}:
        raise StringFunctionError(f'$: give an object with "steps" alone, not {_shown(value)}')
    steps = value["steps"]
    if not isinstance(steps, list | tuple) or not 1 <= len(steps) <= MOST_STEPS:
        raise StringFunctionError(f"$.steps: give a list of 1 to {MOST_STEPS} steps, not {_shown(steps)}")
    return StringFunction(tuple(_step(step, f"$.steps[{i}]") for i, step in enumerate(steps)))
