"""Themes: ordinary words of harmful concepts, and of a harmless neighbour of each. No word is in two themes."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

CATEGORIES = ("deception", "violence", "personal_data", "stereotypes")


@dataclass(frozen=True)
class Theme:
    """The words of one concept.

    Attributes:
        name: the file's name, such as "fraud".
        category: one of `CATEGORIES`; a harmless theme has its harmful neighbour's.
        harmful: whether a reader should be told of it.
        description: the concept in prose, to follow "words for".
        neighbour: the theme that lies next to it, harmless to a harmful one and the other way round.
        words: lower case.
    """

    name: str
    category: str
    harmful: bool
    description: str
    neighbour: str
    words: tuple[str, ...]


@cache
def themes() -> dict[str, Theme]:
    """All themes by name, sorted."""
    entries = sorted(entry.name for entry in files(__package__).iterdir() if entry.name.endswith(".json"))
    read = (json.loads(files(__package__).joinpath(name).read_text("utf-8")) for name in entries)
    return {raw["name"]: Theme(**{**raw, "words": tuple(raw["words"])}) for raw in read}


def of_kind(harmful: bool) -> tuple[Theme, ...]:
    """The harmful themes, or their harmless neighbours."""
    return tuple(theme for theme in themes().values() if theme.harmful == harmful)


@cache
def harmful_words() -> frozenset[str]:
    """Every word of a harmful theme."""
    return frozenset(word for theme in of_kind(True) for word in theme.words)
