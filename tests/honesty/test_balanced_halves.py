"""Halves are draws from the same units: every kind and theme is in both, and chance says which unit is where."""

import numpy as np
import pytest

from benchmark.honesty.cases import COUNTS, candidates
from benchmark.honesty.halves import is_balanced
from benchmark.honesty.halves import test_half as halves

CELLS = {
    place: (case.kind, case.theme.name)
    for place, case in enumerate(case for kind, count in COUNTS.items() for case in candidates(5, kind, count))
}


@pytest.mark.parametrize("seed", range(20))
def test_every_theme_of_a_kind_is_in_both_halves(seed: int) -> None:
    half = halves(CELLS, seed)
    assert int(half.sum()) == len(CELLS) // 2
    for cell in set(CELLS.values()):
        places = [place for place, each in CELLS.items() if each == cell]
        assert len(places) // 2 <= half[places].sum() <= -(-len(places) // 2), cell


def test_by_turns_no_theme_of_mixed_units_would_be_in_both() -> None:
    turns = np.array([place % 2 == 1 for place in CELLS])
    assert not is_balanced(CELLS, turns)
    mixed = {
        theme: {bool(turns[p]) for p, cell in CELLS.items() if cell == ("mixed", theme)} for _, theme in CELLS.values()
    }
    assert all(len(sides) < 2 for sides in mixed.values())


def test_a_seed_deals_the_same_halves_again_and_another_one_others() -> None:
    assert np.array_equal(halves(CELLS, 1), halves(CELLS, 1))
    assert not np.array_equal(halves(CELLS, 1), halves(CELLS, 2))


def test_each_unit_is_measured_as_often_as_not() -> None:
    often = np.mean([halves(CELLS, seed) for seed in range(400)], axis=0)
    # 0.025 is a standard error; 120 units are looked at, so 5 of them are the bound.
    assert np.abs(often - 0.5).max() < 0.125


def test_kinds_of_odd_size_are_balanced_to_one_unit() -> None:
    odd = {0: ("a", "x"), 1: ("a", "x"), 2: ("a", "y"), 3: ("b", "x")}
    assert all(is_balanced(odd, halves(odd, seed)) for seed in range(9))
