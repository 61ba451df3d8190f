from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from predicate_strategies import MARKS, WORDS, slow_shape, slow_value, texts, trees

from synthetic_neurons.evaluate import evaluate, shape_of
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Predicate, parse


@given(trees, texts)
def test_equals_the_definitions_word_by_word(tree: dict[str, Any], lines: list[str]) -> None:
    passages = Passages.of(lines)
    expected = [
        slow_value(tree, words, at)
        for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)
        for words in [list(passages.words[a:b])]
        for at in range(b - a)
    ]
    values = evaluate(parse(tree), passages)
    assert values.dtype == np.float64
    assert values.tolist() == expected


@given(trees, st.lists(st.sampled_from(WORDS + MARKS), min_size=1, max_size=10), st.data())
def test_later_words_never_change_earlier_values(tree: dict[str, Any], words: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(words)))
    other = words[:cut] + data.draw(st.lists(st.sampled_from(WORDS + MARKS), max_size=6))
    before, after = (evaluate(parse(tree), Passages.of([" ".join(each)])) for each in (words, other))
    assert before[:cut].tolist() == after[:cut].tolist()


@given(trees, texts)
def test_texts_do_not_touch_each_other(tree: dict[str, Any], lines: list[str]) -> None:
    together = evaluate(parse(tree), Passages.of(lines))
    apart = [evaluate(parse(tree), Passages.of([line])) for line in lines]
    assert together.tolist() == np.concatenate(apart).tolist()
    assert together.min(initial=0.0) >= 0.0
    assert together.max(initial=0.0) <= 1.0


def _fires(tree: dict[str, Any], text: str) -> list[str]:
    passages = Passages.of([text])
    return [word for word, value in zip(passages.words, evaluate(parse(tree), passages), strict=True) if value]


@pytest.mark.parametrize(
    ("tree", "text", "expected"),
    [
        ({"op": "word", "words": ["DOG"]}, "Dog dogs dog", ["Dog", "dog"]),
        ({"op": "suffix", "text": "ing"}, "ing ring RINGING ringed", ["ring", "RINGING"]),
        ({"op": "prefix", "text": "un"}, "un Unto sun", ["Unto"]),
        ({"op": "inside", "mark": "parentheses"}, "a (b (c) d) e ) f (g", ["b", "(", "c", ")", "d", "g"]),
        ({"op": "inside", "mark": "quotes"}, 'say "b c" d "e', ["b", "c", "e"]),
        ({"op": "repeats"}, "The cat and the Cat", ["the", "Cat"]),
        ({"op": "within", "k": 2, "of": {"op": "word", "words": ["x"]}}, "x b c d x", ["b", "c"]),
        ({"op": "previous", "of": {"op": "word", "words": [","]}}, "a, b c", ["b"]),
    ],
)
def test_examples(tree: dict[str, Any], text: str, expected: list[str]) -> None:
    assert _fires(tree, text) == expected


@pytest.mark.parametrize("k", [*range(1, 10), 31, 33, 63, 64])
def test_within_reaches_exactly_k_words(k: int) -> None:
    tree = {"op": "within", "k": k, "of": {"op": "word", "words": ["x"]}}
    values = evaluate(parse(tree), Passages.of(["a a x" + " a" * 80, "a" + " a" * 80]))
    assert np.flatnonzero(values).tolist() == list(range(3, 3 + k))


@pytest.mark.parametrize("word", [*WORDS, *MARKS, "NASA", "iPhone", "A", "1990s", "Jean-Paul"])
def test_shapes(word: str) -> None:
    assert shape_of(word) == slow_shape(word)


def test_no_texts_and_empty_texts() -> None:
    for lines in ([], ["", " "]):
        assert (
            evaluate(parse({"op": "within", "k": 4, "of": {"op": "inside", "mark": "quotes"}}), Passages.of(lines)).size
            == 0
        )


def test_result_is_fresh() -> None:
    passages, quotes = Passages.of(['"a b"']), parse({"op": "inside", "mark": "quotes"})
    evaluate(quotes, passages)[:] = 9
    assert evaluate(quotes, passages).max() == 1


def test_unknown_node_is_named() -> None:
    with pytest.raises(TypeError, match="build it with `parse`"):
        evaluate(Predicate(), Passages.of(["a"]))
