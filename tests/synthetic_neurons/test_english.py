import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from predicate_strategies import trees

from synthetic_neurons.english import describe
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

SIGNS = {
    "previous": r"previous word|right after",
    "within": r"previous \d+ words|within \d+ words after|previous word|right after",
    "unless": r"except|unless|either|both|neither|at once",
    "scaled": r"full strength|loses only",
    "repeats": r"occurred earlier",
    "position": r"of the text",
    "always": r"every word|any words?|words? of any kind|no words? at all",
    "never": r"no words? at all|words? of no kind|any words?",
    "prefix": r"begin",
    "suffix": r"ending in|ends? in",
    "infix": r"inside (them|it)",
    "induction": r"completes? a pair already seen",
    "depth": r"inside at least (one pair|\d+ nested pairs) of (parentheses|square brackets|round or square brackets)",
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
            assert all(f"'{word}'" in prose for word in node["words"][: 3 if "name" in node else None])
        if node["op"] == "within" and node["k"] > 1:
            assert f"{node['k']} words" in prose
        if node["op"] == "scaled":
            assert f"{node['factor']:.4g}" in prose
        if node["op"] == "inside":
            assert {"parentheses": "parentheses", "quotes": "quotation", "brackets": "square"}[node["mark"]] in prose
        if node["op"] == "place":
            assert f"of its {node['in']}" in prose
        if node["op"] == "similar":
            assert node["to"] in prose


def test_named_lists_show_their_name_some_words_and_how_many_more() -> None:
    words = [f"w{i}" for i in range(30)]
    prose = describe(parse({"op": "word", "words": words, "name": "kinds of weather"}))
    assert prose.startswith("words for kinds of weather (such as 'w0', 'w1', ")
    assert prose.endswith("'w7' and 22 more)")
    assert all(f"'{word}'" in describe(parse({"op": "word", "words": words})) for word in words)


THE = {"op": "word", "words": ["the"]}
COMMA = {"op": "word", "words": [","]}
MARKS = {"op": "word", "words": [",", ";"]}
ING = {"op": "suffix", "text": "ing"}
CAPITAL = {"op": "shape", "shape": "capitalised"}
QUOTES = {"op": "inside", "mark": "quotes"}
MONEY = {"op": "word", "words": ["cash", "loan"], "name": "money"}
FIRST = {"op": "place", "in": "sentence", "from": 0, "to": 0}


def _not(of: Any) -> dict[str, Any]:
    return {"op": "not", "of": of}


def _previous(of: Any) -> dict[str, Any]:
    return {"op": "previous", "of": of}


def _within(k: int, of: Any) -> dict[str, Any]:
    return {"op": "within", "k": k, "of": of}


def _count(n: int, of: Any, every: bool = False) -> dict[str, Any]:
    return {"op": "count", "n": n, "of": of, "every": every}


def _and(*of: Any) -> dict[str, Any]:
    return {"op": "and", "of": list(of)}


def _or(*of: Any) -> dict[str, Any]:
    return {"op": "or", "of": list(of)}


def _unless(of: Any, exception: Any) -> dict[str, Any]:
    return {"op": "unless", "of": of, "exception": exception}


@pytest.mark.parametrize(
    ("tree", "prose"),
    [
        (
            _and({"op": "word", "words": ["bank"]}, _within(4, MONEY)),
            "the word 'bank', only where one of the previous 4 words is a word for money (such as 'cash' and 'loan')",
        ),
        (
            _and(ING, {"op": "induction"}),
            "words ending in '-ing', only where the word completes a pair already seen in the text "
            "(as the last B of … A B … A B)",
        ),
        (_count(3, COMMA), "any word that comes after at least 3 occurrences of ','"),
        (
            _and(COMMA, _count(2, ING, every=True)),
            "the mark ',', only where the number of the words before it in the text that are words ending in '-ing' "
            "is 2, 4, 6 or another multiple of 2",
        ),
        (
            _and(ING, _count(2, MARKS)),
            "words ending in '-ing', only where at least 2 of the words before it in the text are among ',' and ';'",
        ),
        (
            _within(4, _count(1, _previous(COMMA))),
            "any word that comes within 4 words after a word that comes after one or more words that come right "
            "after ','",
        ),
        ({"op": "depth", "n": 2}, "any word that stands inside at least 2 nested pairs of round or square brackets"),
        (FIRST, "any word that is the first word of its sentence"),
        ({**FIRST, "in": "clause", "from": 2, "to": 2}, "any word that is the 3rd word of its clause"),
        ({"op": "position", "from": 12, "to": None}, "any word that is the 13th word of the text or a later one"),
        ({"op": "similar", "to": "rain", "nearest": 2}, "the word 'rain' and words like it ('rainy' and 'rainfall')"),
        ({"op": "infix", "text": "oo"}, "words with 'oo' inside them"),
        (_not(MARKS), "any word other than ',' and ';'"),
        (
            _and(CAPITAL, ING, _not(FIRST)),
            "capitalised words that end in '-ing', only where the word is not the first word of its sentence",
        ),
        (_and(ING, _not(_within(3, THE))), "words ending in '-ing', only where none of the previous 3 words is 'the'"),
        (_and(ING, _not(_previous(THE))), "words ending in '-ing', only where the previous word is not 'the'"),
        (
            _and(ING, _previous(_not(THE))),
            "words ending in '-ing', only where there is a previous word, and it is not 'the'",
        ),
        (
            _and(ING, _within(3, _and(CAPITAL, _not(FIRST)))),
            "words ending in '-ing', only where one of the previous 3 words both is capitalised and is not the first "
            "word of its sentence",
        ),
        (_unless(MONEY, CAPITAL), "words for money (such as 'cash' and 'loan'), except capitalised words"),
        (
            _unless(_and(ING, QUOTES), _previous(THE)),
            "words ending in '-ing', only where the word stands inside quotation marks, except where the previous "
            "word is 'the'",
        ),
        (
            _and(_or(ING, CAPITAL), QUOTES),
            "words that either end in '-ing' or are capitalised, only where the word stands inside quotation marks",
        ),
        (
            _or(_and(ING, _previous(THE)), {"op": "scaled", "of": ING, "factor": 0.25}),
            "words ending in '-ing', at full strength only where the previous word is 'the', and at 0.25 of full "
            "strength elsewhere",
        ),
        (
            _and(ING, _or(_previous(THE), _and(QUOTES, FIRST))),
            "words ending in '-ing', only where either the previous word is 'the' or both the word stands inside "
            "quotation marks and the word is the first word of its sentence",
        ),
    ],
)
def test_reads_well(tree: dict[str, Any], prose: str) -> None:
    assert describe(parse(tree)) == prose


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"op": "depth", "n": 1, "mark": "parentheses"}, {"op": "inside", "mark": "parentheses"}),
        (_previous(_not(THE)), _not(_previous(THE))),
        (_within(3, _not(THE)), _not(_within(3, THE))),
        (_within(3, _previous(THE)), _previous(_within(3, THE))),
        (_count(2, ING), _count(2, ING, every=True)),
        (_and(ING, _or(THE, CAPITAL)), _or(_and(ING, THE), CAPITAL)),
        (_within(4, _and(ING, _previous(THE))), _and(_within(4, ING), _previous(THE))),
        (_and(_within(4, ING), _within(4, CAPITAL)), _within(4, _and(ING, CAPITAL))),
        (_unless(_unless(ING, THE), CAPITAL), _unless(ING, _unless(THE, CAPITAL))),
        (_not(_and(ING, CAPITAL)), _not(_or(ING, CAPITAL))),
    ],
)
def test_what_differs_reads_differently(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert describe(parse(one)) != describe(parse(other))


_ATOMS = [THE, MARKS, ING, CAPITAL, QUOTES, FIRST, MONEY, {"op": "graded", "scale": "magnitude"}]
_ATOMS += [{"op": op} for op in ("repeats", "induction", "always", "never")]
_ATOMS += [{"op": "similar", "to": "rain", "nearest": 2, "graded": True}, {"op": "depth", "n": 1}]
_JOINS: list[Callable[[Any, Any], Any]] = [
    _and,
    _or,
    _unless,
    lambda a, b: _and(a, b, ING),
    lambda a, b: _or(THE, a, b),
]
_WRAPS: list[Callable[[Any], Any]] = [_not, _previous, lambda a: _within(1, a), lambda a: _within(3, a)]
_WRAPS += [lambda a: _count(1, a), lambda a: _count(2, a), lambda a: _count(2, a, every=True)]
_WRAPS += [lambda a: {"op": "scaled", "factor": 0.5, "of": a}]
_BITS = [
    "the",
    "Thing",
    "thing",
    "ring",
    ",",
    ";",
    "(",
    ")",
    '"',
    ".",
    "cash",
    "7",
    "900",
    "rain",
    "rainy",
    "Rainfall",
    "of",
]


def _drawn(rng: np.random.Generator, levels: int) -> Any:
    kind = rng.integers(3) if levels else 0
    if kind == 0:
        return _ATOMS[rng.integers(len(_ATOMS))]
    if kind == 1:
        return _WRAPS[rng.integers(len(_WRAPS))](_drawn(rng, levels - 1))
    return _JOINS[rng.integers(len(_JOINS))](_drawn(rng, levels - 1), _drawn(rng, levels - 1))


def test_equal_prose_means_equal_values() -> None:
    """Of many drawn trees, those that read the same are the same neuron."""
    rng = np.random.default_rng(4)
    texts = Passages.of([" ".join(rng.choice(_BITS, 14)) for _ in range(60)])
    groups: dict[str, list[Any]] = {}
    for _ in range(20_000):
        predicate = parse(_drawn(rng, 3))
        groups.setdefault(describe(predicate), []).append(predicate)
    assert sum(len(set(group)) > 1 for group in groups.values()) > 100
    for prose, group in groups.items():
        first, *others = [evaluate(each, texts).round(9) for each in dict.fromkeys(group)]
        assert all((first == other).all() for other in others), (prose, list(dict.fromkeys(group)))
