"""Regret against moves drawn from the menu: by hand, and of teachers who choose well, badly, and at random."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_world import course, items, run

from benchmark.students.exam_room import forms
from benchmark.students.keyword import Keyword
from benchmark.students.material import Material
from benchmark.students.moves import Kind, Move
from benchmark.students.regret import Weighed
from benchmark.students.teachers import Tutor
from benchmark.students.teaching import Plan, Taught, teach

MENU: dict[Kind, float] = {"tell": 0.6, "show": 0.2, "correct": 0.4, "quiz": 0.0}
LESSONS = 60


class Draws(Tutor):
    """Draws its move from the menu.

    Args:
        material: what it teaches.
        rng: draws.
    """

    def __init__(self, material: Material, rng: random.Random) -> None:
        super().__init__(material)
        self._rng = rng

    async def move(self) -> Move | None:
        menu = self.menu()
        return menu[self._rng.choice(list(menu))] if menu else None


class Asks(Tutor):
    """Only ever asks, of which nobody learns."""

    async def move(self) -> Move | None:
        return self.menu()["quiz"]


def lesson(employ: Callable[[Material], Tutor]) -> Taught:
    made = replace(course(), practice=forms(items())["A"])
    return run(teach("live", made, Keyword, plan=Plan(employ, 200, repeated=False)))


@pytest.mark.parametrize(("chosen", "regret"), [("tell", 0.0), ("correct", 0.2), ("show", 0.4), ("quiz", 0.6)])
def test_regret_by_hand(chosen: Kind, regret: float) -> None:
    found = Weighed(chosen, MENU)
    assert found.best == "tell"
    assert found.regret == pytest.approx(regret)
    assert found.at_random == pytest.approx(0.6 - (0.6 + 0.2 + 0.4 + 0.0) / 4), "whatever was chosen"


def test_a_menu_of_one_leaves_nothing_to_regret() -> None:
    found = Weighed("show", {"show": -0.4})
    assert (found.regret, found.at_random) == (0.0, 0.0)


@given(st.dictionaries(st.sampled_from(list(MENU)), st.floats(-1, 1), min_size=1))
def test_whoever_draws_regrets_as_much_as_moves_at_random(scores: dict[Kind, float]) -> None:
    regrets = [Weighed(kind, scores).regret for kind in scores]
    assert np.mean(regrets) == pytest.approx(Weighed(next(iter(scores)), scores).at_random, abs=1e-9)
    assert min(regrets) == 0.0


def test_a_teacher_who_draws_is_no_better_than_chance_and_no_worse() -> None:
    beyond = []
    for seed in range(LESSONS):
        taught = lesson(lambda material, seed=seed: Draws(material, random.Random(seed)))  # type: ignore[misc]
        assert len(taught.weighed) == len(taught.transcript.moves)
        beyond += [each.regret - each.at_random for each in taught.weighed]
    error = float(np.std(beyond) / np.sqrt(len(beyond)))
    assert error > 0, "some choices matter"
    assert abs(float(np.mean(beyond))) < 3 * error


def test_who_chooses_well_is_better_than_chance_and_who_only_asks_is_worse() -> None:
    first = lesson(Tutor).weighed[0]
    assert first.regret < first.at_random
    asks = lesson(Asks).weighed
    assert asks
    assert all(each.regret >= each.at_random for each in asks)
    assert asks[0].regret > asks[0].at_random
