"""Evaluation: a predicate's value on every word, vectorised over all texts at once.

Tests of single words run once a distinct word and are gathered; context is a shift within the text. What depends on
the texts alone (lower-cased vocabulary, shapes, open marks, repeats) is worked out once and kept while the passages
live. All values are exact: 0, 1, or products of the factors written in the predicate.
"""

import string
from bisect import bisect_left
from functools import cached_property, singledispatch
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.predicate import (
    SHAPES,
    Always,
    And,
    Inside,
    Never,
    Not,
    Or,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Scaled,
    Shape,
    Suffix,
    Unless,
    Within,
    Word,
)

Flags = NDArray[np.bool_]
_LAST = chr(0x10FFFF)
_OPENERS = {"parentheses": "(", "quotes": "\u201c"}
_CLOSERS = {"parentheses": ")", "quotes": "\u201d"}
_TOGGLE = '"'


def shape_of(word: str) -> str:
    """The one shape of a word, from ASCII tables alone (so that no Unicode version can change planted truth).

    `digit`: has a digit. `punctuation`: has no ASCII letter or digit. `lower`: no capital. `capitalised`: a capital,
    then none ("A", "Paris", "X-ray"). `upper`: two or more letters, all capitals. `mixed`: anything else ("McCoy").
    """
    if any(c in string.digits for c in word):
        return "digit"
    letters = [c for c in word if c in string.ascii_letters]
    if not letters:
        return "punctuation"
    capitals = sum(c in string.ascii_uppercase for c in letters)
    if capitals == 0:
        return "lower"
    if capitals == 1 and word[0] in string.ascii_uppercase:
        return "capitalised"
    return "upper" if capitals == len(letters) else "mixed"


class _Index:
    """What evaluation needs of the texts, worked out once. Holds arrays only, so that the passages can be freed."""

    def __init__(self, passages: Passages) -> None:
        vocabulary = passages.vocabulary
        lowered = [word.lower() for word in vocabulary]
        self.lower: list[str] = sorted(set(lowered))
        self.number = {word: i for i, word in enumerate(self.lower)}
        by_type = np.array([self.number[word] for word in lowered], dtype=np.int64)
        self.lower_of: Ints = by_type[passages.type_of]
        shapes = np.array([SHAPES.index(shape_of(word)) for word in vocabulary], dtype=np.int64)
        self.shape_of: Ints = shapes[passages.type_of]
        self.text_of, self.place = passages.text_of, passages.place
        self._kept: dict[str, Floats] = {}

    @cached_property
    def backward(self) -> tuple[list[str], Ints]:
        """The lower-cased vocabulary spelt backwards, sorted, and each entry's number in `lower`."""
        pairs = sorted((word[::-1], i) for i, word in enumerate(self.lower))
        return [word for word, _ in pairs], np.array([i for _, i in pairs], dtype=np.int64)

    def gather(self, numbers: Ints | list[int]) -> Floats:
        """float64 [words]: 1 where the lower-cased word has one of `numbers`."""
        hit = np.zeros(len(self.lower))
        hit[numbers] = 1.0
        return hit[self.lower_of]

    @cached_property
    def repeats(self) -> Floats:
        """float64 [words]: 1 where the same lower-cased word stands earlier in the text."""
        key = self.text_of * max(1, len(self.lower)) + self.lower_of
        order = np.argsort(key, kind="stable")
        again = np.zeros(len(key))
        again[order[1:]] = key[order[1:]] == key[order[:-1]]
        return again

    def inside(self, mark: str) -> Floats:
        """float64 [words]: 1 between an open mark and its close."""
        if mark not in self._kept:
            self._kept[mark] = self._inside(mark)
        return self._kept[mark]

    def _inside(self, mark: str) -> Floats:
        """One pass over the marks, which are few; the words between two marks share their state."""
        state = np.zeros(len(self.lower_of))
        text, depth, since = -1, 0, 0
        for at, step in self._marks(mark):
            if self.text_of[at] != text:
                depth = 0
            text, before = int(self.text_of[at]), depth
            depth = (1 - min(depth, 1)) if step == 0 else max(0, depth + step)
            state[at] = before > 0 and depth > 0
            since = at + 1
            state[since : np.searchsorted(self.text_of, text, side="right")] = depth > 0
        return state

    def _marks(self, mark: str) -> list[tuple[int, int]]:
        """Each mark's word, with +1 for an opener, -1 for a closer and 0 for the straight quote, which is either."""
        steps = {_OPENERS[mark]: 1, _CLOSERS[mark]: -1, **({_TOGGLE: 0} if mark == "quotes" else {})}
        found = {self.number[word]: step for word, step in steps.items() if word in self.number}
        places = np.flatnonzero(np.isin(self.lower_of, list(found)))
        return [(int(at), found[int(self.lower_of[at])]) for at in places]


