"""The border of rule induction's language, held against what its search proposes, and against every family."""

import numpy as np
import pytest

from benchmark.exam.items import Stratum
from benchmark.explainers.atoms import Workbench
from benchmark.explainers.rule_language import outside_rule_language
from benchmark.explainers.rule_search import search
from benchmark.explainers.word_data import Data
from benchmark.laboratory import Exemplar
from synthetic_neurons import FAMILIES, PlantedUnit, suite
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import (
    And,
    Count,
    Depth,
    Graded,
    Induction,
    Infix,
    Inside,
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
from synthetic_neurons.reference import reference

RAIN, RED = Word(("rain", "snow")), Word(("red", "blue"))
INSIDE: tuple[Predicate, ...] = (
    RAIN,
    Similar("rain", 12),
    Similar("rain", 4, graded=True),
    And((Suffix("ing"), Previous(Word(("the",))), Not(Inside("quotes")))),
    Or((RAIN, Scaled(And((Prefix("re"), Position(3))), 0.5))),
    Unless(And((Or((RAIN, RED)), Repeats())), Within(Or((Shape("digit"), RED)), 4)),
    Previous(And((Shape("capitalised"), Not(Suffix("s"))))),
)
OUTSIDE: tuple[Predicate, ...] = (
    Infix("oo"),
    Place("clause", 0, 0),
    Graded("magnitude"),
    Similar("rain", 12, graded=True),
    Induction(),
    Count(RAIN, 2),
    Depth(1),
    Inside("brackets"),
    Previous(Previous(RAIN)),
    Within(And((RED, Previous(RAIN))), 4),
    Within(And((RED, Shape("capitalised"))), 4),
    Within(Not(RAIN), 4),
    Within(Suffix("ing"), 4),
    Previous(Position(0, 3)),
    And((RAIN, Or((RED, Not(Infix("oo")))))),
)


@pytest.mark.parametrize("predicate", INSIDE, ids=str)
def test_inside(predicate: Predicate) -> None:
    assert not outside_rule_language(predicate)


@pytest.mark.parametrize("predicate", OUTSIDE, ids=str)
def test_outside(predicate: Predicate) -> None:
    assert outside_rule_language(predicate)


def test_every_unit_of_an_outside_family_is_outside_and_few_of_the_others_are() -> None:
    for name, family in FAMILIES.items():
        units = [family.make(np.random.default_rng([2, i]), i) for i in range(200)]
        outside = sum(outside_rule_language(unit.predicate) for unit in units)
        # A few gates of contextual units reach back to an affix, which the search looks for in the word before alone.
        assert outside == len(units) if family.outside else outside <= 0.1 * len(units), name


def _data(unit: PlantedUnit) -> Data:
    """Lines of the reference text as a laboratory would show them, on a scale of 0 to 10."""
    texts = reference().texts[1700:2300]
    passages = [Passages.of([text]) for text in texts]
    values = [10 * unit.values(each) for each in passages]
    strata: list[Stratum] = ["firing" if each.any() else "silent" for each in values]
    shown = zip(texts, passages, values, strata, strict=True)
    return Data.of([Exemplar(text, each.words, value, stratum) for text, each, value, stratum in shown])


PICKED = [units[i] for name, units in suite().by_family().items() for i in (1, 2) if name != "null"]


@pytest.mark.parametrize("unit", PICKED[::3], ids=[unit.identifier for unit in PICKED[::3]])
def test_all_that_the_search_proposes_is_inside(unit: PlantedUnit) -> None:
    data = _data(unit)
    atoms, _ = Workbench(data).generic
    rules = [predicate for each in search(data) for predicate, _ in each.claims]
    assert rules
    assert not [rule for rule in (*atoms, *rules) if outside_rule_language(rule)]
    if FAMILIES[unit.family].outside:
        assert all((evaluate(rule, reference()) != evaluate(unit.predicate, reference())).any() for rule in rules)
