"""Concepts that a residual stream might carry: candidates for probed units. Which it does carry is measured."""

from collections import Counter
from dataclasses import dataclass

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.families.concepts import affix, lexicon
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import (
    SHAPES,
    Depth,
    Induction,
    Inside,
    Or,
    Place,
    Predicate,
    Previous,
    Repeats,
    Shape,
    Within,
    Word,
)

# A unit fires on one word in a hundred, so a much commoner word cannot be what it fires on.
COMMONEST_WORD = 0.02
SINGLE_WORDS = 48
# What follows a frequent word; a much commoner word would be followed by more words than a unit fires on.
COMMONEST_BEFORE = 0.01
WORDS_BEFORE = 24


@dataclass(frozen=True)
class ProbeConcept:
    """A predicate with values 0 and 1, and the kind of concept it is (the unit's family)."""

    slug: str
    kind: str
    predicate: Predicate


def _contexts() -> dict[str, Predicate]:
    return {
        "in-quotes": Inside("quotes"),
        "in-parentheses": Inside("parentheses"),
        "after-the": Previous(Word(("the",))),
        "after-a": Previous(Word(("a", "an"))),
        "after-of": Previous(Word(("of",))),
        "after-to": Previous(Word(("to",))),
        "after-comma": Previous(Word((",",))),
        "after-capital": Previous(Shape("capitalised")),
        "near-not": Within(Word(("not", "no", "without")), 3),
        "repeats": Repeats(),
        "induction": Induction(),
        "nested": Depth(1),
        "sentence-beginning": Place("sentence", 0, 0),
        "clause-beginning": Place("clause", 0, 0),
    }


# Wider categories: lexicons that belong together.
_UNIONS = (
    ("animals", "birds", "fish", "insects"),
    ("plants", "trees", "fruits"),
    ("food", "fruits"),
    ("water", "weather"),
    ("metals", "chemistry"),
    ("kinship", "professions"),
    ("law", "government"),
    ("money", "numbers"),
    ("body", "disease"),
    ("clothing", "colours"),
    ("buildings", "vehicles"),
    ("time", "numbers"),
    ("military", "tools"),
    ("music", "sports"),
    ("religion", "emotions"),
    ("science", "speech"),
    ("directions", "water"),
)


def _union(names: tuple[str, ...]) -> ProbeConcept:
    return ProbeConcept("-or-".join(names), "union", Or(tuple(lexicon(name).predicate for name in names)))


def _marker(marker: wordlists.Marker) -> ProbeConcept:
    return ProbeConcept(f"marker-{marker.name}", "marker", Word(marker.words, marker.description))


def concepts(teach: Passages) -> list[ProbeConcept]:
    """All candidates.

    Lexicons, unions of them, markers, affixes, shapes, contexts, and words that are frequent in teach or come before.
    """
    made = [ProbeConcept(name, "lexicon", lexicon(name).predicate) for name in lexicons.names()]
    made += [_union(names) for names in _UNIONS]
    made += map(_marker, wordlists.markers().values())
    for written in wordlists.affixes():
        found = affix(written)
        made.append(ProbeConcept(found.slug, "affix", found.predicate))
    made += [ProbeConcept(f"shape-{shape}", "shape", Shape(shape)) for shape in SHAPES]
    made += [ProbeConcept(slug, "context", predicate) for slug, predicate in _contexts().items()]
    before = [word for word in frequent(teach, COMMONEST_BEFORE, WORDS_BEFORE) if f"after-{word}" not in _contexts()]
    made += [ProbeConcept(f"after-{word}", "context", Previous(Word((word,)))) for word in before]
    return made + [ProbeConcept(f"word-{word}", "word", Word((word,))) for word in frequent(teach)]


def frequent(teach: Passages, share: float = COMMONEST_WORD, number: int = SINGLE_WORDS) -> list[str]:
    """The most frequent words of letters alone that make up at most a share of the text, the most frequent first."""
    count = Counter(word.lower() for word in teach.words if word.isalpha())
    ranked = sorted((word for word, n in count.items() if n <= share * len(teach.words)), key=lambda w: (-count[w], w))
    return ranked[:number]
