"""Word lists: fillers by slot, words by affix and by shape, names, markers of stance; templates, phrases by split."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class AffixList:
    """Words with one affix.

    Attributes:
        words: all words, the commonest in dictionary glosses first.
        held_out: the third that texts for the teach split never use.
        lookalikes: words with the same letters elsewhere, which the affix does not match.
    """

    words: tuple[str, ...]
    held_out: frozenset[str]
    lookalikes: tuple[str, ...] = ()


@cache
def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def fillers() -> dict[str, tuple[str, ...]]:
    """Slot letter to words: n noun, p plural noun, a adjective, v verb, d past participle. None is in a lexicon."""
    return {slot: tuple(words) for slot, words in _read("fillers").items()}


def templates(split: str) -> tuple[str, ...]:
    """The sentence templates of a split, "teach" or "exam"; {x} is where the unit's own words go."""
    return tuple(_read("templates")[split])


def openers(split: str) -> tuple[str, ...]:
    """Sentences of a split that may stand before a template's."""
    return tuple(_read("phrases")[split]["openers"])


def gaps(split: str, *, start: bool = False) -> dict[int, tuple[str, ...]]:
    """What may stand between two words of a split's text, by how many words it has.

    `start`: between a mark and a word.
    """
    phrases = _read("phrases")[split]["starts" if start else "gaps"]
    return {int(length): tuple(each) for length, each in phrases.items()}


def shaped() -> dict[str, tuple[str, ...]]:
    """Words by shape, for the shapes that the other lists have none of: "digit", "upper", "mixed", "punctuation"."""
    return {shape: tuple(words) for shape, words in _read("shapes").items()}


def affixes() -> dict[str, AffixList]:
    """Affix, written "-ness" or "un-", to its words."""
    return {
        affix: AffixList(tuple(raw["words"]), frozenset(raw["held_out"]), tuple(raw["lookalikes"]))
        for affix, raw in _read("affixes").items()
    }


def proper_names() -> AffixList:
    """Common names of people and places, capitalised."""
    raw = _read("names")
    return AffixList(tuple(raw["words"]), frozenset(raw["held_out"]))


@dataclass(frozen=True)
class Marker:
    """Words that mark a stance, a relation or a grammatical class; a word may be in several lists.

    Attributes:
        name: the list's key, such as "hedges".
        description: what they mark, to follow "words for", such as "hedging".
        words: all words, lower case.
        closed: a closed class, such as prepositions: none of it is held out of teach.
    """

    name: str
    description: str
    words: tuple[str, ...]
    closed: bool


@cache
def markers() -> dict[str, Marker]:
    """Name to list, in the file's order."""
    found = _read("markers")["lists"].items()
    return {name: Marker(name, raw["description"], tuple(raw["words"]), raw["closed"]) for name, raw in found}


def affix_texts() -> tuple[str, ...]:
    """Affixes that units may be made of, written "-ness" or "un-"."""
    return tuple(_read("markers")["affixes"])


def infix_texts() -> tuple[str, ...]:
    """Runs of letters that units may look for within words."""
    return tuple(_read("markers")["infixes"])
