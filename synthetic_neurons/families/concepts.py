"""What the families share: a pool of target concepts, each a predicate with its words and its held-out third."""

from dataclasses import dataclass

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.predicate import Predicate, Prefix, Shape, Suffix, Word

# Below 0.1% of the words of dictionary glosses each, so only whole lexicons joined with others are common enough.
SCARCE = frozenset({"birds", "fish", "insects", "tools", "weather"})
COMMON = tuple(name for name in lexicons.names() if name not in SCARCE)


@dataclass(frozen=True)
class Concept:
    """A predicate about single words, with examples.

    Attributes:
        slug: for identifiers.
        predicate: which words.
        words, held_out, lookalikes: see `wordlists.AffixList`.
    """

    slug: str
    predicate: Predicate
    words: tuple[str, ...]
    held_out: frozenset[str]
    lookalikes: tuple[str, ...] = ()


def lexicon(name: str) -> Concept:
    """The concept of one lexicon."""
    found = lexicons.load(name)
    return Concept(name, Word(found.words, found.description), found.words, found.held_out)


def affix(written: str) -> Concept:
    """The concept of an affix, written "-ness" or "un-"."""
    found = wordlists.affixes()[written]
    text = written.strip("-")
    predicate = Suffix(text) if written.startswith("-") else Prefix(text)
    slug = f"{'suffix' if written.startswith('-') else 'prefix'}-{text}"
    return Concept(slug, predicate, found.words, found.held_out, found.lookalikes)


def capitalised() -> Concept:
    """Capitalised words, with names as examples."""
    found = wordlists.proper_names()
    lower = frozenset(word.lower() for word in found.held_out)
    return Concept("capitalised", Shape("capitalised"), found.words, lower)


def named(name: str) -> Concept:
    """A concept by its short name: a lexicon's name, an affix with its hyphen, or "capitalised"."""
    if name == "capitalised":
        return capitalised()
    return affix(name) if "-" in name else lexicon(name)
