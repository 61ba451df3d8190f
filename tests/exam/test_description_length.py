"""Bits of a report under the stated code, and atoms of its predicates."""

from itertools import product
from math import fsum, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st
from predicate_strategies import Tree, trees

from benchmark.exam.description_length import SYMBOL_BITS, atoms_of, escape_bits, report_atoms, text_bits, word_bits
from benchmark.explainers.report import Claim, Report
from synthetic_neurons.predicate import And, Not, Position, Previous, Suffix, Word, parse
from synthetic_neurons.tables import frequencies


def test_a_known_word_costs_what_its_frequency_says() -> None:
    assert word_bits("the") == pytest.approx(log2(1_000_000 / frequencies()["the"]), abs=1e-12)
    assert word_bits("The") == word_bits("the") < word_bits("zebra")


def test_the_code_can_be_decoded() -> None:
    """Kraft's inequality, with the escape as one more word and with its symbols: 26 letters, the end, a byte's sign."""
    assert fsum(2 ** -word_bits(word) for word in frequencies()) + 2 ** -escape_bits() == pytest.approx(1, abs=1e-9)
    assert pytest.approx(1, abs=1e-12) == 28 * 2**-SYMBOL_BITS
    unknown = [word for size in (1, 2) for word in map("".join, product("qxz", repeat=size))]
    escaped = [word for word in unknown if word not in frequencies()]
    assert fsum(2 ** -word_bits(word) for word in escaped) < 2 ** -escape_bits()


def test_an_unknown_word_costs_an_escape_and_its_letters() -> None:
    word = "qzxqzx"
    assert word not in frequencies()
    assert word_bits(word) == pytest.approx(escape_bits() + 7 * SYMBOL_BITS, abs=1e-12)
    assert word_bits("\u05e9") == pytest.approx(escape_bits() + 2 * (SYMBOL_BITS + 8) + SYMBOL_BITS, abs=1e-12)


@given(st.text(max_size=40), st.text(max_size=40))
def test_texts_add_up_whatever_they_hold(one: str, other: str) -> None:
    assert text_bits(f"{one} {other}") == pytest.approx(text_bits(one) + text_bits(other), abs=1e-6)
    assert text_bits(one) >= 0


def test_a_list_is_longer_than_its_name() -> None:
    assert text_bits("words for colours") < text_bits("the words red, blue, green, black, white and yellow")
    assert text_bits("") == 0


def test_atoms_are_leaves_and_listed_words() -> None:
    predicate = And((Word(("red", "blue")), Not(Previous(Suffix("ly"))), Position(0, 3)))
    assert atoms_of(predicate) == 4
    report = Report("x", (Claim("one", predicate), Claim("two", Suffix("s"))))
    assert report_atoms(report) == 5
    assert report_atoms(Report("x", (Claim("one", predicate), Claim("two")))) is None
    assert report_atoms(Report("x")) is None


@given(trees)
def test_atoms_count_the_leaves_of_the_json(tree: Tree) -> None:
    def leaves(node: Tree) -> int:
        below = [node[name] for name in ("of", "exception") if name in node]
        children = [child for each in below for child in (each if isinstance(each, list) else [each])]
        return sum(map(leaves, children)) if children else len(node.get("words", [0]))

    assert atoms_of(parse(tree)) == leaves(tree)
