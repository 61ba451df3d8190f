"""Lexicons: everyday words of one concept each. No word is in two lexicons; a third of each is held out of teach."""

import difflib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Lexicon:
    """The words of one concept.

    Attributes:
        name: the file's name, such as "weather".
        description: the concept in prose, to follow "words for", such as "kinds of weather".
        words: all words, lower case, the commonest in dictionary glosses first.
        held_out: the third of `words` that texts for the teach split never use.
    """

    name: str
    description: str
    words: tuple[str, ...]
    held_out: frozenset[str]

    @property
    def teach(self) -> tuple[str, ...]:
        """The words that texts for the teach split may use."""
        return tuple(word for word in self.words if word not in self.held_out)


@cache
def names() -> tuple[str, ...]:
    """The names of all lexicons, sorted."""
    entries = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in entries if name.endswith(".json")))


@cache
def load(name: str) -> Lexicon:
    """Read one lexicon.

    Raises:
        KeyError: no lexicon has this name; the message gives the nearest.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1, cutoff=0.0)
        raise KeyError(f"no lexicon {name!r}; the nearest is {near[0]!r}, and `names()` lists all")
    raw = json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return Lexicon(raw["name"], raw["description"], tuple(raw["words"]), frozenset(raw["held_out"]))