_indices: "WeakKeyDictionary[Passages, _Index]" = WeakKeyDictionary()


def _index(passages: Passages) -> _Index:
    if passages not in _indices:
        _indices[passages] = _Index(passages)
    return _indices[passages]


def evaluate(predicate: Predicate, passages: Passages) -> Floats:
    """The predicate's value on every word.

    Args:
        predicate: any tree from `parse`, or built from the node classes.
        passages: the texts.

    Returns:
        float64 [words], each in [0, 1]; a fresh array.
    """
    return np.array(_value(predicate, _index(passages)), dtype=np.float64)


@singledispatch
def _value(predicate: Predicate, index: _Index) -> Floats:
    raise TypeError(f"{type(predicate).__name__} is not a predicate that can be evaluated; build it with `parse`")


@_value.register
def _(predicate: Word, index: _Index) -> Floats:
    numbers = (index.number.get(word.lower()) for word in predicate.words)
    return index.gather([number for number in numbers if number is not None])


def _beginning(words: list[str], text: str) -> slice:
    """The run of sorted `words` that begin with `text` and are longer."""
    start = bisect_left(words, text)
    return slice(start + (start < len(words) and words[start] == text), bisect_left(words, text + _LAST))


@_value.register
def _(predicate: Prefix, index: _Index) -> Floats:
    return index.gather(np.arange(len(index.lower))[_beginning(index.lower, predicate.text.lower())])


@_value.register
def _(predicate: Suffix, index: _Index) -> Floats:
    words, numbers = index.backward
    return index.gather(numbers[_beginning(words, predicate.text.lower()[::-1])])


@_value.register
def _(predicate: Shape, index: _Index) -> Floats:
    hit: Flags = index.shape_of == SHAPES.index(predicate.shape)
    return hit.astype(np.float64)


@_value.register
def _(predicate: Position, index: _Index) -> Floats:
    hit: Flags = index.place >= predicate.first
    if predicate.last is not None:
        hit &= index.place <= predicate.last
    return hit.astype(np.float64)


def _shift(values: Floats, by: int, place: Ints) -> Floats:
    """The value `by` words earlier in the same text; 0 where there is none."""
    shifted = np.zeros_like(values)
    shifted[by:] = values[:-by] * (place[by:] >= by)
    return shifted


@_value.register
def _(predicate: Previous, index: _Index) -> Floats:
    return _shift(_value(predicate.of, index), 1, index.place)


@_value.register
def _(predicate: Within, index: _Index) -> Floats:
    """Greatest of the previous k: reaches double (1, 2, 4, …), so that log2(k) passes are enough."""
    best, reach = _shift(_value(predicate.of, index), 1, index.place), 1
    while reach < predicate.k:
        step = min(reach, predicate.k - reach)
        best = np.maximum(best, _shift(best, step, index.place))
        reach += step
    return best


@_value.register
def _(predicate: Inside, index: _Index) -> Floats:
    return index.inside(predicate.mark)


@_value.register
def _(predicate: Repeats, index: _Index) -> Floats:
    return index.repeats


@_value.register
def _(predicate: And, index: _Index) -> Floats:
    values = [_value(child, index) for child in predicate.of]
    least: Floats = values[0] if len(values) == 1 else np.minimum.reduce(values)
    return least


@_value.register
def _(predicate: Or, index: _Index) -> Floats:
    values = [_value(child, index) for child in predicate.of]
    greatest: Floats = values[0] if len(values) == 1 else np.maximum.reduce(values)
    return greatest


@_value.register
def _(predicate: Not, index: _Index) -> Floats:
    return 1.0 - _value(predicate.of, index)


@_value.register
def _(predicate: Unless, index: _Index) -> Floats:
    return np.minimum(_value(predicate.of, index), 1.0 - _value(predicate.exception, index))


@_value.register
def _(predicate: Scaled, index: _Index) -> Floats:
    return _value(predicate.of, index) * predicate.factor


@_value.register
def _(predicate: Always, index: _Index) -> Floats:
    return np.ones(len(index.place))


@_value.register
def _(predicate: Never, index: _Index) -> Floats:
    return np.zeros(len(index.place))
