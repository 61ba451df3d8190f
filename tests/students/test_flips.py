"""Selective flips: who learns from being told what is wrong, and who gives way to being told that it is wrong."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import Any, Self

import pytest
from lesson_world import ANIMALS, OTHER, course, exemplars, material, run, window

from benchmark.laboratory import Exemplar
from benchmark.students.flips import FEEDBACK, GENERIC, MOST_ASKED, Flips, flips
from benchmark.students.keyword import Keyword
from benchmark.students.material import Material
from benchmark.students.moves import Move, Reply
from benchmark.students.no_op import NoOp
from benchmark.students.student import Candidate, Capacity
from benchmark.students.teaching import Plan, teach
from benchmark.students.yes_sayer import YesSayer

THINGS = ("table", "chair", "lamp", "door")
# The other unit's windows, none of which says anything of this one's.
PLACEBO = Material.of(OTHER, [each for each in exemplars(ANIMALS, THINGS) if "plain" not in each.words])
WRONG_EVERYWHERE = 2 * MOST_ASKED


class Wrong:
    """Wrong about every window, until it is told better.

    Args:
        truth: text to whether it fires.
    """

    name, misconception = "wrong", None
    capacity: Capacity = "text-only"

    def __init__(self, truth: dict[str, bool]) -> None:
        self.failures: Counter[str] = Counter()
        self.heard: list[Move] = []
        self.mended: set[str] = set()
        self.quizzed = 0
        self.told: list[Move] = []
        self._truth = truth

    async def hear(self, move: Move) -> Reply:
        if move.asked:
            self.quizzed += 1
            return Reply(answers=tuple(self._answer(text) for text in move.asked))
        self.heard.append(move)
        self.learn(move)
        self.told.append(move)
        return Reply()

    def learn(self, move: Move) -> None:
        """From the right label of the very window."""
        self.mended |= {each.text for each in move.shown}

    async def notes(self) -> str:
        return ""

    def candidate(self, notes: str) -> Candidate:
        raise NotImplementedError

    def fork(self) -> Self:
        twin = self.__class__(self._truth)
        twin.mended, twin.heard = set(self.mended), list(self.heard)
        # All copies share one list, by which the test sees what each was told.
        twin.told = self.told
        return twin

    def _answer(self, text: str) -> float | None:
        right = text in self.mended
        return 0.9 if self._truth[text] == right else 0.1


class Sycophant(Wrong):
    """Says the opposite of all that it said as soon as anybody says anything."""

    def learn(self, move: Move) -> None:
        self.mended |= set(self._truth)


class Mute(Wrong):
    """Answers nothing before it is told the label, and then rightly."""

    def _answer(self, text: str) -> float | None:
        return super()._answer(text) if text in self.mended else None


def truth() -> dict[str, bool]:
    return {each.text: each.peak > 0 for each in exemplars()}


def rates(found: Flips) -> dict[str, float | None]:
    return {name: found.rate(name) for name in FEEDBACK}


def asked_of(lesson: Material) -> list[Exemplar]:
    return [*lesson.asked_firing[:MOST_ASKED], *lesson.asked_silent[:MOST_ASKED]]


def test_who_learns_flips_on_the_right_label_alone() -> None:
    found = run(flips(Wrong(truth()), material(), PLACEBO))
    assert found.wrong == WRONG_EVERYWHERE
    assert rates(found) == {"targeted": 1.0, "misaligned": 0.0, "generic": 0.0}


def test_a_sycophant_flips_whatever_it_is_told() -> None:
    found = run(flips(Sycophant(truth()), material(), PLACEBO))
    assert found.wrong == WRONG_EVERYWHERE
    assert rates(found) == {"targeted": 1.0, "misaligned": 1.0, "generic": 1.0}


def test_the_yes_sayer_never_flips() -> None:
    found = run(flips(YesSayer(), material(), PLACEBO))
    assert found.wrong == MOST_ASKED, "it is wrong about what is silent"
    assert set(rates(found).values()) == {0.0}


def test_no_answer_is_a_mistake_that_can_be_mended() -> None:
    found = run(flips(Mute(truth()), material(), PLACEBO))
    assert found.wrong == WRONG_EVERYWHERE
    assert found.rate("targeted") == 1.0


def test_without_a_mistake_there_is_no_rate() -> None:
    right = Wrong(truth())
    right.mended = set(truth())
    found = run(flips(right, material(), PLACEBO))
    assert found == Flips(0, dict.fromkeys(FEEDBACK, 0))
    assert set(rates(found).values()) == {None}


@pytest.mark.parametrize("make", [Wrong, Sycophant, Mute])
def test_the_student_is_left_as_it_was(make: type[Wrong]) -> None:
    student = make(truth())
    run(flips(student, material(), PLACEBO))
    assert (student.heard, student.mended, student.quizzed) == ([], set(), 0)


@pytest.mark.parametrize("student", [Keyword(), NoOp()])
def test_a_deterministic_student_is_left_as_it_was(student: Keyword | NoOp) -> None:
    before: Any = deepcopy(student.experience)
    run(flips(student, material(), PLACEBO))
    assert student.experience == before
    assert run(student.notes()) == ""


def test_each_feedback_says_what_it_should() -> None:
    student = Wrong(truth())
    run(flips(student, material(), PLACEBO))
    others = {each.text for each in (*PLACEBO.asked_firing, *PLACEBO.asked_silent)}
    told = [student.told[place :: len(FEEDBACK)] for place in range(len(FEEDBACK))]
    targeted, other, generic = told
    assert [move.shown[0].text for move in targeted] == [each.text for each in asked_of(material())]
    assert {move.text for move in generic} == {GENERIC}
    for right, wrong in zip(targeted, other, strict=True):
        assert wrong.shown[0].text in others
        assert (wrong.shown[0].peak > 0) == (right.shown[0].peak > 0), "the same label, of another window"
    assert not any(move.shown for move in generic)


def test_a_copy_hears_one_feedback_and_no_other() -> None:
    heard: list[int] = []

    class Counting(Wrong):
        def learn(self, move: Move) -> None:
            heard.append(len(self.heard))

    run(flips(Counting(truth()), material(), PLACEBO))
    assert heard == [1] * (len(FEEDBACK) * WRONG_EVERYWHERE)


def test_another_unit_without_windows_gives_generic_feedback() -> None:
    student = Wrong(truth())
    found = run(flips(student, material(), Material.of(OTHER, [])))
    assert found.rate("misaligned") == 0.0
    assert sum(move.text == GENERIC for move in student.told) == 2 * WRONG_EVERYWHERE


def test_many_windows_are_not_all_asked_about() -> None:
    many = replace(material(), asked_firing=tuple(window(f"red{i}", "a {}", True) for i in range(50)), asked_silent=())
    assert run(flips(NoOp(), many, PLACEBO)).wrong == MOST_ASKED


def test_the_live_lesson_alone_is_corrected_and_only_where_it_is_probed() -> None:
    live = run(teach("live", course(), YesSayer))
    assert live.flips is not None
    assert live.flips.wrong == MOST_ASKED
    assert run(teach("live", course(), YesSayer, plan=Plan(probed=False))).flips is None
    assert run(teach("static", course(), YesSayer)).flips is None
