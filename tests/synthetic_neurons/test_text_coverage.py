import json
from typing import Any

import pytest
from hypothesis import given, settings
from operator_units import ANIMALS, BY_HAND, COLOURS, MONEY, THE, WATER, lexicon, unit
from predicate_strategies import trees
from reference_evaluator import values as reference_values
from test_generate import COUNT, SPLITS, UNITS, drafts

from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import (
    OPS,
    Always,
    And,
    Count,
    Graded,
    Never,
    Not,
    Or,
    Position,
    Predicate,
    Prefix,
    Previous,
    Scaled,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
    parse,
)
from synthetic_neurons.texts.coverage import coverage
from synthetic_neurons.texts.generate import Split, generate, generate_kinds
from synthetic_neurons.texts.parts import Path, atoms, part, swapped

Tree = dict[str, Any]


def without(planted: PlantedUnit, split: Split) -> frozenset[str]:
    return planted.held_out_words if split == "teach" else frozenset()


def test_units_by_hand_have_every_operator() -> None:
    text = json.dumps([planted.predicate.to_json() for planted in BY_HAND])
    used = {op for op in OPS if f'"op": "{op}"' in text}
    assert set(OPS) - used == {"always", "never"}
    assert len(BY_HAND) >= 40


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("planted", UNITS, ids=[planted.identifier for planted in UNITS])
def test_every_atom_is_exercised_both_ways(planted: PlantedUnit, split: Split) -> None:
    found = coverage(planted, [draft.text for draft in drafts(planted.identifier, split)], without(planted, split))
    assert found.missing == ()
    assert found.unreachable == ()
    assert found.complete
    assert len(found.atoms) > 0


@pytest.mark.parametrize("split", SPLITS)
def test_forty_texts_are_enough(split: Split) -> None:
    for planted in BY_HAND:
        found = coverage(planted, generate(planted, split, 40, seed=9), without(planted, split))
        assert found.missing == (), planted.identifier


def test_texts_that_exercise_more_come_first() -> None:
    for planted in BY_HAND:
        found = coverage(planted, generate(planted, "exam", 12, seed=3))
        assert found.missing == (), planted.identifier


def plainly(tree: Tree, path: Path, texts: list[str]) -> tuple[bool, bool]:
    """By the reference evaluator, on JSON: whether an atom was on, and off, where it matters."""

    def forced(node: Tree, path: Path, op: str) -> Tree:
        if not path:
            return {"op": op}
        field = "exception" if node["op"] == "unless" and path[0] == 1 else "of"
        child = node[field]
        if isinstance(child, list):
            new: Any = [forced(each, path[1:], op) if i == path[0] else each for i, each in enumerate(child)]
        else:
            new = forced(child, path[1:], op)
        return {**node, field: new}

    on = off = False
    for text in texts:
        rows = zip(
            *(
                reference_values(each, text)
                for each in (tree, forced(tree, path, "always"), forced(tree, path, "never"))
            ),
            strict=True,
        )
        for value, always, never in rows:
            on |= always != never and value != never
            off |= always != never and value == never
    return on, off


def test_coverage_is_the_plain_computation() -> None:
    for planted in BY_HAND[::3]:
        for texts in ([draft.text for draft in drafts(planted.identifier, "exam")][:n] for n in (3, 12, COUNT)):
            found = coverage(planted, texts)
            for atom in found.atoms:
                assert (atom.on, atom.off) == plainly(planted.predicate.to_json(), atom.path, texts), atom.name


def test_atoms_are_leaves_and_gates() -> None:
    tree = And((ANIMALS, Unless(Within(COLOURS, 3), Scaled(Previous(Always()), 0.5))))
    assert [part(tree, path) for path in atoms(tree)] == [ANIMALS, Within(COLOURS, 3), COLOURS, Previous(Always())]
    for path in atoms(tree):
        assert part(swapped(tree, path, Never()), path) == Never()
        assert swapped(tree, path, part(tree, path)) == tree


def test_what_no_text_shows_is_missing() -> None:
    planted = unit("within", And((ANIMALS, Within(THE, 4))))
    silent = coverage(planted, ["some words about nothing"])
    assert not silent.complete
    assert silent.exercised_on == (False, False, False)
    assert "0 word: not seen on, off" in silent.missing
    near = coverage(planted, ["the dog ran", "a dog and the moon"])
    assert near.exercised_on == (True, True, True)
    assert near.exercised_off == (True, True, True)
    assert near.missing == ("1 within: not seen far",)
    assert coverage(planted, ["the dog ran", "a dog and the moon", "the big dog"]).complete


