"""The nodes of the predicate language. Their docstrings are its definition: the value of a node on a word."""

from dataclasses import dataclass
from typing import Any, ClassVar

SHAPES = ("capitalised", "upper", "digit", "punctuation", "lower", "mixed")
BRACKETS = ("parentheses", "brackets")
MARKS = ("parentheses", "quotes", "brackets")
PARTS = ("clause", "sentence")
SCALES = ("magnitude", "intensity")
# Ops whose value depends on more than the word itself.
LEFT_CONTEXT = ("position", "place", "previous", "within", "count", "depth", "inside", "repeats", "induction")


@dataclass(frozen=True)
class Predicate:
    """Base of all nodes. Nodes are immutable, hashable and equal when their trees are equal."""

    op: ClassVar[str] = ""

    @property
    def children(self) -> tuple["Predicate", ...]:
        """The nodes directly below."""
        return ()

    @property
    def size(self) -> int:
        """How many nodes the tree has."""
        return 1 + sum(child.size for child in self.children)

    @property
    def depth(self) -> int:
        """How many levels the tree has; 1 for a leaf."""
        return 1 + max((child.depth for child in self.children), default=0)

    @property
    def lexical(self) -> bool:
        """Whether the value depends on the word alone, wherever it stands."""
        return self.op not in LEFT_CONTEXT and all(child.lexical for child in self.children)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `parse` reads it back."""
        return {"op": self.op}


@dataclass(frozen=True)
class Word(Predicate):
    """1 where the word is one of `words`, case aside. `name` is the concept's name; it is ignored in evaluation."""

    words: tuple[str, ...]
    name: str | None = None
    op: ClassVar[str] = "word"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        named = {} if self.name is None else {"name": self.name}
        return {"op": self.op, "words": list(self.words), **named}


@dataclass(frozen=True)
class _Affix(Predicate):
    text: str

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "text": self.text}


@dataclass(frozen=True)
class Prefix(_Affix):
    """1 where the word begins with `text`, case aside, and is longer than it."""

    op: ClassVar[str] = "prefix"


@dataclass(frozen=True)
class Suffix(_Affix):
    """1 where the word ends with `text`, case aside, and is longer than it."""

    op: ClassVar[str] = "suffix"


@dataclass(frozen=True)
class Infix(_Affix):
    """1 where `text` stands within the word, case aside, with at least one character before it and one after."""

    op: ClassVar[str] = "infix"


@dataclass(frozen=True)
class Similar(Predicate):
    """1 where the word, case aside, is `to` or one of the `nearest` words nearest to it in the shipped neighbour list.

    `graded`: 1 on `to` itself, and on a neighbour the list's step for its rank (0.9 down to 0.4).
    """

    to: str
    nearest: int
    graded: bool = False
    op: ClassVar[str] = "similar"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        graded = {"graded": True} if self.graded else {}
        return {"op": self.op, "to": self.to, "nearest": self.nearest, **graded}


@dataclass(frozen=True)
class Graded(Predicate):
    """The word's level on a shipped scale, in tenths; 0 for a word that is not on it, case aside.

    `magnitude`: numbers in ASCII digits alone, and number words. A number below 10 has 0.1, one below 100 has 0.2, and
    so on by order of magnitude (a thousand 0.4, a million 0.7), 1 from a billion on; leading zeros do not count.
    `intensity`: adverbs of degree, from 0.1 ("barely") to 1 ("utterly").
    """

    scale: str
    op: ClassVar[str] = "graded"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "scale": self.scale}


@dataclass(frozen=True)
class Shape(Predicate):
    """1 where the word has this shape; every word has exactly one (see `word_index.shape_of`)."""

    shape: str
    op: ClassVar[str] = "shape"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "shape": self.shape}


@dataclass(frozen=True)
class Position(Predicate):
    """1 at places `first` to `last` of the text, counted from 0, both included; no `last` means to the end."""

    first: int
    last: int | None = None
    op: ClassVar[str] = "position"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "from": self.first, "to": self.last}


@dataclass(frozen=True)
class Place(Predicate):
    """1 at places `first` to `last` of the clause or sentence, counted from 0, both included; no `last`: to its end.

    Every word counts, marks too. *Marks* are ASCII punctuation and “ ” ‘ ’ « » – — …; all else are *plain* words.
    A sentence begins at the text's first word, and at a plain word if, since the plain word before it (or the text's
    beginning), there was one of . ? ! and white space somewhere after that mark. So the marks between two sentences
    belong to the first; "3.14" and the inner dot of "e.g." end nothing; the last dot of "e.g. rain" ends a sentence.
    A clause begins where a sentence does, and likewise after one of , ; : - –, and after — even without white space.
    """

    part: str
    first: int
    last: int | None = None
    op: ClassVar[str] = "place"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "in": self.part, "from": self.first, "to": self.last}


