import re
from typing import Any

import numpy as np
import pytest
from drawn_trees import (
    BITS,
    CAPITAL,
    COMMA,
    FIRST,
    ING,
    MARKS,
    MONEY,
    QUOTES,
    THE,
    and_,
    count,
    drawn,
    not_,
    or_,
    previous,
    unless,
    within,
)
from hypothesis import given
from predicate_strategies import trees

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse
from synthetic_neurons.prose.english import describe

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
    "infix": r"between (its |their )?other letters",
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


@pytest.mark.parametrize(
    ("tree", "prose"),
    [
        (
            and_({"op": "word", "words": ["bank"]}, within(4, MONEY)),
            "the word 'bank', only where one of the previous 4 words is a word for money (such as 'cash' and 'loan')",
        ),
        (
            and_(ING, {"op": "induction"}),
            "words ending in '-ing', only where the word completes a pair already seen in the text "
            "(as the last B of … A B … A B)",
        ),
        (count(3, COMMA), "any word that comes after at least 3 occurrences of ','"),
        (
            and_(COMMA, count(2, ING, every=True)),
            "the mark ',', only where the count of words before it in the text that end in '-ing' is 2, 4, 6 or "
            "another multiple of 2",
        ),
        (
            and_(ING, count(2, MARKS)),
            "words ending in '-ing', only where at least 2 of the words before it in the text are among ',' and ';'",
        ),
        (
            within(4, count(1, previous(COMMA))),
            "any word that comes within 4 words after a word that comes after one or more words that come right "
            "after ','",
        ),
        ({"op": "depth", "n": 2}, "any word that stands inside at least 2 nested pairs of round or square brackets"),
        (FIRST, "any word that is the first word of its sentence"),
        ({**FIRST, "in": "clause", "from": 2, "to": 2}, "any word that is the 3rd word of its clause"),
        ({"op": "position", "from": 12, "to": None}, "any word that is the 13th word of the text or a later one"),
        ({"op": "similar", "to": "rain", "nearest": 2}, "the word 'rain' and words like it ('rainy' and 'rainfall')"),
        ({"op": "infix", "text": "oo"}, "words with 'oo' between other letters"),
        (not_(MARKS), "any word other than ',' and ';'"),
        (
            and_(CAPITAL, ING, not_(FIRST)),
            "capitalised words that end in '-ing', only where the word is not the first word of its sentence",
        ),
        (and_(ING, not_(within(3, THE))), "words ending in '-ing', only where none of the previous 3 words is 'the'"),
        (and_(ING, not_(previous(THE))), "words ending in '-ing', only where the previous word is not 'the'"),
        (
            and_(ING, previous(not_(THE))),
            "words ending in '-ing', only where there is a previous word, and it is not 'the'",
        ),
        (
            and_(ING, within(3, and_(CAPITAL, not_(FIRST)))),
            "words ending in '-ing', only where one of the previous 3 words both is capitalised and is not the first "
            "word of its sentence",
        ),
        (unless(MONEY, CAPITAL), "words for money (such as 'cash' and 'loan'), except capitalised words"),
        (
            unless(and_(ING, QUOTES), previous(THE)),
            "words ending in '-ing', only where the word stands inside quotation marks, except where the previous "
            "word is 'the'",
        ),
        (
            and_(or_(ING, CAPITAL), QUOTES),
            "words that either end in '-ing' or are capitalised, only where the word stands inside quotation marks",
        ),
        (
            or_(and_(ING, previous(THE)), {"op": "scaled", "of": ING, "factor": 0.25}),
            "words ending in '-ing', at full strength only where the previous word is 'the', and at 0.25 of full "
            "strength elsewhere",
        ),
        (
            and_(ING, or_(previous(THE), and_(QUOTES, FIRST))),
            "words ending in '-ing', only where either the previous word is 'the' or the word both stands inside "
            "quotation marks and is the first word of its sentence",
        ),
    ],
)
def test_reads_well(tree: dict[str, Any], prose: str) -> None:
    assert describe(parse(tree)) == prose


@pytest.mark.parametrize(
    ("tree", "prose"),
    [
        (
            and_(ING, not_(or_(previous(THE), QUOTES))),
            "words ending in '-ing', only where both the previous word is not 'the' and the word does not stand inside "
            "quotation marks",
        ),
        (
            and_(ING, not_(and_(previous(THE), QUOTES))),
            "words ending in '-ing', only where either the previous word is not 'the' or the word does not stand "
            "inside quotation marks",
        ),
        (
            and_(ING, previous(or_(and_(CAPITAL, FIRST), and_(THE, QUOTES)))),
            "words ending in '-ing', only where the previous word either [both is capitalised and is the first word "
            "of its sentence] or [both is 'the' and stands inside quotation marks]",
        ),
        (
            and_(ING, previous(or_(and_(CAPITAL, FIRST), THE))),
            "words ending in '-ing', only where the previous word either is 'the' or both is capitalised and is the "
            "first word of its sentence",
        ),
        (
            within(3, not_(or_(THE, CAPITAL))),
            "any word that comes within 3 words after a word that neither is 'the' nor is capitalised",
        ),
    ],
)
def test_denials_and_scopes(tree: dict[str, Any], prose: str) -> None:
    assert describe(parse(tree)) == prose


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"op": "depth", "n": 1, "mark": "parentheses"}, {"op": "inside", "mark": "parentheses"}),
        (previous(not_(THE)), not_(previous(THE))),
        (within(3, not_(THE)), not_(within(3, THE))),
        (within(3, previous(THE)), previous(within(3, THE))),
        (count(2, ING), count(2, ING, every=True)),
        (and_(ING, or_(THE, CAPITAL)), or_(and_(ING, THE), CAPITAL)),
        (within(4, and_(ING, previous(THE))), and_(within(4, ING), previous(THE))),
        (and_(within(4, ING), within(4, CAPITAL)), within(4, and_(ING, CAPITAL))),
        (unless(unless(ING, THE), CAPITAL), unless(ING, unless(THE, CAPITAL))),
        (not_(and_(ING, CAPITAL)), not_(or_(ING, CAPITAL))),
    ],
)
def test_what_differs_reads_differently(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert describe(parse(one)) != describe(parse(other))


def test_equal_prose_means_equal_values() -> None:
    """Of many drawn trees, those that read the same are the same neuron."""
    rng = np.random.default_rng(4)
    texts = Passages.of([" ".join(rng.choice(BITS, 14)) for _ in range(60)])
    groups: dict[str, list[Any]] = {}
    for _ in range(20_000):
        predicate = parse(drawn(rng, 3))
        groups.setdefault(describe(predicate), []).append(predicate)
    assert sum(len(set(group)) > 1 for group in groups.values()) > 100
    for prose, group in groups.items():
        first, *others = [evaluate(each, texts).round(9) for each in dict.fromkeys(group)]
        assert all((first == other).all() for other in others), (prose, list(dict.fromkeys(group)))
