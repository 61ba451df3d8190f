from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predicate_strategies import LEVELS, MARKS, ODD, WORDS, Tree, single, texts, trees, unicode_texts
from reference_evaluator import shape as reference_shape
from reference_evaluator import split
from reference_evaluator import values as reference_values

from synthetic_neurons.evaluate import evaluate, shape_of
from synthetic_neurons.passages import Passages
from synthetic_neurons.plain import Line, plain_values
from synthetic_neurons.predicate import MARKS as MARK_NAMES
from synthetic_neurons.predicate import MAX_NEIGHBOURS, OPS, PARTS, SCALES, Predicate, parse
from synthetic_neurons.tables import neighbours, scale


@given(trees, texts)
def test_equals_the_definitions_word_by_word(tree: Tree, lines: list[str]) -> None:
    _agree(tree, lines)


@pytest.mark.parametrize("op", sorted(single))
@given(st.data(), texts)
def test_each_op_by_itself_equals_its_definition(op: str, data: st.DataObject, lines: list[str]) -> None:
    _agree(data.draw(single[op]), lines)


def test_no_op_is_left_out() -> None:
    assert set(single) == set(OPS)


@settings(max_examples=60)
@given(trees, unicode_texts)
def test_equals_the_definitions_on_any_unicode(tree: Tree, lines: list[str]) -> None:
    _agree(tree, lines)


def _agree(tree: Tree, lines: list[str]) -> None:
    values = evaluate(parse(tree), Passages.of(lines))
    assert values.dtype == np.float64
    assert values.tolist() == [value for line in lines for value in reference_values(tree, line)]
    plain = [value for line in map(split, lines) for value in plain_values(parse(tree), Line(line.words, line.spaced))]
    assert values.tolist() == plain


@given(unicode_texts)
def test_words_are_split_by_the_definition(lines: list[str]) -> None:
    assert Passages.of(lines).words == tuple(word for line in lines for word in split(line).words)


@given(trees, st.lists(st.sampled_from(WORDS + LEVELS + MARKS + ODD), min_size=1, max_size=10), st.data())
def test_later_words_never_change_earlier_values(tree: Tree, words: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(words)))
    other = words[:cut] + data.draw(st.lists(st.sampled_from(WORDS + LEVELS + MARKS + ODD), max_size=6))
    before, after = (evaluate(parse(tree), Passages.of([" ".join(each)])) for each in (words, other))
    kept = len(split(" ".join(words[:cut])).words)  # an odd string may be no word, or several
    assert before[:kept].tolist() == after[:kept].tolist()


@given(trees, texts)
def test_texts_do_not_touch_each_other(tree: Tree, lines: list[str]) -> None:
    together = evaluate(parse(tree), Passages.of(lines))
    apart = [evaluate(parse(tree), Passages.of([line])) for line in lines]
    assert together.tolist() == np.concatenate(apart).tolist()
    assert together.min(initial=0.0) >= 0.0
    assert together.max(initial=0.0) <= 1.0


_RAIN = ["Rain", "rainy", "rainfall"]


def _fires(tree: Tree, text: str) -> list[str]:
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
        ({"op": "inside", "mark": "brackets"}, "a [b (c] d) e", ["b", "(", "c"]),
        ({"op": "infix", "text": "O"}, "o of foo boo0 so", ["foo", "boo0"]),
        ({"op": "induction"}, "the cat sat. The cat, the sat", ["cat"]),
        ({"op": "induction"}, "no no no yes no yes", ["no", "yes"]),
        ({"op": "count", "n": 2, "of": {"op": "word", "words": ["x"]}}, "x a x b c x d", ["b", "c", "x", "d"]),
        (
            {"op": "count", "n": 2, "every": True, "of": {"op": "word", "words": ["x"]}},
            "x x a x b x c",
            ["a", "x", "c"],
        ),
        ({"op": "count", "n": 1, "of": {"op": "graded", "scale": "magnitude"}}, "a 7 b c", ["b", "c"]),
        ({"op": "depth", "n": 1}, "a ( b [ c ) d ] e ] f ( g", ["b", "c", "d", "g"]),
        ({"op": "depth", "n": 2}, "a ( b [ c ) d ] e", ["c"]),
        ({"op": "depth", "n": 1, "mark": "brackets"}, "a ( b [ c ( d ] e", ["c", "(", "d"]),
        ({"op": "similar", "to": "Rain", "nearest": 2}, "Rain is rainy, with rainfall and wet rains", _RAIN),
    ],
)
def test_examples(tree: Tree, text: str, expected: list[str]) -> None:
    assert _fires(tree, text) == expected


