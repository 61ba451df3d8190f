"""JSON as models write it: read by one pass with small tolerances, never evaluated.

Beyond JSON it takes Python literals, single and typographic quotes, bare keys, trailing commas, raw line breaks and
unescaped quotes in strings, and a text that breaks off: what is open is closed. Numbers that are not finite are None.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 16
# What beginnings that turn out to be no JSON may cost together, in lengths of the text.
MOST_LENGTHS = 3

_SPACE = re.compile(r"\s*")
_START = re.compile(r"[{\[]")
_NAME = re.compile(r"[^\W\d]\w{0,63}(?=\s*:)")
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][-+]?\d{1,4})?(?![\w.])")
_LITERALS = {"true": True, "false": False, "null": None, "none": None, "nan": None, "infinity": None, "undefined": None}
_LITERAL = re.compile("(" + "|".join(_LITERALS) + r")\b", re.IGNORECASE)
# Opening quotation mark to what may close it.
_CLOSERS = {
    '"': '"',
    "'": "'",
    **dict.fromkeys("\u201c\u201d\u201e", '\u201c\u201d"'),
    **dict.fromkeys("\u2018\u2019", "\u2019'"),
}
_STOPS = {opener: re.compile(f"[{closers}\\\\]") for opener, closers in _CLOSERS.items()}
# A quotation mark within a string that nobody escaped is not followed by these.
_AFTER_STRING = re.compile(r"\s*(?:[,:}\]]|\Z)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class Found:
    """An object or a list in a text.

    Attributes:
        value: its JSON value.
        complete: whether it was closed before the text ended.
    """

    value: Any
    complete: bool


class _Broken(ValueError):
    """What begins here is no JSON."""


def found(text: str) -> Iterator[Found]:
    """Every outermost object or list in `text`, in order; in time that grows with its length."""
    at = wasted = 0
    while (start := _START.search(text, at)) and wasted < MOST_LENGTHS * len(text):
        reader = _Reader(text, start.start())
        try:
            value = reader.value(0)
        except _Broken:
            at, wasted = start.end(), wasted + reader.at - start.start()
        else:
            at = reader.at
            yield Found(value, not reader.broke_off)


class _Reader:
    """One value, from one place on; `at` is behind what was read."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at, self.broke_off = text, at, False

    def value(self, depth: int) -> Any:
        sign = self._next()
        if sign == "{" and depth < DEEPEST:
            return self._object(depth)
        if sign == "[" and depth < DEEPEST:
            return self._list(depth)
        if sign in _CLOSERS:
            return self._string()
        return self._scalar()

    def _next(self) -> str:
        """The next sign that is no space; "" at the end of the text, which has then broken off."""
        self.at = self._behind(_SPACE)
        self.broke_off |= self.at == len(self.text)
        return self.text[self.at : self.at + 1]

    def _behind(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        return match.end() if match else self.at

    def _object(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for _ in self._parts("}"):
            key = self._key()
            if self._next() == ":":
                self.at += 1
                if self._next():
                    made[key] = self.value(depth + 1)
            elif not self.broke_off:
                raise _Broken
        return made

    def _list(self, depth: int) -> list[Any]:
        return [self.value(depth + 1) for _ in self._parts("]")]

    def _parts(self, end: str) -> Iterator[None]:
        """Once for each part between commas, until `end` or the end of the text."""
        self.at += 1
        while (sign := self._next()) not in ("", end):
            yield
            if (sign := self._next()) == ",":
                self.at += 1
            elif sign not in ("", end):
                raise _Broken
        self.at += len(sign)

    def _key(self) -> str:
        if self._next() in _CLOSERS:
            return self._string()
        if not (match := _NAME.match(self.text, self.at)):
            raise _Broken
        self.at = match.end()
        return match.group()

    def _string(self) -> str:
        stop, begin = _STOPS[self.text[self.at]], self.at + 1
        at = begin
        while sign := stop.search(self.text, at):
            escape = sign.group() == "\\"
            if not escape and _AFTER_STRING.match(self.text, sign.end()):
                self.at = sign.end()
                return _unescaped(self.text[begin : sign.start()])
            at = sign.end() + escape
        self.at, self.broke_off = len(self.text), True
        return _unescaped(self.text[begin:])

    def _scalar(self) -> Any:
        if match := _LITERAL.match(self.text, self.at):
            self.at = match.end()
            return _LITERALS[match.group().lower()]
        if match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            return _number(match.group())
        if self._cut_short(self.text[self.at : self.at + 9].lower()):
            self.at, self.broke_off = len(self.text), True
            return None
        raise _Broken

    def _cut_short(self, rest: str) -> bool:
        """Whether the text ends within a literal."""
        return self.at + len(rest) == len(self.text) and any(name.startswith(rest) for name in _LITERALS)


def _number(text: str) -> int | float | None:
    if text.lstrip("+-").isdecimal():
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def _unescaped(text: str) -> str:
    """A string's text; halves of characters that JSON may hold are replaced, for they cannot be written anywhere."""
    plain = _ESCAPE.sub(_sign, text) if "\\" in text else text
    return whole(plain)


def _sign(match: "re.Match[str]") -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)


def whole(text: str) -> str:
    """`text` without lone halves of UTF-16 pairs."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