def test_levels_of_a_graded_leaf() -> None:
    planted = unit("graded", And((Graded("magnitude"), Not(Previous(THE)))))
    two = ["about 3 or 40 and", "the 3 of them"]
    assert coverage(planted, two).missing == ("0 graded: not seen levels",)
    assert coverage(planted, [*two, "or 500 of them"]).complete
    few = unit("similar", Similar("rain", 1, graded=True))
    near = part(few.predicate, ())
    assert isinstance(near, Similar)
    assert coverage(few, ["no rain", "rainfall and snow"]).missing in ((), ("root similar: not seen levels",))


def lines(predicate: Predicate, banned: frozenset[str] = frozenset()) -> tuple[str, ...]:
    return coverage(unit("odd", predicate), [], banned).unreachable


def test_atoms_that_cannot_matter_are_named() -> None:
    subsumed = Or((ANIMALS, And((ANIMALS, Within(COLOURS, 3)))))
    decided = "the other conditions decide without it"
    assert lines(subsumed) == (
        "1.0 word on: never on where it matters",
        f"1.1 within on: {decided}",
        f"1.1 within off: {decided}",
        "1.1.0 word on: the gate it stands in never matters",
        "1.1.0 word off: the gate it stands in never matters",
    )
    assert lines(And((Suffix("ness"), Suffix("ss")))) == ("1 suffix off: never off where it matters",)
    assert lines(And((ANIMALS, Position(0)))) == ("1 position off: never off where it matters",)
    assert lines(And((ANIMALS, Never()))) == (f"0 word on: {decided}", f"0 word off: {decided}")
    assert lines(And((Position(0, 2), Position(5, 9)))) == (
        "0 position on: never on where it matters",
        "1 position on: never on where it matters",
    )


def test_what_a_gate_says_of_the_atoms_in_it() -> None:
    first = And((WATER, Not(Count(WATER, 1))))
    later = Or((first, Scaled(And((WATER, Count(WATER, 1))), 0.3)))
    assert "1.0.1 count off: never off where it matters" in lines(later)
    assert "1.0.1.0 word off: the gate it stands in is never off where it matters" in lines(later)
    assert not any(line.startswith("0.") for line in lines(first))
    denied = Or((And((WATER, Not(Previous(Not(THE))))), And((WATER, Previous(Not(THE))))))
    assert lines(denied) == (
        "0.1.0 previous on: never on where it matters",
        "0.1.0.0.0 word off: the gate it stands in is never on where it matters",
        "1.1 previous off: never off where it matters",
        "1.1.0.0 word on: the gate it stands in is never off where it matters",
    )


@settings(max_examples=25, deadline=None)
@given(trees)
def test_nothing_that_a_text_shows_is_called_unreachable(tree: Tree) -> None:
    planted = unit("any", parse(tree))
    found = coverage(planted, [draft.text for draft in generate_kinds(planted, "exam", 12, seed=2)])
    for atom in found.atoms:
        assert not (atom.on and "on" in atom.unreachable), atom.name
        assert not (atom.off and "off" in atom.unreachable), atom.name


def test_what_only_held_out_words_could_show_is_named() -> None:
    only = And((Word(("zebra", "running")), Suffix("ing")))
    assert lines(only) == ()
    assert "1 suffix on: never on where it matters" in lines(only, frozenset({"running"}))


def test_unreachable_sides_do_not_keep_coverage_from_being_complete() -> None:
    planted = unit("subsumed", Or((ANIMALS, And((ANIMALS, Within(COLOURS, 3))))))
    found = coverage(planted, generate(planted, "exam", COUNT, seed=1))
    assert found.complete
    assert len(found.unreachable) >= 4


def test_rarer_trees_are_covered_too() -> None:
    gate = Within(And((Word(("than", "as", "from")), Within(Word(("more", "less", "other")), 2))), 5)
    for predicate in (
        And((MONEY, Count(Previous(THE), 2))),
        Or((And((WATER, Not(Count(WATER, 1)))), Scaled(And((WATER, Count(WATER, 1))), 0.3))),
        And((lexicon("food"), Within(And((Prefix("re"), Previous(Word(("to",))))), 6))),
        # Two parts behind the same gate, about words that no other is: where one is off, so is the gate of the other.
        Or((And((ANIMALS, gate)), Scaled(And((Or((Prefix("in"), COLOURS)), gate)), 0.3))),
        Unless(And((Suffix("al"), Position(3))), Within(Or((ANIMALS, COLOURS)), 5)),
    ):
        planted = unit("rarer", parse(predicate.to_json()))
        found = coverage(planted, generate(planted, "exam", COUNT, seed=1))
        assert found.missing == (), predicate
