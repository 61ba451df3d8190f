"""From JSON to nodes: every field checked and bounded, every error with the JSON path and the mend."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from synthetic_neurons.passages import word_spans
from synthetic_neurons.predicate.nodes import (
    BRACKETS,
    MARKS,
    PARTS,
    SCALES,
    SHAPES,
    Always,
    And,
    Count,
    Depth,
    Graded,
    Induction,
    Infix,
    Inside,
    Never,
    Not,
    Or,
    Place,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Scaled,
    Shape,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.tables import neighbours

MAX_NODES = 200
MAX_DEPTH = 12
MAX_WORDS = 2000
# Letters of an affix, of a listed word and of a list's name.
MAX_LETTERS = 200
MAX_REACH = 64
MAX_COUNT = 64
MAX_NESTING = 16
MAX_PLACE = 1000
# The largest whole number that every reader of JSON keeps exact.
MAX_INTEGER = 2**53 - 1
# As many as the shipped lists have; a test compares.
MAX_NEIGHBOURS = 12
# Of a word without end, errors show and compare the beginning.
_SHOWN = 40


class PredicateError(ValueError):
    """A value is not a predicate; the message begins with the JSON path of what is wrong."""


def _shown(value: Any) -> str:
    """A value as an error shows it: one short line, whatever its size or depth."""
    if isinstance(value, str):
        return repr(value[:_SHOWN])
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if abs(value) < 10**_SHOWN else "a number of more than 40 digits"
    return f"a {type(value).__name__}"


def _is_whole(value: Any) -> bool:
    """JSON has one kind of number: 3.0 is the whole number 3, for the schema as well."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _nearest(given: Any, choices: Iterable[str]) -> str:
    """`choices` as a hint, the nearest first named."""
    names = list(choices)
    near = difflib.get_close_matches(given[:_SHOWN], names, n=1, cutoff=0.5) if isinstance(given, str) else []
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(names)}"


class _Node:
    """One JSON object on its way to a node: typed access to its fields, with errors that name the path."""

    def __init__(self, fields: Mapping[str, Any], path: str, child: Callable[[Any, str], Predicate]) -> None:
        self.fields, self.path, self._child = fields, path, child

    def fail(self, key: str, problem: str) -> PredicateError:
        return PredicateError(f"{self.path}.{key}: {problem}")

    def whole(self, key: str, least: int, most: int = MAX_INTEGER) -> int:
        value = self.fields[key]
        if not _is_whole(value) or not least <= value <= most:
            bounds = f"{least} to {most}" if most < MAX_INTEGER else f"{least} or more (below 2^53)"
            raise self.fail(key, f"give a whole number, {bounds}, not {_shown(value)}")
        return int(value)

    def flag(self, key: str) -> bool:
        value = self.fields.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.fail(key, f"give true or false, not {_shown(value)}")
        return bool(value)

    def text(self, key: str) -> str:
        value = self.fields[key]
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"give a non-empty string, not {_shown(value)}")
        if len(value) > MAX_LETTERS:
            raise self.fail(key, f"give at most {MAX_LETTERS} characters, not {len(value)}")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in choices:
            raise self.fail(key, f"unknown {key} {_shown(value)}; {_nearest(value, choices)}")
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
            raise node.fail(f"words[{i}]", f"give one word without spaces or outer punctuation, not {_shown(word)}")
        if len(word) > MAX_LETTERS:
            raise node.fail(f"words[{i}]", f"give at most {MAX_LETTERS} characters, not {len(word)}")
    name = None if node.fields.get("name") is None else node.text("name")
    return Word(tuple(dict.fromkeys(map(_lowered, words))), name)


def _lowered(word: str) -> str:
    """In lower case, where that is one word still: İ would become two, and stays (evaluation lowers both sides)."""
    lower = word.lower()
    return lower if word_spans(lower) == [(0, len(lower))] else word


