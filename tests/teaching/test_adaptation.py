"""What teacher and student made of each other, which lessons may be compared, and what was only repeated."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from made_up_rows import GOOD, row, rows

from benchmark.students.course import TeachingArm
from benchmark.teaching.adaptation import Adapted, adapted, matrix, personalisation
from benchmark.teaching.effects import Learned, effects, learned
from benchmark.teaching.rows import Row
from benchmark.teaching.study import Match

UNITS = tuple(f"u{i}" for i in range(4))
STUDENTS = ("made_up", "one", "two")


def mistaken(unit: str, wrong: int | None, targeted: int = 0, misaligned: int = 0, generic: int = 0) -> Row:
    flipped = {"targeted": targeted, "misaligned": misaligned, "generic": generic} if wrong is not None else {}
    return row("live", unit, 0.5, wrong=wrong, flipped=flipped)


def believes(arm: TeachingArm, *pairs: tuple[float, float]) -> list[Row]:
    return [row(arm, unit, 0.5, misconception=pair) for unit, pair in zip(UNITS, pairs, strict=False)]


def match(student: str, intended: str, unit: str, after: float) -> Match:
    return Match(unit, "planted", student, intended, after)


def mean(found: Adapted, name: str) -> float:
    value = getattr(found, name)
    assert value is not None
    return float(value.mean)


def test_selective_flips_take_the_control_that_flips_more() -> None:
    some = [mistaken("u0", 4, 4, 2, 0), mistaken("u1", 2, 1, 1, 0)]
    found = adapted(some, ())
    assert mean(found, "selective") == pytest.approx((4 / 4 + 1 / 2) / 2 - (2 / 4 + 1 / 2) / 2)
    assert found.flipped == {"targeted": pytest.approx(3 / 4), "misaligned": pytest.approx(1 / 2), "generic": 0.0}
    other = [mistaken("u0", 4, 4, 0, 2), mistaken("u1", 2, 1, 0, 1)]
    assert mean(adapted(other, ()), "selective") == pytest.approx(mean(found, "selective")), "whichever it is"


def test_the_greater_control_is_one_for_all_units() -> None:
    some = [mistaken("u0", 4, 4, 4, 0), mistaken("u1", 4, 4, 0, 3)]
    assert mean(adapted(some, ()), "selective") == pytest.approx(0.5), "misaligned flips more on the mean"


def test_a_sycophant_is_not_selective() -> None:
    assert mean(adapted([mistaken(unit, 3, 3, 0, 3) for unit in UNITS], ()), "selective") == 0.0
    assert mean(adapted([mistaken(unit, 4, 1, 4, 0) for unit in UNITS], ()), "selective") == -0.75


def test_units_without_a_mistake_are_left_out() -> None:
    some = [mistaken("u0", 2, 2), mistaken("u1", 0), mistaken("u2", None)]
    found = adapted(some, ())
    assert (found.mistakes, mean(found, "selective")) == (1, 1.0)
    none = adapted(some[1:], ())
    assert (none.mistakes, none.selective, none.flipped) == (0, None, {})


def test_only_the_live_lesson_is_looked_at() -> None:
    other = replace(mistaken("u0", 2, 2), arm="static", forecast_error=9.0, base_error=1.0, regret=0.9, quoted=0.9)
    found = adapted([other], ())
    assert (found.mistakes, found.skill, found.forecasts, found.unanswered) == (0, None, 0, 0)
    assert (found.regret, found.over_random, found.off, found.quoted) == (None,) * 4


def test_skill_regret_and_quoted_are_over_the_units_that_have_them() -> None:
    told = zip(UNITS, (0.1, 0.3, None, None), (0.3, None, 0.5, None), (1.0, 0.0, None, 0.5), strict=True)
    some = [
        row("live", unit, 0.5, regret=regret, random_regret=by_chance, quoted=quoted)
        for unit, regret, by_chance, quoted in told
    ]
    found = adapted([*some, row("none", "u0", 0.0, forecast_error=99.0, base_error=9.0)], ())
    assert found.skill == pytest.approx(0.2)
    assert (found.forecasts, found.unanswered) == (40, 4)
    assert mean(found, "regret") == pytest.approx(0.2)
    assert mean(found, "over_random") == pytest.approx(0.1 - 0.3), "of the one unit that has both"
    assert found.over_random is not None
    assert found.over_random.n == 1
    assert found.quoted == pytest.approx(0.5)


def test_the_user_model_is_off_by_its_distance_from_the_exam() -> None:
    believed = zip(UNITS, (0.9, 0.4, None, 0.7), (0.7, 0.6, 0.9, 0.7), strict=True)
    found = adapted([row("live", unit, 0.5, understood=one, accuracy=other) for unit, one, other in believed], ())
    assert found.off == pytest.approx((0.2 + 0.2 + 0.0) / 3), "over and under do not make up for each other"
    assert adapted([row("live", "u0", 0.5)], ()).off is None


def test_personalisation_is_one_s_own_lesson_less_the_mean_of_the_others() -> None:
    matches = [
        match("made_up", intended, unit, after)
        for unit, scores in {"u0": (0.9, 0.5, 0.3), "u1": (0.4, 0.6, 0.4)}.items()
        for intended, after in zip(STUDENTS, scores, strict=True)
    ]
    found = adapted([row("live", "u0", 0.5)], matches)
    assert mean(found, "personalised") == pytest.approx(((0.9 - 0.4) + (0.4 - 0.5)) / 2)
    assert found.personalised is not None
    assert found.personalised.n == 2


def test_a_unit_without_own_or_other_lesson_says_nothing_of_personalisation() -> None:
    alone = [match("made_up", "made_up", "u0", 0.9), match("made_up", "one", "u1", 0.1)]
    assert adapted([row("live", "u0", 0.5)], alone).personalised is None
    assert adapted([row("live", "u0", 0.5)], ()).personalised is None


def test_personalisation_of_a_study_holds_no_good_student_and_no_good_lesson() -> None:
    def made(own: float) -> list[Match]:
        return [
            match(one, other, unit, 0.3 * i + 0.2 * j + 0.1 * k + own * (one == other))
            for i, one in enumerate(STUDENTS)
            for j, other in enumerate(STUDENTS)
            for k, unit in enumerate(UNITS)
        ]

    for own in (0.0, 0.25, -0.25):
        found = personalisation(made(own))
        assert found is not None
        assert found.mean == pytest.approx(own)
        assert found.n == len(UNITS)
    assert personalisation(()) is None
    assert personalisation([match("one", "one", "u0", 1.0), match("one", "two", "u1", 0.0)]) is None


def test_the_matrix_is_of_means_over_units() -> None:
    matches = [
        match(student, intended, unit, place + 0.1 * other + number)
        for place, student in enumerate(STUDENTS)
        for other, intended in enumerate(STUDENTS)
        for number, unit in enumerate(UNITS[:2])
    ]
    found = matrix(matches)
    assert list(found) == [*STUDENTS]
    for place, student in enumerate(STUDENTS):
        assert found[student] == {each: pytest.approx(place + 0.1 * i + 0.5) for i, each in enumerate(STUDENTS)}
    assert matrix(()) == {}


def test_a_false_belief_before_after_and_mended() -> None:
    live = believes("live", (0.9, 0.1), (0.9, 0.8), (0.7, 0.2), (0.3, 0.1))
    placebo = believes("placebo", (0.9, 0.9), (0.9, 0.9), (0.7, 0.7), (0.3, 0.3))
    found = adapted([*live, *placebo], ()).belief
    assert found is not None
    assert found.before == pytest.approx(0.7)
    assert found.after == {"live": pytest.approx(0.3), "placebo": pytest.approx(0.7)}
    assert found.mended == {"live": pytest.approx(2 / 3), "placebo": 0.0}, "of those on which it was held"
    assert found.found is None, "no teacher had a model of it"
    seen = zip(live, (True, False, None, True), strict=True)
    noticed = adapted([*(replace(each, confused=mark) for each, mark in seen), *placebo], ()).belief
    assert noticed is not None
    assert noticed.found == pytest.approx(2 / 3)


def test_a_belief_at_the_edge_is_held() -> None:
    found = adapted(believes("live", (0.5, 0.5), (0.5, 0.49)), ()).belief
    assert found is not None
    assert found.mended == {"live": 0.5}


def test_a_belief_that_nobody_held_cannot_be_mended() -> None:
    found = adapted(believes("live", (0.2, 0.1)), ()).belief
    assert found is not None
    assert found.mended == {}
    assert adapted([row("live", "u0", 0.5)], ()).belief is None


def _after(scores: Mapping[TeachingArm, tuple[float, ...]]) -> dict[TeachingArm, dict[str, float]]:
    return {arm: dict(zip(UNITS, each, strict=True)) for arm, each in scores.items()}


def test_interactivity_is_over_lessons_made_for_another_state() -> None:
    after = _after({"live": (0.9, 0.8, 0.7, 0.6), "yoked": (0.5, 0.6, 0.7, 0.6), "placebo": (0.1, 0.1, 0.2, 0.1)})
    found = {each.name: each for each in effects(after, frozenset(UNITS[:2]))}
    own = found["interactivity"].difference
    assert own is not None
    assert own.mean == pytest.approx((0.4 + 0.2) / 2)
    assert own.n == 2
    gain = found["comprehension gain"].difference
    assert gain is not None
    assert gain.n == len(UNITS), "the others are over all"


@pytest.mark.parametrize("state", [False, None])
def test_interactivity_is_not_defined_where_every_lesson_fits(state: bool | None) -> None:
    some = [replace(each, own_state=state) if each.arm == "yoked" else each for each in rows()]
    found = {each.name: each for each in learned(some).effects}
    assert found["interactivity"].verdict == "not defined"
    assert found["interactivity"].difference is None
    assert (found["interactivity"].p, found["interactivity"].needed) == (None, ())
    assert {each.verdict for name, each in found.items() if name != "interactivity"} == {"significant"}


def test_interactivity_is_restricted_by_the_rows_themselves() -> None:
    some = [
        replace(each, own_state=each.unit in ("planted-1", "planted-3", "planted-5")) if each.arm == "yoked" else each
        for each in rows()
    ]
    found = next(each for each in learned(some).effects if each.name == "interactivity")
    assert found.difference is not None
    assert found.difference.n == 3


# Of six windows the first four fire.
FIRES = "111100"


def windows(live: str, placebo: str, parrot: str, unit: str, fires: str = FIRES) -> list[Row]:
    told = row("live", unit, 0.5, right=live, repeats=parrot, fires=fires)
    return [told, row("placebo", unit, 0.1, right=placebo, repeats="1" * len(fires), fires=fires)]


def strata(*some: list[Row]) -> Learned:
    return learned([each for rows in some for each in rows])


def test_gains_are_apart_by_what_the_parrot_repeats() -> None:
    found = strata(
        windows("111110", "101100", "110011", "u0"),
        windows("101011", "011010", "000100", "u1"),
    )
    # By hand. Silent windows: better by 1/2 on each unit. Firing ones: u0 by 1/2 where it repeats and 0 where not;
    # u1 by 0 where it repeats and by 0 of three where not (one more, one less).
    assert found.repeated == pytest.approx(((1 / 2 + 1 / 2) / 2 + (0 + 1 / 2) / 2) / 2)
    assert found.unrepeated == pytest.approx(((0 + 1 / 2) / 2 + (0 + 1 / 2) / 2) / 2)
    assert found.leakage_adjusted == pytest.approx((1 / 2 + 1 / 4 + 1 / 4 + 1 / 4) / 4)
    assert found.strata == (2, 2)


def test_who_always_says_yes_gains_nothing_in_either_stratum() -> None:
    yes, no = FIRES, "000011"
    for parrot in ("110000", "110011", "101010"):
        found = strata(windows(yes, yes, parrot, "u0"), windows(yes, no, parrot, "u1"))
        assert (found.repeated, found.unrepeated, found.leakage_adjusted) == (0.0, 0.0, 0.0)
        assert found.strata == (2, 2)


def test_a_unit_counts_in_the_strata_that_it_has() -> None:
    found = strata(windows("1111", "0000", "1111", "u0", "1110"), windows("1101", "0000", "1010", "u1", "1110"))
    assert found.repeated == pytest.approx((1.0 + (1 / 2 + 1) / 2) / 2)
    assert found.unrepeated == pytest.approx((1 + 1) / 2), "of the second unit alone"
    assert found.leakage_adjusted == pytest.approx((0.75 + 1.0) / 2), "of the second unit alone"
    assert found.strata == (2, 1)


def test_without_one_stratum_nothing_is_adjusted() -> None:
    found = strata(windows("1111", "0000", "0001", "u0", "1110"))
    assert (found.repeated, found.unrepeated, found.leakage_adjusted) == (None, 1.0, None)
    assert found.strata == (0, 1)
    assert strata([row("live", "u0", 0.5)]).leakage_adjusted is None, "no placebo"
    assert strata(windows("1111", "0000", "0101", "u0", "1111")).strata == (0, 0), "no silent window"


def test_a_placebo_lesson_that_broke_off_was_wrong_about_all() -> None:
    live, placebo = windows("111111", "", "110000", "u0")
    found = strata([live, replace(placebo, repeats="", fires="", end="error")])
    assert (found.repeated, found.unrepeated) == (1.0, 1.0)
    broken = strata([replace(live, right="", repeats="", fires="", end="error"), placebo])
    assert (broken.repeated, broken.unrepeated, broken.strata) == (None, None, (0, 0))


def test_failures_are_totals_over_all_arms() -> None:
    some = [
        row("live", "u0", 0.5, failures={"teacher: refusal": 1, "student: quiz: empty": 2}, end="refusal", unread=3),
        row("live", "u1", 0.5, failures={"student: quiz: empty": 1}, end="turns", withheld=2, refused=1),
        row("static", "u0", 0.5, end="empty", refused=3, unread=1),
        row("static", "u1", 0.5, end="words"),
        row("yoked", "u1", 0.5, end="finished"),
    ]
    found = learned(some)
    assert found.unread == 4
    assert found.failures == {
        "student: not measured": 4,
        "student: quiz: empty": 3,
        "teacher: had nothing to tell": 1,
        "teacher: never stopped": 1,
        "teacher: quoted the exam, withheld": 2,
        "teacher: refusal": 1,
        "teacher: refused": 1,
    }
    assert learned(rows(GOOD)).failures == {}


def test_what_is_unseen_or_looked_up_is_of_the_live_lesson() -> None:
    some = [
        row("live", "u0", 0.5, unseen=0.5, unseen_silent=0.1, looked_up=0.8),
        row("live", "u1", 0.5, unseen=None, unseen_silent=0.9, looked_up=0.6),
        row("live", "u2", 0.5, unseen=0.9, unseen_silent=None),
        row("live", "u3", 0.5, unseen=0.25, unseen_silent=0.75),
        row("static", "u0", 0.5, unseen=0.0, unseen_silent=1.0, looked_up=0.0),
    ]
    found = learned(some)
    assert found.unseen == pytest.approx((0.4 - 0.5) / 2), "hits less false alarms, where there are both"
    assert found.unseen_units == 2
    assert found.looked_up == pytest.approx(0.7)
    assert learned([row("live", "u0", 0.5)]).unseen is None
    assert learned([row("live", "u0", 0.5, unseen=1.0, unseen_silent=1.0)]).unseen == 0.0, "who always says yes"
