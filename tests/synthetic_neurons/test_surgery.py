from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from predicate_strategies import Tree, single, texts, trees

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.surgery import broader, narrower, without_a_part, word_lists
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import MAX_DEPTH, OPS, Predicate, Suffix, Word, parse

# Where there is nothing left to take in, or to take away; a bare list of places has no kin.
WIDEST = {"always"}


def _check(tree: Tree, lines: list[str]) -> None:
    predicate, passages = parse(tree), Passages.of(lines)
    exact = evaluate(predicate, passages)
    for wider in broader(predicate):
        assert parse(wider.to_json()) == wider
        assert wider != predicate
        assert (evaluate(wider, passages) >= exact - 1e-12).all(), wider
    for tighter in narrower(predicate):
        assert parse(tighter.to_json()) == tighter
        assert tighter != predicate
        assert (evaluate(tighter, passages) <= exact + 1e-12).all(), tighter


@given(trees, texts)
def test_broader_is_nowhere_below_and_narrower_nowhere_above(tree: Tree, lines: list[str]) -> None:
    _check(tree, lines)


@pytest.mark.parametrize("op", sorted(single))
@given(st.data(), texts)
def test_each_op_by_itself(op: str, data: st.DataObject, lines: list[str]) -> None:
    _check(data.draw(single[op]), lines)


@pytest.mark.parametrize("op", OPS)
@given(st.data())
def test_every_op_can_be_narrowed_and_all_but_everything_widened(op: str, data: st.DataObject) -> None:
    predicate = parse(data.draw(single[op]))
    assert next(narrower(predicate), None) is not None
    everywhere = predicate.to_json().get("from") == 0 and predicate.to_json()["to"] is None
    if op not in WIDEST and not everywhere and op != "not":
        assert next(broader(predicate), None) is not None


THE: Tree = {"op": "word", "words": ["the"]}
RAIN: Tree = {"op": "word", "words": ["rain", "snow", "wind", "storm"], "name": "weather"}
ING: Tree = {"op": "suffix", "text": "ing"}


def _firsts(tree: Any, count: int = 1) -> list[Any]:
    return [each.to_json() for _, each in zip(range(count), broader(parse(tree)), strict=False)]


def test_the_outermost_step_comes_first() -> None:
    gate = {"op": "previous", "of": THE}
    assert _firsts({"op": "and", "of": [ING, gate]}) == [ING]
    assert _firsts({"op": "and", "of": [gate, ING]}) == [ING]
    assert _firsts({"op": "unless", "of": ING, "exception": gate}) == [ING]
    assert _firsts({"op": "scaled", "of": {"op": "within", "k": 4, "of": THE}, "factor": 0.5})[0]["of"]["k"] == 12
    assert _firsts(ING) == [{"op": "suffix", "text": "ng"}]


def test_not_turns_the_direction_round() -> None:
    (first, *_) = _firsts({"op": "not", "of": RAIN})
    assert first == {"op": "not", "of": {"op": "word", "words": ["rain", "storm"]}}
    narrowed = next(narrower(parse({"op": "unless", "of": THE, "exception": {"op": "position", "from": 0, "to": 3}})))
    assert narrowed.to_json()["exception"] == {"op": "position", "from": 0, "to": 8}


def test_what_every_nth_counts_is_left_alone() -> None:
    """More or fewer words counted would make other multiples, not more of them."""
    tree = {"op": "count", "n": 2, "every": True, "of": RAIN}
    assert [each.to_json() for each in broader(parse(tree))] == [{"op": "count", "n": 2, "of": RAIN}]
    own, *gated = (each.to_json() for each in narrower(parse(tree)))
    assert own == {**tree, "n": 4}
    assert all(each["op"] == "and" and each["of"][0] == tree for each in gated)


def test_a_list_is_widened_by_its_neighbours_and_then_by_the_nearest_lexicon() -> None:
    near, joined = _firsts(RAIN, 2)
    assert near["words"][:4] == RAIN["words"]
    assert "rainfall" in near["words"]
    assert near["name"] == "weather and anything close to it"
    assert joined["of"][0] == RAIN
    assert joined["of"][1]["name"] == "bodies of water and coasts"


def test_every_third_word_is_kept() -> None:
    words = tuple(f"w{i}" for i in range(30))
    assert next(narrower(Word(words, "x"))) == Word(words[::3])


def test_parts_are_left_out_one_at_a_time() -> None:
    tree = {"op": "or", "of": [RAIN, {"op": "scaled", "of": ING, "factor": 0.5}, THE]}
    left = [len(each.to_json()["of"]) for each in without_a_part(parse(tree))]
    assert left == [2, 2, 2]
    assert list(without_a_part(parse({"op": "unless", "of": ING, "exception": THE}))) == []
    assert list(without_a_part(parse(RAIN))) == []


def test_limits_are_kept() -> None:
    deep: Predicate = Suffix("ing")
    for _ in range(MAX_DEPTH - 1):
        deep = parse({"op": "not", "of": deep.to_json()})
    for each in (*broader(deep), *narrower(deep)):
        assert parse(each.to_json()) == each


def test_words_of_all_lists_are_found() -> None:
    tree = {"op": "unless", "of": RAIN, "exception": {"op": "previous", "of": THE}}
    assert word_lists(parse(tree)) == {"rain", "snow", "wind", "storm", "the"}
    assert np.sum([len(word_lists(parse(each))) for each in (RAIN, ING)]) == 4