FIRST = {"from": 0, "to": 0}


@pytest.mark.parametrize(
    ("part", "text", "expected"),
    [
        ("sentence", "It rained. we stayed? Yes! no", ["It", "we", "Yes", "no"]),
        ("sentence", "At 3.14 e.g. rain a.m. U.S. law", ["At", "rain", "U", "law"]),
        ("sentence", 'He said "stop." Then (left...) and "So. "It', ["He", "Then", "and", "It"]),
        ("sentence", "... a . b .c . ", [".", "a", "b"]),
        ("sentence", "a, b; c: d — e", ["a"]),
        ("sentence", "\u00e9t. \u00e9t \u05d0. \u05d0", ["\u00e9", "\u00e9", "\u05d0"]),
        ("clause", "a, b; c: d—e – f 10,000 12:30 x - y x-ray", ["a", "b", "c", "d", "e", "f", "y"]),
        ("clause", 'a, "b" c. D', ["a", "b", "D"]),
    ],
)
def test_parts_begin_by_the_rule(part: str, text: str, expected: list[str]) -> None:
    assert _fires({"op": "place", "in": part, **FIRST}, text) == expected


def test_places_count_every_word_of_the_part() -> None:
    tree = {"op": "place", "in": "clause", "from": 1, "to": 2}
    assert _fires(tree, "Rain fell, and wind (cold) blew. Snow") == ["fell", ",", "wind", "("]


def test_scales_and_neighbours_are_in_tenths() -> None:
    passages = Passages.of(["0 007 10 999 1000 Million 10000000000 3rd five Twenty-one 1e3", "Barely very Utterly wet"])
    by_order = evaluate(parse({"op": "graded", "scale": "magnitude"}), passages).tolist()
    assert by_order == [0.1, 0.1, 0.2, 0.3, 0.4, 0.7, 1.0, 0.0, 0.1, 0.2, 0.0, *[0.0] * 4]
    assert evaluate(parse({"op": "graded", "scale": "intensity"}), passages).tolist() == [0.0] * 11 + [
        0.1,
        0.7,
        1.0,
        0.0,
    ]
    near = {"op": "similar", "to": "rain", "nearest": 12, "graded": True}
    listed = neighbours().nearest["rain"]
    values = evaluate(parse(near), Passages.of([" ".join(["rain", *listed])]))
    assert values.tolist() == [1.0, *(step / 10 for step in neighbours().steps)]


def test_tables_keep_their_promises() -> None:
    table = neighbours()
    assert len(table.steps) == MAX_NEIGHBOURS
    assert list(table.steps) == sorted(table.steps, reverse=True)
    for word, near in table.nearest.items():
        assert len({word, *near}) == MAX_NEIGHBOURS + 1
        assert set(near) <= set(table.nearest)
    assert {scale(name).name for name in SCALES} == set(SCALES)
    assert all(1 <= level <= 10 for name in SCALES for level in scale(name).words.values())
    assert files("synthetic_neurons").joinpath("tables/neighbours.json").stat().st_size <= 400_000  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["(", '"', "\u201c", ". ", "a", ", a", '"] '])
def test_hostile_texts_end_in_time(words: str) -> None:
    """Each of these takes minutes in an evaluator that is quadratic in the words of a text."""
    passages = Passages.of([words * 100_000])
    marks = [{"op": "inside", "mark": mark} for mark in MARK_NAMES] + [{"op": "depth", "n": 16}]
    parts = [{"op": "place", "in": part, **FIRST} for part in PARTS]
    rest = [{"op": "induction"}, {"op": "repeats"}, {"op": "count", "n": 64, "of": {"op": "induction"}}]
    for tree in [*marks, *parts, *rest]:
        values = evaluate(parse(tree), passages)
        assert values.shape == (len(passages.words),)
        assert set(np.unique(values)) <= {0.0, 1.0}


@pytest.mark.parametrize("k", [*range(1, 10), 31, 33, 63, 64])
def test_within_reaches_exactly_k_words(k: int) -> None:
    tree = {"op": "within", "k": k, "of": {"op": "word", "words": ["x"]}}
    values = evaluate(parse(tree), Passages.of(["a a x" + " a" * 80, "a" + " a" * 80]))
    assert np.flatnonzero(values).tolist() == list(range(3, 3 + k))


@pytest.mark.parametrize("word", [*WORDS, *LEVELS, *MARKS, "NASA", "iPhone", "A", "1990s", "Jean-Paul"])
def test_shapes(word: str) -> None:
    assert shape_of(word) == reference_shape(word)


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
