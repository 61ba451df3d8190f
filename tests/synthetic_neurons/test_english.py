import re
from typing import Any

import pytest
from hypothesis import given
from predicate_strategies import trees

from synthetic_neurons.english import describe
from synthetic_neurons.predicate import parse

SIGNS = {
    "previous": r"previous word|word just before",
    "within": r"previous \d+ words|\d+ words before",
    "not": r"not so that",
    "unless": r"except where",
    "scaled": r"full strength|counts for",
    "repeats": r"has occurred earlier",
    "position": r"of the text",
    "always": r"every word|any word",
    "never": r"no word at all",
    "prefix": r"begin",
    "suffix": r"ending in|ends in",
    "infix": r"inside (them|it)",
    "induction": r"completes? a pair already seen",
    "count": r"(at least \d+|one or more|another multiple of \d+) of the words before",
    "depth": r"stands inside (at least \d+ nested pairs of )?(parentheses|square brackets|brackets, round or square)",
    "place": r"of its (clause|sentence)",
    "graded": r"numbers?\b|adverbs? of degree",
    "similar": r"words? like it",
}


def _nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    below = tree.get("of", [])
    children = [*(below if isinstance(below, list) else [below]), *([tree["exception"]] if "exception" in tree else [])]
    return [tree, *(node for child in children for node in _nodes(child))]


@given(trees)
def test_every_part_is_told(tree: dict[str, Any]) -> None:
    prose = describe(parse(tree))
    for node in _nodes(tree):
        if node["op"] in SIGNS:
            assert re.search(SIGNS[node["op"]], prose), (node, prose)
        if node["op"] in ("prefix", "suffix", "infix"):
            assert node["text"] in prose
        if node["op"] == "word":
            assert all(word in prose for word in node["words"])
        if node["op"] == "within":
            assert f"{node['k']} words" in prose
        if node["op"] == "scaled":
            assert f"{node['factor']:.4g}" in prose
        if node["op"] == "inside":
            assert {"parentheses": "parentheses", "quotes": "quotation", "brackets": "square"}[node["mark"]] in prose
        if node["op"] == "place":
            assert f"of its {node['in']}" in prose
        if node["op"] == "similar":
            assert node["to"] in prose


def test_named_lists_show_their_name_and_some_words() -> None:
    words = [f"w{i}" for i in range(30)]
    prose = describe(parse({"op": "word", "words": words, "name": "kinds of weather"}))
    assert prose.startswith("words for kinds of weather (such as w0, w1, ")
    assert "w20" not in prose
    assert all(word in describe(parse({"op": "word", "words": words})) for word in words)


def test_gate_reads_as_a_sentence() -> None:
    money = {"op": "word", "words": ["cash", "loan"], "name": "money"}
    gate = {"op": "within", "k": 4, "of": money}
    tree = {"op": "and", "of": [{"op": "word", "words": ["bank"]}, gate]}
    assert describe(parse(tree)) == (
        "the word 'bank', only where one of the previous 4 words is a word for money (such as cash, loan)"
    )


def test_joined_context_keeps_its_scope() -> None:
    inner = {"op": "not", "of": {"op": "suffix", "text": "ing"}}
    prose = describe(parse({"op": "within", "k": 3, "of": inner}))
    assert "a word for which this holds: [it is not so that [that word ends in '-ing']]" in prose


COMMA = {"op": "word", "words": [","]}
ING = {"op": "suffix", "text": "ing"}


@pytest.mark.parametrize(
    ("tree", "prose"),
    [
        (
            {"op": "and", "of": [ING, {"op": "induction"}]},
            "words ending in '-ing', only where the word completes a pair",
        ),
        (
            {"op": "count", "n": 3, "of": COMMA},
            "any words, only where at least 3 of the words before it in the text are ','",
        ),
        (
            {"op": "and", "of": [COMMA, {"op": "count", "n": 2, "every": True, "of": ING}]},
            "the word ',', only where exactly 2, 4, 6 or another multiple of 2 of the words before it in the text are "
            "words ending in '-ing'",
        ),
        (
            {"op": "within", "k": 4, "of": {"op": "count", "n": 1, "of": {"op": "previous", "of": COMMA}}},
            "any words, only where one of the previous 4 words is a word for which this holds: [one or more of the "
            "words before that word in the text satisfy this: [the word just before that word is ',']]",
        ),
        ({"op": "depth", "n": 2}, "any words, only where the word stands inside at least 2 nested pairs of brackets"),
        (
            {"op": "place", "in": "sentence", "from": 0, "to": 0},
            "any words, only where the word is the first of its sentence",
        ),
        (
            {"op": "place", "in": "clause", "from": 2, "to": 2},
            "any words, only where the word is at place 3 of its clause",
        ),
        ({"op": "similar", "to": "rain", "nearest": 2}, "the word 'rain' and words like it (rainy, rainfall)"),
        ({"op": "infix", "text": "oo"}, "words with 'oo' inside them"),
    ],
)
def test_new_ops_read_well(tree: dict[str, Any], prose: str) -> None:
    assert describe(parse(tree)).startswith(prose)
