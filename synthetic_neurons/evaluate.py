"""Evaluation: a predicate's value on every word, vectorised over all texts at once.

Tests of single words run once a distinct word and are gathered; context is a shift or a running count within the text.
What depends on the texts alone is in a `WordIndex`, made once and kept while the passages live. All values are exact:
0, 1, tenths from a table, or products of the factors written in the predicate.
"""

from functools import singledispatch
from weakref import WeakKeyDictionary

import numpy as np

from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.predicate import (
    BRACKETS,
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
from synthetic_neurons.tables import TENTHS, neighbours
from synthetic_neurons.word_index import Flags, WordIndex, shape_of

__all__ = ["Flags", "evaluate", "shape_of"]

_indices: "WeakKeyDictionary[Passages, WordIndex]" = WeakKeyDictionary()


def _index(passages: Passages) -> WordIndex:
    if passages not in _indices:
        _indices[passages] = WordIndex(passages)
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
def _value(predicate: Predicate, index: WordIndex) -> Floats:
    raise TypeError(f"{type(predicate).__name__} is not a predicate that can be evaluated; build it with `parse`")


@_value.register
def _(predicate: Word, index: WordIndex) -> Floats:
    numbers = (index.number.get(word.lower()) for word in predicate.words)
    return index.gather([number for number in numbers if number is not None])


@_value.register
def _(predicate: Prefix, index: WordIndex) -> Floats:
    return index.gather(index.beginning(predicate.text.lower()))


@_value.register
def _(predicate: Suffix, index: WordIndex) -> Floats:
    return index.gather(index.ending(predicate.text.lower()))


@_value.register
def _(predicate: Infix, index: WordIndex) -> Floats:
    return index.gather(index.holding(predicate.text.lower()))


@_value.register
def _(predicate: Similar, index: WordIndex) -> Floats:
    table, word = neighbours(), predicate.to.lower()
    near = table.nearest[word][: predicate.nearest]
    steps = table.steps if predicate.graded else [TENTHS] * len(near)
    return index.levels({**dict(zip(near, steps, strict=False)), word: TENTHS})


@_value.register
def _(predicate: Graded, index: WordIndex) -> Floats:
    return index.scaled(predicate.scale)


@_value.register
def _(predicate: Shape, index: WordIndex) -> Floats:
    hit: Flags = index.shape_of == SHAPES.index(predicate.shape)
    return hit.astype(np.float64)


@_value.register
def _(predicate: Position, index: WordIndex) -> Floats:
    return _between(index.place, predicate.first, predicate.last)


@_value.register
def _(predicate: Place, index: WordIndex) -> Floats:
    return _between(index.place_in(predicate.part), predicate.first, predicate.last)


def _between(place: Ints, first: int, last: int | None) -> Floats:
    hit: Flags = place >= first
    if last is not None:
        hit &= place <= last
    return hit.astype(np.float64)


def _shift(values: Floats, by: int, place: Ints) -> Floats:
    """The value `by` words earlier in the same text; 0 where there is none."""
    shifted = np.zeros_like(values)
    shifted[by:] = values[:-by] * (place[by:] >= by)
    return shifted


@_value.register
def _(predicate: Previous, index: WordIndex) -> Floats:
    return _shift(_value(predicate.of, index), 1, index.place)


@_value.register
def _(predicate: Within, index: WordIndex) -> Floats:
    """Greatest of the previous k: reaches double (1, 2, 4, …), so that log2(k) passes are enough."""
    best, reach = _shift(_value(predicate.of, index), 1, index.place), 1
    while reach < predicate.k:
        step = min(reach, predicate.k - reach)
        best = np.maximum(best, _shift(best, step, index.place))
        reach += step
    return best


@_value.register
def _(predicate: Count, index: WordIndex) -> Floats:
    counts = index.earlier(_value(predicate.of, index) > 0)
    hit: Flags = counts >= predicate.n
    if predicate.every:
        hit &= counts % predicate.n == 0
    return hit.astype(np.float64)


@_value.register
def _(predicate: Depth, index: WordIndex) -> Floats:
    hit: Flags = index.depth(BRACKETS if predicate.mark is None else (predicate.mark,)) >= predicate.n
    return hit.astype(np.float64)


@_value.register
def _(predicate: Inside, index: WordIndex) -> Floats:
    return index.inside(predicate.mark)


@_value.register
def _(predicate: Repeats, index: WordIndex) -> Floats:
    return index.repeats


@_value.register
def _(predicate: Induction, index: WordIndex) -> Floats:
    return index.repeated_pairs


@_value.register
def _(predicate: And, index: WordIndex) -> Floats:
    values = [_value(child, index) for child in predicate.of]
    least: Floats = values[0] if len(values) == 1 else np.minimum.reduce(values)
    return least


@_value.register
def _(predicate: Or, index: WordIndex) -> Floats:
    values = [_value(child, index) for child in predicate.of]
    greatest: Floats = values[0] if len(values) == 1 else np.maximum.reduce(values)
    return greatest


@_value.register
def _(predicate: Not, index: WordIndex) -> Floats:
    return 1.0 - _value(predicate.of, index)


@_value.register
def _(predicate: Unless, index: WordIndex) -> Floats:
    return np.minimum(_value(predicate.of, index), 1.0 - _value(predicate.exception, index))


@_value.register
def _(predicate: Scaled, index: WordIndex) -> Floats:
    return _value(predicate.of, index) * predicate.factor


@_value.register
def _(predicate: Always, index: WordIndex) -> Floats:
    return np.ones(len(index.place))


@_value.register
def _(predicate: Never, index: WordIndex) -> Floats:
    return np.zeros(len(index.place))