@dataclass(frozen=True)
class _Wrapper(Predicate):
    of: Predicate

    @property
    def children(self) -> tuple[Predicate, ...]:
        """The one node below."""
        return (self.of,)

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "of": self.of.to_json()}


@dataclass(frozen=True)
class Previous(_Wrapper):
    """The value of `of` at the previous word of the text; 0 at the first."""

    op: ClassVar[str] = "previous"


@dataclass(frozen=True)
class Not(_Wrapper):
    """1 minus the value of `of`."""

    op: ClassVar[str] = "not"


@dataclass(frozen=True)
class Within(_Wrapper):
    """The greatest value of `of` among the previous `k` words of the text, the current one left out."""

    k: int
    op: ClassVar[str] = "within"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "k": self.k, "of": self.of.to_json()}


@dataclass(frozen=True)
class Scaled(_Wrapper):
    """The value of `of` times `factor`, which is above 0 and at most 1."""

    factor: float
    op: ClassVar[str] = "scaled"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "of": self.of.to_json(), "factor": self.factor}


@dataclass(frozen=True)
class Count(_Wrapper):
    """1 where at least `n` of the earlier words of the text have a value of `of` above 0.

    `every`: 1 where their number is n, or 2n, or 3n, and so on; joined with `of` by "and", this is every n-th after the
    first.
    """

    n: int
    every: bool = False
    op: ClassVar[str] = "count"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        every = {"every": True} if self.every else {}
        return {"op": self.op, "n": self.n, "of": self.of.to_json(), **every}


@dataclass(frozen=True)
class Depth(Predicate):
    """1 where at least `n` brackets of this kind are open, seen from the left context; 0 on the brackets themselves.

    Kinds are "parentheses" ( ) and "brackets" [ ]; with no `mark` both count, and either closer closes the last opened.
    A closer with nothing open does nothing.
    """

    n: int
    mark: str | None = None
    op: ClassVar[str] = "depth"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        mark = {} if self.mark is None else {"mark": self.mark}
        return {"op": self.op, "n": self.n, **mark}


@dataclass(frozen=True)
class Inside(Predicate):
    """1 between an open mark and its close, the marks themselves left out; seen from the left context alone.

    Parentheses ( ), brackets [ ], quotes “ ” and the straight ", which closes if anything is open and opens otherwise.
    Marks of one kind nest, and those within an open pair are inside it.
    """

    mark: str
    op: ClassVar[str] = "inside"

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "mark": self.mark}


@dataclass(frozen=True)
class Repeats(Predicate):
    """1 where the same word, case aside, stands earlier in the text."""

    op: ClassVar[str] = "repeats"


@dataclass(frozen=True)
class Induction(Predicate):
    """1 where the previous word and this one stood side by side, in this order and case aside, earlier in the text.

    That is, where … A B … A is followed by B. The earlier pair may end in the previous word: the third of "no no no".
    """

    op: ClassVar[str] = "induction"


@dataclass(frozen=True)
class _Many(Predicate):
    of: tuple[Predicate, ...]

    @property
    def children(self) -> tuple[Predicate, ...]:
        """The nodes joined."""
        return self.of

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "of": [child.to_json() for child in self.of]}


@dataclass(frozen=True)
class And(_Many):
    """The least value of the nodes joined."""

    op: ClassVar[str] = "and"


@dataclass(frozen=True)
class Or(_Many):
    """The greatest value of the nodes joined."""

    op: ClassVar[str] = "or"


@dataclass(frozen=True)
class Unless(_Wrapper):
    """The value of `of`, held below 1 minus the value of `exception`."""

    exception: Predicate
    op: ClassVar[str] = "unless"

    @property
    def children(self) -> tuple[Predicate, ...]:
        """What fires, and what stops it."""
        return (self.of, self.exception)

    def to_json(self) -> dict[str, Any]:
        """See `Predicate.to_json`."""
        return {"op": self.op, "of": self.of.to_json(), "exception": self.exception.to_json()}


@dataclass(frozen=True)
class Always(Predicate):
    """1 everywhere."""

    op: ClassVar[str] = "always"


@dataclass(frozen=True)
class Never(Predicate):
    """0 everywhere."""

    op: ClassVar[str] = "never"
