"""Tables that truth is read from: scales of words, and neighbour lists. Look-ups only; nothing is computed.

`scales.json` is written by hand. `neighbours.json` was made once by `python -m benchmark.subjects.neighbours`; making
it again on another machine may change it, and with it the truth of units, so what counts is the file that ships.
`frequencies.json` (made by `python -m benchmark.subjects.frequencies`) says how common words are; no truth reads it.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

TENTHS = 10


@cache
def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Scale:
    """Words with a level each, in tenths.

    Attributes:
        name: "magnitude" or "intensity".
        words: lower-case word to level, 1 to 10.
        digits: the level of a word of ASCII digits by how many it has (leading zeros aside): the first entry is that of
            one digit, the last that of all longer ones. Empty where the scale has no digits.
    """

    name: str
    words: dict[str, int]
    digits: tuple[int, ...] = ()

    def level(self, word: str) -> int:
        """The level of a lower-cased word, 0 for a word that is not on the scale."""
        if self.digits and word.isascii() and word.isdigit():
            length = max(1, len(word.lstrip("0")))
            return self.digits[min(length, len(self.digits)) - 1]
        return self.words.get(word, 0)


@cache
def scale(name: str) -> Scale:
    """A scale by its name; `KeyError` if there is none."""
    raw = _read("scales")[name]
    return Scale(name, raw["words"], tuple(raw.get("digits", ())))


@dataclass(frozen=True)
class Neighbours:
    """Which words are similar to which.

    Attributes:
        steps: the level in tenths of a neighbour by its rank, the nearest first.
        nearest: each known word, lower case, to its neighbours, the nearest first.
    """

    steps: tuple[int, ...]
    nearest: dict[str, tuple[str, ...]]


@cache
def neighbours() -> Neighbours:
    """The shipped neighbour lists."""
    raw = _read("neighbours")
    lists = {word: tuple(near.split()) for word, near in raw["neighbours"].items()}
    return Neighbours(tuple(raw["steps"]), lists)


@cache
def frequencies() -> dict[str, int]:
    """Lower-cased word or mark to how many there are of it in a million words of dictionary glosses; sorted by word."""
    return dict(_read("frequencies")["per_million"])
