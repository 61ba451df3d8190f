"""The language as a plain Python loop: text by text, a list of values a node. `bench` times the evaluator against it.

Each node takes one pass over the text, as a careful hand-written loop would; it is the fair rival, not the definition.
"""

from collections.abc import Callable
from functools import cache, singledispatch

from synthetic_neurons.predicate import (
    BRACKETS,
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
from synthetic_neurons.tables import TENTHS, neighbours, scale
from synthetic_neurons.word_index import BREAKING, ENDS, PUNCTUATION, STEPS, shape_of

Values = list[float]


class Line:
    """One text.

    Args:
        words: its words.
        spaced: for each word, whether white space stands before it.
    """

    def __init__(self, words: list[str], spaced: list[bool]) -> None:
        self.words, self.spaced = words, spaced
        self.lower = [word.lower() for word in words]


@singledispatch
def plain_values(predicate: Predicate, line: Line) -> Values:
    """The predicate's value on every word of one text."""
    raise TypeError(f"{type(predicate).__name__} is not a predicate that can be evaluated; build it with `parse`")


def _each(line: Line, holds: Callable[[str], object]) -> Values:
    return [1.0 if holds(word) else 0.0 for word in line.lower]


@plain_values.register
def _(predicate: Word, line: Line) -> Values:
    return _each(line, _lowered(predicate.words).__contains__)


@cache
def _lowered(words: tuple[str, ...]) -> frozenset[str]:
    """Once a list, not once a text."""
    return frozenset(word.lower() for word in words)


@plain_values.register
def _(predicate: Prefix, line: Line) -> Values:
    text = predicate.text.lower()
    return _each(line, lambda word: word.startswith(text) and word != text)


@plain_values.register
def _(predicate: Suffix, line: Line) -> Values:
    text = predicate.text.lower()
    return _each(line, lambda word: word.endswith(text) and word != text)


@plain_values.register
def _(predicate: Infix, line: Line) -> Values:
    text = predicate.text.lower()
    return _each(line, lambda word: text in word[1:-1])


@plain_values.register
def _(predicate: Similar, line: Line) -> Values:
    table, to = neighbours(), predicate.to.lower()
    tenths = {
        word: step if predicate.graded else TENTHS
        for word, step in zip(table.nearest[to][: predicate.nearest], table.steps, strict=False)
    }
    tenths[to] = TENTHS
    return [tenths.get(word, 0) / TENTHS for word in line.lower]


@plain_values.register
def _(predicate: Graded, line: Line) -> Values:
    found = scale(predicate.scale)
    return [found.level(word) / TENTHS for word in line.lower]


@plain_values.register
def _(predicate: Shape, line: Line) -> Values:
    return [1.0 if shape_of(word) == predicate.shape else 0.0 for word in line.words]


def _between(places: list[int], first: int, last: int | None) -> Values:
    return [1.0 if first <= at and (last is None or at <= last) else 0.0 for at in places]


@plain_values.register
def _(predicate: Position, line: Line) -> Values:
    return _between(list(range(len(line.words))), predicate.first, predicate.last)


@plain_values.register
def _(predicate: Place, line: Line) -> Values:
    """`ended`: since the last plain word, a mark has ended the part; `waiting`: such a mark still needs white space."""
    places: list[int] = []
    waiting = ended = False
    for word, spaced in zip(line.words, line.spaced, strict=True):
        ended |= waiting and spaced
        plain = word not in PUNCTUATION
        places.append(0 if not places or (plain and ended) else places[-1] + 1)
        if plain:
            waiting = ended = False
        waiting |= word in ENDS[predicate.part]
        ended |= predicate.part == "clause" and word == BREAKING
    return _between(places, predicate.first, predicate.last)


@plain_values.register
def _(predicate: Previous, line: Line) -> Values:
    return [0.0, *plain_values(predicate.of, line)][: len(line.words)]


@plain_values.register
def _(predicate: Within, line: Line) -> Values:
    of = plain_values(predicate.of, line)
    return [max(of[max(0, at - predicate.k) : at], default=0.0) for at in range(len(of))]


@plain_values.register
def _(predicate: Count, line: Line) -> Values:
    values, number, n = [], 0, predicate.n
    for each in plain_values(predicate.of, line):
        values.append(1.0 if number >= n and not (predicate.every and number % n) else 0.0)
        number += each > 0
    return values


def _levels(line: Line, marks: tuple[str, ...]) -> list[tuple[int, int]]:
    """How many marks are open before and after each word."""
    steps = {word: step for mark in marks for word, step in STEPS[mark].items()}
    levels, before = [], 0
    for word in line.words:
        after = before
        if word in steps:
            after = 1 - min(before, 1) if steps[word] == 0 else max(0, before + steps[word])
        levels.append((before, after))
        before = after
    return levels


@plain_values.register
def _(predicate: Depth, line: Line) -> Values:
    marks = BRACKETS if predicate.mark is None else (predicate.mark,)
    own = {word for mark in marks for word in STEPS[mark]}
    pairs = zip(line.words, _levels(line, marks), strict=True)
    return [1.0 if after >= predicate.n and word not in own else 0.0 for word, (_, after) in pairs]


@plain_values.register
def _(predicate: Inside, line: Line) -> Values:
    return [1.0 if before and after else 0.0 for before, after in _levels(line, (predicate.mark,))]


def _seen_before(items: list[object]) -> Values:
    seen: set[object] = set()
    values = []
    for item in items:
        values.append(1.0 if item in seen else 0.0)
        seen.add(item)
    return values


@plain_values.register
def _(predicate: Repeats, line: Line) -> Values:
    return _seen_before(list(line.lower))


@plain_values.register
def _(predicate: Induction, line: Line) -> Values:
    return _seen_before(list(zip([None, *line.lower], line.lower, strict=False)))


@plain_values.register
def _(predicate: And, line: Line) -> Values:
    return [min(each) for each in zip(*(plain_values(child, line) for child in predicate.of), strict=True)]


@plain_values.register
def _(predicate: Or, line: Line) -> Values:
    return [max(each) for each in zip(*(plain_values(child, line) for child in predicate.of), strict=True)]


@plain_values.register
def _(predicate: Not, line: Line) -> Values:
    return [1.0 - each for each in plain_values(predicate.of, line)]


@plain_values.register
def _(predicate: Unless, line: Line) -> Values:
    both = zip(plain_values(predicate.of, line), plain_values(predicate.exception, line), strict=True)
    return [min(of, 1.0 - exception) for of, exception in both]


@plain_values.register
def _(predicate: Scaled, line: Line) -> Values:
    return [each * predicate.factor for each in plain_values(predicate.of, line)]


@plain_values.register
def _(predicate: Always, line: Line) -> Values:
    return [1.0] * len(line.words)


@plain_values.register
def _(predicate: Never, line: Line) -> Values:
    return [0.0] * len(line.words)
