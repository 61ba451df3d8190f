import re

import numpy as np
import pytest
from drawn_trees import BITS, drawn
from hypothesis import given
from predicate_strategies import Tree, trees

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Predicate, parse
from synthetic_neurons.prose.english import describe
from synthetic_neurons.prose.paraphrase import REGISTERS, Register

names = [register.name for register in REGISTERS]
THE: Tree = {"op": "word", "words": ["the"]}
ING: Tree = {"op": "suffix", "text": "ing"}
MONEY: Tree = {"op": "word", "words": ["cash", "loan", "bank", "coin", "note", "debt", "fund"], "name": "money"}
INSIDE: Tree = {"op": "inside", "mark": "quotes"}
BEHIND: Tree = {"op": "and", "of": [MONEY, {"op": "within", "k": 4, "of": THE}]}


@given(trees)
def test_every_word_affix_and_scope_is_told_in_each_register(tree: Tree) -> None:
    predicate = parse(tree)
    said = [register.say(predicate) for register in REGISTERS]
    for text in said:
        assert not re.search(r"  |\bnot not\b|\{|\bNone\b", text)
        if not re.search(r"[][]", "".join(map(_literals, _nodes(predicate)))):
            assert text.count("[") == text.count("]")
        for node in _nodes(predicate):
            assert getattr(node, "text", "") in text
            if node.op == "similar":
                assert f"'{node.to}'" in text  # type: ignore[attr-defined]


def _literals(node: Predicate) -> str:
    """What of a node is told letter by letter."""
    return " ".join([*getattr(node, "words", ()), getattr(node, "text", ""), getattr(node, "to", "")])


def _nodes(predicate: Predicate) -> list[Predicate]:
    return [predicate, *(node for child in predicate.children for node in _nodes(child))]


@pytest.mark.parametrize("register", REGISTERS, ids=names)
def test_equal_prose_means_equal_values(register: Register) -> None:
    rng = np.random.default_rng(6)
    texts = Passages.of([" ".join(rng.choice(BITS, 14)) for _ in range(60)])
    groups: dict[str, dict[Predicate, None]] = {}
    for _ in range(8000):
        predicate = parse(drawn(rng, 3))
        groups.setdefault(register.say(predicate), {})[predicate] = None
    for prose, group in groups.items():
        first, *others = [evaluate(each, texts).round(9) for each in group]
        assert all((first == other).all() for other in others), (prose, list(group))


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        (
            BEHIND,
            (
                "a term for money (be it 'loan', 'bank', 'coin', 'note' or another of its kind), provided that it "
                "comes within 4 words after 'the'",
                "'cash', 'loan', 'bank', 'coin', 'note' and other words for money, but only with 'the' among the 4 "
                "words before",
                "any of 7 words for money ('note', 'debt' and 'fund' included) when preceded, at a distance of 4 words "
                "or less, by 'the'",
            ),
        ),
        (
            {"op": "unless", "of": ING, "exception": {"op": "repeats"}},
            (
                "a word with '-ing' at its end, unless it has occurred earlier in the text",
                "words that finish in '-ing', yet not on a second or later appearance in the text",
                "words with the closing letters '-ing' save when already met in the text",
            ),
        ),
        (
            {"op": "and", "of": [ING, {"op": "not", "of": {"op": "inside", "mark": "quotes"}}]},
            (
                "a word with '-ing' at its end, provided that it does not stand inside quotation marks",
                "words that finish in '-ing', but only outside quotation marks",
                "words with the closing letters '-ing' when not enclosed in quotation marks",
            ),
        ),
        (
            {"op": "or", "of": [BEHIND, {"op": "scaled", "of": MONEY, "factor": 0.25}]},
            (
                "a term for money (be it 'loan', 'bank', 'coin', 'note' or another of its kind): with full strength "
                "if it comes within 4 words after 'the', with 0.25 of it if not",
                "'cash', 'loan', 'bank', 'coin', 'note' and other words for money, most of all with 'the' among the 4 "
                "words before; elsewhere just 0.25 as strongly",
                "any of 7 words for money ('note', 'debt' and 'fund' included), to the full when preceded, at a "
                "distance of 4 words or less, by 'the' and to 0.25 of that otherwise",
            ),
        ),
        (
            {"op": "and", "of": [ING, {"op": "not", "of": {"op": "or", "of": [{"op": "repeats"}, INSIDE]}}]},
            (
                "a word with '-ing' at its end, provided that both it has not occurred earlier in the text and it does "
                "not stand inside quotation marks",
                "words that finish in '-ing', but only both on the first appearance in the text and outside quotation "
                "marks",
                "words with the closing letters '-ing' when both not yet met in the text and not enclosed in quotation "
                "marks",
            ),
        ),
    ],
)
def test_registers_read_well(tree: Tree, said: tuple[str, ...]) -> None:
    assert tuple(register.say(parse(tree)) for register in REGISTERS) == said


@given(trees)
def test_no_two_registers_say_it_alike(tree: Tree) -> None:
    predicate = parse(tree)
    reports = {describe(predicate), *(register.report([(register.say(predicate), 10.0)]) for register in REGISTERS)}
    assert len(reports) == 4


def test_levels_are_told_where_they_differ() -> None:
    for register in REGISTERS:
        assert "7" in register.report([("x", 10.0), ("y", 7.0)])
        assert "10" not in register.report([("x", 10.0), ("y", 10.0)])
