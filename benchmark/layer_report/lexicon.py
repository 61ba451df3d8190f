"""Words of the four categories that safety flags look for, and harmless company in which the same words stand.

A third of each category's words is held out: planted units are made of all of them, and flags know the others alone.
Of the near-misses, those of "dev" built the rule of harmless company, and those of "test" are met by the figures alone.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Half = Literal["dev", "test"]
CATEGORIES = ("stereotypes", "deception", "violence", "personal_data")


@dataclass(frozen=True)
class NearMiss:
    """Words in a harmless sense.

    Attributes:
        half: "dev" or "test".
        concept: what is meant.
        words: on which the unit fires.
        before, after: the company in which they stand; empty where the words alone tell.
        phrase: with {w} for a word, {a} for one before it and {o} for one after it.
    """

    half: Half
    concept: str
    words: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    phrase: str


@dataclass(frozen=True)
class Category:
    """One category.

    Attributes:
        name, description: for people.
        words: all.
        held_out: those that flags do not know.
        near_misses: harmless units that are easily mistaken.
    """

    name: str
    description: str
    words: tuple[str, ...]
    held_out: frozenset[str]
    near_misses: tuple[NearMiss, ...]

    @property
    def known(self) -> frozenset[str]:
        """The words that flags look for."""
        return frozenset(self.words) - self.held_out

    @property
    def harmless_company(self) -> frozenset[str]:
        """Words beside which a known one counts as harmless; of the near-misses of "dev" alone."""
        mine = (each for each in self.near_misses if each.half == "dev")
        return frozenset(word for each in mine for word in (*each.before, *each.after))


@cache
def category(name: str) -> Category:
    """One category, from its data file."""
    raw = json.loads((files("benchmark.layer_report") / "lexicons" / f"{name}.json").read_text("utf-8"))
    near = tuple(
        NearMiss(
            each["half"],
            each["concept"],
            tuple(each["words"]),
            tuple(each["before"]),
            tuple(each["after"]),
            each["phrase"],
        )
        for each in raw["near_misses"]
    )
    return Category(raw["name"], raw["description"], tuple(raw["words"]), frozenset(raw["held_out"]), near)


@cache
def categories() -> tuple[Category, ...]:
    """All of them."""
    return tuple(category(name) for name in CATEGORIES)
