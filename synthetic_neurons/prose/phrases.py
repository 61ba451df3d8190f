"""The pieces of prose about predicates: quoted lists, joined clauses, what the shapes, scales and marks are called."""

from collections.abc import Sequence
from dataclasses import dataclass

from synthetic_neurons.predicate import And, Or, Predicate, Scaled, Similar, Unless, Word
from synthetic_neurons.tables import neighbours

# Words shown of a list that has a name: where it leads, and where it is part of a condition.
SHOWN = 8
SHOWN_WITHIN = 3
SHAPES = {
    "capitalised": "capitalised words",
    "upper": "words in capitals throughout",
    "digit": "words with a digit",
    "punctuation": "punctuation marks and symbols",
    "lower": "words in lower case",
    "mixed": "words in mixed case",
}
A_SHAPE = {
    "capitalised": "a capitalised word",
    "upper": "a word in capitals throughout",
    "digit": "a word with a digit",
    "punctuation": "a punctuation mark or symbol",
    "lower": "a word in lower case",
    "mixed": "a word in mixed case",
}
BRACKETS = {"parentheses": "parentheses", "brackets": "square brackets", None: "round or square brackets"}
# Lists whose name is what their words are, not what they are about.
CLASSES = frozenset(
    {
        "articles",
        "determiners",
        "prepositions",
        "pronouns",
        "relative pronouns",
        "ordinal numbers",
        "words that join",
        "words that open a clause",
        "forms of be, have and do, and modal verbs",
    }
)
MARKS = {"parentheses": "parentheses", "brackets": "square brackets", "quotes": "quotation marks"}


def joined(parts: Sequence[str], word: str) -> str:
    """Items as a list in prose: "a", "a or b", "a, b or c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def quoted(words: Sequence[str]) -> list[str]:
    """Each word in single quotation marks."""
    return [f"'{word}'" for word in words]


def examples(words: Sequence[str], shown: int = SHOWN) -> str:
    """The first words of a list, quoted, and how many more there are."""
    rest = len(words) - shown
    return joined([*quoted(words[:shown]), f"{rest} more"] if rest > 0 else quoted(words), "and")


def of_list(name: str, others: str = "") -> str:
    """The words of a list by its name: "words for kinds of weather", "determiners"; or its other words."""
    return f"{others}{name}" if name in CLASSES else f"{others}words for {name}"


def one_of_list(name: str, word: str = "word") -> str:
    """One word of a list by its name: "a word for kinds of weather", "one of the determiners"."""
    return f"one of the {name}" if name in CLASSES else f"a {word} for {name}"


def near(predicate: Similar) -> str:
    """The neighbours that a `Similar` node takes in, quoted, the nearest first."""
    return joined(quoted(neighbours().nearest[predicate.to.lower()][: predicate.nearest]), "and")


def word_or_mark(words: Sequence[str]) -> str:
    """What to call the entries of a list: "mark" if none has a letter or digit."""
    return "word" if any(character.isalnum() for word in words for character in word) else "mark"


def ordinal(number: int) -> str:
    """The number with its ending: 1st, 2nd, 3rd, 4th."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"


def multiples(n: int) -> str:
    """The multiples of n, the first three by name."""
    return f"{n}, {2 * n}, {3 * n} or another multiple of {n}"


def places(first: int, last: int | None, whole: str) -> str:
    """Places counted from 0 as people count them, to follow "is"; `whole` is what they are counted in."""
    if last is None:
        return f"the {ordinal(first + 1)} word of {whole} or a later one"
    if first == last:
        return f"the {'first' if first == 0 else ordinal(first + 1)} word of {whole}"
    if first == 0:
        return f"among the first {last + 1} words of {whole}"
    return f"one of the {ordinal(first + 1)} to {ordinal(last + 1)} words of {whole}"


def tangle(predicate: Predicate) -> int:
    """How deep "and" and "or" stand within each other in the predicate's prose; 0 where there is none."""
    below = max((tangle(child) for child in predicate.children), default=0)
    if isinstance(predicate, Unless | Scaled):
        return 2 + below
    return below + (isinstance(predicate, And | Or) and len(predicate.children) > 1)


_OPENING = {"and": ("both", "at once"), "or": ("either", "either"), "nor": ("neither", "neither")}


def combined(parts: Sequence[tuple[str, int]], word: str) -> str:
    """Phrases joined so that what belongs together cannot be mistaken: "either a or b", "both a and either b or c".

    Args:
        parts: each phrase with its `tangle`.
        word: "and", "or" or "nor".
    """
    ordered = sorted(parts, key=lambda part: part[1])
    bare = len(ordered) == 2 and ordered[0][1] == 0 and ordered[1][1] == 1
    phrases = [text if level == 0 or bare else f"[{text}]" for text, level in ordered]
    if len(phrases) == 1:
        return ordered[0][0]
    opening = _OPENING[word][len(phrases) > 2]
    return f"{opening} {f' {word} '.join(phrases) if word == 'nor' else joined(phrases, word)}"


@dataclass(frozen=True)
class Mode:
    """The form of a verb: "ends", "end", "does not end", "do not end".

    Attributes:
        plural: of several words.
        negated: that it is not so.
    """

    plural: bool = False
    negated: bool = False

    @property
    def opposite(self) -> "Mode":
        """The same with the other answer."""
        return Mode(self.plural, not self.negated)

    @property
    def be(self) -> str:
        """The form of "to be"."""
        return ("are" if self.plural else "is") + (" not" if self.negated else "")

    @property
    def they(self) -> str:
        """The pronoun for the subject."""
        return "they" if self.plural else "it"

    def verb(self, base: str, third: str) -> str:
        """The form of another verb."""
        if self.negated:
            return f"{'do' if self.plural else 'does'} not {base}"
        return base if self.plural else third


def one_of(predicate: Word, mode: Mode) -> str:
    """An unnamed list as a verb phrase: "is 'a'", "is one of 'a' and 'b'", "are none of 'a' and 'b'"."""
    words = quoted(predicate.words)
    if len(words) == 1:
        return f"{mode.be} {words[0]}"
    if mode.negated and len(words) == 2:
        return f"{Mode(mode.plural).be} neither {words[0]} nor {words[1]}"
    among = "none of" if mode.negated else "among" if mode.plural else "one of"
    return f"{Mode(mode.plural).be} {among} {joined(words, 'and')}"
