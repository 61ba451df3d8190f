"""Predicates: what a synthetic neuron computes, as data.

A predicate is a small JSON tree. It gives every word of a text a value in [0, 1] and looks only at that word and at
the words to its left in the same text, as a causal model's activation can. It is never code: a tree that comes from a
model is checked by `parse` and then run by `synthetic_neurons.evaluate`.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from synthetic_neurons.passages import word_spans

MAX_NODES = 200
MAX_DEPTH = 12
MAX_WORDS = 2000
MAX_REACH = 64
SHAPES = ("capitalised", "upper", "digit", "punctuation", "lower", "mixed")
MARKS = ("parentheses", "quotes")


class PredicateError(ValueError):
    """A value is not a predicate; the message begins with the JSON path of what is wrong."""


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
class Shape(Predicate):
    """1 where the word has this shape; every word has exactly one (see `evaluate.shape_of`)."""

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
class Inside(Predicate):
    """1 between an open mark and its close, the marks themselves left out; seen from the left context alone."""

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


def _nearest(given: str, choices: Iterable[str]) -> str:
    """`choices` as a hint, the nearest first named."""
    names = list(choices)
    near = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(names)}"


class _Node:
    """One JSON object on its way to a node: typed access to its fields, with errors that name the path."""

    def __init__(self, fields: Mapping[str, Any], path: str, child: Callable[[Any, str], Predicate]) -> None:
        self.fields, self.path, self._child = fields, path, child

    def fail(self, key: str, problem: str) -> PredicateError:
        return PredicateError(f"{self.path}.{key}: {problem}")

    def whole(self, key: str, least: int, most: float = math.inf) -> int:
        value = self.fields[key]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            bounds = f"{least} to {most}" if most < math.inf else f"{least} or more"
            raise self.fail(key, f"give a whole number, {bounds}, not {value!r:.40}")
        return value

    def text(self, key: str) -> str:
        value = self.fields[key]
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"give a non-empty string, not {value!r:.40}")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in choices:
            raise self.fail(key, f"unknown {key} {value!r:.40}; {_nearest(value, choices)}")
        return value

    def one(self, key: str) -> Predicate:
        return self._child(self.fields[key], f"{self.path}.{key}")

    def items(self, key: str, most: int) -> list[Any]:
        value = self.fields[key]
        if not isinstance(value, list | tuple) or not value or len(value) > most:
            raise self.fail(key, f"give a list of 1 to {most} entries")
        return list(value)

    def many(self, key: str) -> tuple[Predicate, ...]:
        found = self.items(key, MAX_NODES)
        return tuple(self._child(each, f"{self.path}.{key}[{i}]") for i, each in enumerate(found))


def _word(node: _Node) -> Word:
    words = node.items("words", MAX_WORDS)
    for i, word in enumerate(words):
        if not isinstance(word, str) or word_spans(word) != [(0, len(word))]:
            raise node.fail(f"words[{i}]", f"give one word without spaces or outer punctuation, not {word!r:.40}")
    name = None if node.fields.get("name") is None else node.text("name")
    return Word(tuple(dict.fromkeys(word.lower() for word in words)), name)


def _affix(node: _Node) -> str:
    text = node.text("text").lower()
    if any(character.isspace() for character in text):
        raise node.fail("text", f"give part of one word, without spaces, not {text!r:.40}")
    return text


def _position(node: _Node) -> Position:
    first = node.whole("from", 0)
    last = None if node.fields.get("to") is None else node.whole("to", first)
    return Position(first, last)


def _factor(node: _Node) -> float:
    value = node.fields["factor"]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
        raise node.fail("factor", f"give a number above 0 and at most 1, not {value!r:.40}")
    return float(value)


# op: required fields, optional fields, builder
_OPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[_Node], Predicate]]] = {
    "word": (("words",), ("name",), _word),
    "prefix": (("text",), (), lambda node: Prefix(_affix(node))),
    "suffix": (("text",), (), lambda node: Suffix(_affix(node))),
    "shape": (("shape",), (), lambda node: Shape(node.choice("shape", SHAPES))),
    "position": (("from",), ("to",), _position),
    "previous": (("of",), (), lambda node: Previous(node.one("of"))),
    "within": (("k", "of"), (), lambda node: Within(k=node.whole("k", 1, MAX_REACH), of=node.one("of"))),
    "inside": (("mark",), (), lambda node: Inside(node.choice("mark", MARKS))),
    "repeats": ((), (), lambda node: Repeats()),
    "and": (("of",), (), lambda node: And(node.many("of"))),
    "or": (("of",), (), lambda node: Or(node.many("of"))),
    "not": (("of",), (), lambda node: Not(node.one("of"))),
    "unless": (("of", "exception"), (), lambda node: Unless(node.one("of"), node.one("exception"))),
    "scaled": (("of", "factor"), (), lambda node: Scaled(factor=_factor(node), of=node.one("of"))),
    "always": ((), (), lambda node: Always()),
    "never": ((), (), lambda node: Never()),
}
OPS = tuple(_OPS)


def _operation(value: Any, path: str) -> str:
    if not isinstance(value, Mapping):
        raise PredicateError(f'{path}: give an object such as {{"op": "word", "words": ["rain"]}}, not {value!r:.40}')
    op = value.get("op")
    if op not in OPS:
        raise PredicateError(f"{path}.op: unknown op {op!r:.40}; {_nearest(str(op), OPS)}")
    return str(op)


def _check_keys(value: Mapping[str, Any], op: str, path: str) -> None:
    required, optional, _ = _OPS[op]
    for key in required:
        if key not in value:
            raise PredicateError(f"{path}.{key}: {op!r} needs {key!r}; add it")
    for key in value:
        if key != "op" and key not in required + optional:
            hint = _nearest(str(key), required + optional) if required + optional else "remove it"
            raise PredicateError(f"{path}.{key}: {op!r} has no {str(key)!r:.40}; {hint}")


def parse(value: Any) -> Predicate:
    """Read a predicate from a JSON value (objects, lists, strings, numbers; never code).

    Words and affixes are lower-cased and words without repeats, so `parse(p.to_json()) == p` for what `parse` returns.

    Raises:
        PredicateError: an unknown op, shape, mark or field, a wrong type, or a limit passed (200 nodes, 12 levels,
            2000 words in a list, k of 64), with the JSON path, the nearest valid choice, and the mend.
    """
    count = 0

    def read(raw: Any, path: str) -> Predicate:
        nonlocal count
        count += 1
        if count > MAX_NODES:
            raise PredicateError(f"{path}: more than {MAX_NODES} nodes; make the predicate smaller")
        return _at_depth(raw, path, read)

    return read(value, "$")


def _at_depth(raw: Any, path: str, child: Callable[[Any, str], Predicate]) -> Predicate:
    """Read one node; its depth is how many child fields its path has stepped through."""
    if 1 + path.count(".") > MAX_DEPTH:
        raise PredicateError(f"{path}: more than {MAX_DEPTH} levels; make the predicate flatter")
    op = _operation(raw, path)
    _check_keys(raw, op, path)
    return _OPS[op][2](_Node(raw, path, child))