def _affix(node: _Node) -> str:
    text = node.text("text").lower()
    if any(character.isspace() for character in text):
        raise node.fail("text", f"give part of one word, without spaces, not {_shown(text)}")
    return text


def _span(node: _Node, most: int = MAX_INTEGER) -> tuple[int, int | None]:
    first = node.whole("from", 0, most)
    return first, None if node.fields.get("to") is None else node.whole("to", first, most)


def _depth(node: _Node) -> Depth:
    mark = None if node.fields.get("mark") is None else node.choice("mark", BRACKETS)
    return Depth(node.whole("n", 1, MAX_NESTING), mark)


def _similar(node: _Node) -> Similar:
    word, known = node.text("to").lower(), neighbours().nearest
    if word not in known:
        (near,) = difflib.get_close_matches(word[:_SHOWN], known, n=1, cutoff=0.0)
        raise node.fail("to", f"no neighbours are known of {_shown(word)}; the nearest known word is {near!r}")
    return Similar(word, node.whole("nearest", 1, MAX_NEIGHBOURS), node.flag("graded"))


def _factor(node: _Node) -> float:
    value = node.fields["factor"]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
        raise node.fail("factor", f"give a number above 0 and at most 1, not {_shown(value)}")
    return float(value)


# op: required fields, optional fields, builder
_OPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[_Node], Predicate]]] = {
    "word": (("words",), ("name",), _word),
    "prefix": (("text",), (), lambda node: Prefix(_affix(node))),
    "suffix": (("text",), (), lambda node: Suffix(_affix(node))),
    "infix": (("text",), (), lambda node: Infix(_affix(node))),
    "similar": (("to", "nearest"), ("graded",), _similar),
    "graded": (("scale",), (), lambda node: Graded(node.choice("scale", SCALES))),
    "shape": (("shape",), (), lambda node: Shape(node.choice("shape", SHAPES))),
    "position": (("from",), ("to",), lambda node: Position(*_span(node))),
    "place": (("in", "from"), ("to",), lambda node: Place(node.choice("in", PARTS), *_span(node, MAX_PLACE))),
    "previous": (("of",), (), lambda node: Previous(node.one("of"))),
    "within": (("k", "of"), (), lambda node: Within(k=node.whole("k", 1, MAX_REACH), of=node.one("of"))),
    "count": (
        ("n", "of"),
        ("every",),
        lambda node: Count(n=node.whole("n", 1, MAX_COUNT), every=node.flag("every"), of=node.one("of")),
    ),
    "depth": (("n",), ("mark",), _depth),
    "inside": (("mark",), (), lambda node: Inside(node.choice("mark", MARKS))),
    "repeats": ((), (), lambda node: Repeats()),
    "induction": ((), (), lambda node: Induction()),
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
        raise PredicateError(f'{path}: give an object such as {{"op": "word", "words": ["rain"]}}, not {_shown(value)}')
    op = value.get("op")
    if op not in OPS:
        raise PredicateError(f"{path}.op: unknown op {_shown(op)}; {_nearest(op, OPS)}")
    return str(op)


def _check_keys(value: Mapping[str, Any], op: str, path: str) -> None:
    required, optional, _ = _OPS[op]
    for key in required:
        if key not in value:
            raise PredicateError(f"{path}.{key}: {op!r} needs {key!r}; add it")
    for key in value:
        if key != "op" and key not in required + optional:
            hint = _nearest(key, required + optional) if required + optional else "remove it"
            raise PredicateError(f"{path}.{_shown(key)[1:-1]}: {op!r} has no {_shown(key)}; {hint}")


def parse(value: Any) -> Predicate:
    """Read a predicate from a JSON value (objects, lists, strings, numbers; never code).

    Words and affixes are lower-cased and words without repeats, so `parse(p.to_json()) == p` for what `parse` returns.

    Raises:
        PredicateError: an unknown op, shape, mark or field, a wrong type, or a limit passed (200 nodes, 12 levels,
            2000 words in a list, 200 characters, k of 64), with the JSON path, the nearest valid choice, and the mend.
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
