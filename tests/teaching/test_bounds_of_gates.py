"""Null units by intervals, arm orders by one side, and yoked lessons by where students went wrong."""

from dataclasses import replace

import pytest
from made_up_rows import GOOD, row, rows

from benchmark.students.course import TEACHING_ARMS, TeachingArm
from benchmark.students.dialogue import Transcript, Turn
from benchmark.students.moves import Reply, quiz, talk
from benchmark.teaching.gates import Gate, Validated, gates
from benchmark.teaching.rows import Row
from benchmark.teaching.study import elsewhere

ON_NULLS, ARM_ORDER = "nothing learned on null units", "arm order as in other families"
SCRIPTED: tuple[TeachingArm, ...] = ("placebo", "examples", "static", "misaligned", "trained")
NULLS = 12


def gate(found: Validated, name: str) -> Gate:
    return next(each for each in found.gates if each.name == name)


def on_nulls(**scores: tuple[float, ...]) -> Gate:
    """The gate of a student who learns nothing after all arms but these, which have the first units and 0 on others."""
    some = []
    for arm in TEACHING_ARMS:
        after = (*scores.get(arm, ()), *(0.0,) * NULLS)[:NULLS]
        some += [row(arm, f"null-{i}", r, "null") for i, r in enumerate(after)]
    return gate(gates(some), ON_NULLS)


def test_a_student_who_learns_nothing_on_nulls_passes() -> None:
    assert on_nulls().passed == "passed"
    assert on_nulls(examples=(-0.3, 0.1, -0.2)).passed == "passed"


@pytest.mark.parametrize("arm", SCRIPTED)
def test_two_nulls_of_twelve_are_too_many_to_pass(arm: str) -> None:
    found = on_nulls(**{arm: (0.24, 0.24)})
    assert found.passed == "not resolvable", f"the mean is 0.04, and its bound {found.why}"


@pytest.mark.parametrize("arm", SCRIPTED)
def test_all_nulls_learned_fail(arm: str) -> None:
    assert on_nulls(**{arm: (0.45,) * NULLS}).passed == "failed"
    assert on_nulls(**{arm: (0.05,) * NULLS}).passed == "failed", "as much as chance is too much"
    assert on_nulls(**{arm: (0.049,) * NULLS}).passed == "passed"


def test_one_null_with_a_great_score_decides_nothing() -> None:
    assert on_nulls(static=(0.9,)).passed == "not resolvable", "a mean of 0.075 whose interval begins at 0"


def test_another_arm_s_luck_mends_no_failure() -> None:
    assert on_nulls(examples=(0.45,) * NULLS, placebo=(-0.45,) * NULLS).passed == "failed"


@pytest.mark.parametrize("arm", ["none", "off_topic", "yoked", "live", "oracle", "relay"])
def test_what_is_learned_by_other_arms_is_no_gate(arm: str) -> None:
    found = on_nulls(**{arm: (0.45,) * NULLS})
    assert found.passed == "passed"
    assert ("live 0.450" in found.why) == (arm == "live")


@pytest.mark.parametrize(
    ("arms", "passed"),
    [
        (SCRIPTED, "passed"),
        (("placebo", "trained"), "passed"),
        (("placebo",), "not resolvable"),
        (SCRIPTED[1:], "not resolvable"),
        ((), "not resolvable"),
    ],
)
def test_null_units_want_a_placebo_and_another_arm(arms: tuple[TeachingArm, ...], passed: str) -> None:
    some = [row(arm, f"null-{i}", 0.0, "null") for arm in (*arms, "live") for i in range(NULLS)]
    assert gate(gates(some), ON_NULLS).passed == passed
    one = [row(arm, "null-0", 0.0, "null") for arm in (*SCRIPTED, "live")]
    assert gate(gates(one), ON_NULLS).passed == "not resolvable"


def test_without_an_interval_no_bound_is_below_chance() -> None:
    some = [row(arm, f"null-{i}", 0.44 * (i == 0), "null") for arm in SCRIPTED for i in range(9)]
    assert gate(gates(some), ON_NULLS).passed == "not resolvable", "one null of nine at 0.44"


def ordered(*arms: TeachingArm) -> list[Row]:
    """Planted units on which each arm scores more than the one before it."""
    return rows({arm: 0.1 + 0.2 * place for place, arm in enumerate(arms)}, units=4, sd=0.0)


FOUR: tuple[TeachingArm, ...] = ("placebo", "examples", "static", "trained")


@pytest.mark.parametrize(
    ("arms", "passed"),
    [
        (FOUR, "passed"),
        (FOUR[::-1], "failed"),
        (FOUR[:3], "failed"),
        (FOUR[:2], "not resolvable"),
    ],
)
def test_the_arm_order_is_asked_from_one_side(arms: tuple[TeachingArm, ...], passed: str) -> None:
    theirs: dict[TeachingArm, float] = {arm: float(place) for place, arm in enumerate(FOUR)}
    found = gate(gates(ordered(*arms), others=[theirs]), ARM_ORDER)
    assert found.passed == passed, found.why
    assert len(arms) < 4 or "p 0.042" in found.why or "p 1.000" in found.why


def test_arms_that_others_lack_are_left_out_of_the_order() -> None:
    theirs: dict[TeachingArm, float] = {arm: float(place) for place, arm in enumerate(FOUR)}
    some = [*ordered(*FOUR), *(row("misaligned", f"planted-{i}", 0.99) for i in range(4))]
    assert gate(gates(some, others=[theirs]), ARM_ORDER).why.endswith("4 arms, 1 families")


def wrong(*texts: str) -> Transcript:
    """A lesson in which a student got these wrong, one turn each."""
    turns = [Turn(quiz((each,)), Reply(), 0, {"confused": [each]}) for each in texts]
    return Transcript((*turns, Turn(talk("tea"), Reply(), 0)))


@pytest.mark.parametrize(
    ("own", "other", "apart"),
    [
        ((), (), False),
        (("a",), (), False),
        ((), ("a",), True),
        (("a",), ("a",), False),
        (("a", "b"), ("b", "a"), False),
        (("a",), ("b",), True),
        (("a", "b"), ("a",), True),
        (("a",), ("a", "b"), True),
    ],
)
def test_a_yoked_lesson_was_made_for_another_state(own: tuple[str, ...], other: tuple[str, ...], apart: bool) -> None:
    assert elsewhere(wrong(*own), wrong(*other)) is apart


def test_a_study_of_all_arms_has_all_gates_decided() -> None:
    some = [*rows(GOOD), *(replace(each, tier="null", after=0.0) for each in rows(GOOD, units=12))]
    found = gates(some, ([0.1], [0.2]), others=[{arm: r for arm, r in GOOD.items() if arm != "live"}])
    assert {each.passed for each in found.gates} == {"passed"}
