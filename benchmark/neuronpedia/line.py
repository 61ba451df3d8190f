"""One line of an export and typed access to its fields. What stands in it is data from strangers."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from benchmark.errors import UserError

# Ours, not the site's: far above any explanation seen, far below what would fill a reader's prompt.
MAX_TEXT = 20_000
_SHOWN = 80


class NeuronpediaError(UserError):
    """An export is missing, damaged or ambiguous; the message names file and line, what is wrong, and the mend."""


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint for an unknown name: the nearest of `names`, or all of them (at most twenty)."""
    valid = sorted(set(names))
    close = get_close_matches(name, valid, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(map(shown, close))}?"
    return f"there are: {', '.join(map(shown, valid[:20]))}" if valid else "there are none"


def shown(value: object) -> str:
    """A value from a file as it may stand in a message: one short line without control characters."""
    # Only the head is turned into text where that is possible: a line may hold megabytes.
    head = value[: 2 * _SHOWN] if isinstance(value, str) else value
    text = ascii(head) if isinstance(head, str | int | float | None) else f"a {type(head).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@dataclass(frozen=True)
class Line:
    """A line that held a JSON object.

    Attributes:
        path: the file.
        number: the line, counted from 1.
        fields: the object, as it stood there.
    """

    path: Path
    number: int
    fields: Mapping[str, Any]

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.path}, line {self.number}"

    def wrong(self, what: str, mend: str) -> NeuronpediaError:
        """The error to raise about this line."""
        return NeuronpediaError(f"{self.place}: {what}; mend: {mend}")

    def required(self, name: str) -> Any:
        """A field that must be there and not null.

        Raises:
            NeuronpediaError: it is not; the message has the nearest field of the line.
        """
        if self.fields.get(name) is None:
            absent = f"there is no field {name!r} ({nearest(name, self.fields)})"
            raise self.wrong(f"{name!r} is null" if name in self.fields else absent, f"give {name!r}")
        return self.fields[name]

    def text(self, name: str, longest: int = MAX_TEXT) -> str:
        """A required text of at most `longest` characters."""
        return self._text(name, self.required(name), longest)

    def optional_text(self, name: str, longest: int = MAX_TEXT) -> str | None:
        """A text, or None where the field is absent or null."""
        value = self.fields.get(name)
        return None if value is None else self._text(name, value, longest)

    def optional_number(self, name: str) -> float | None:
        """A finite number, or None where the field is absent or null."""
        value = self.fields.get(name)
        if value is None:
            return None
        # To Python, true is a number; a JSON integer may have too many digits for a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
            raise self.wrong(
                f"{name!r} is {shown(value)} and not a finite number", f"give {name!r} as a number or null"
            )
        return float(value)

    def texts(self, name: str, longest: int = MAX_TEXT) -> tuple[str, ...]:
        """A list of texts; empty where the field is absent or null."""
        value = self.fields.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.wrong(f"{name!r} is {shown(value)} and not a list of texts", f"give {name!r} as a list")
        return tuple(self._text(f"{name}[{at}]", each, longest) for at, each in enumerate(value))

    def _text(self, name: str, value: Any, longest: int) -> str:
        if not isinstance(value, str):
            raise self.wrong(f"{name!r} is {shown(value)} and not a text", f"give {name!r} as a text")
        if len(value) > longest:
            raise self.wrong(
                f"{name!r} has {len(value)} characters, more than {longest}", "shorten it, or leave it out"
            )
        return value


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
