"""What the arms say of a student, and which students may be believed: every gate fails on one built to fail it."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from made_up_rows import GOOD, row, rows

from benchmark.statistics.power import power_of
from benchmark.students.course import TeachingArm
from benchmark.students.user_model import Forecast
from benchmark.teaching.adaptation import adapted
from benchmark.teaching.effects import EFFECTS, FIRST, effects, learned
from benchmark.teaching.findings import Facts, findings
from benchmark.teaching.gates import Validated, arm_means, gates
from benchmark.teaching.publish import publish
from benchmark.teaching.rows import Row, brier

CAPACITY = "score rises with capacity"
RISING = ([0.1] * 5, [0.2] * 5, [0.3] * 5)
NULLS: dict[TeachingArm, float] = {arm: 0.0 for arm in GOOD if arm != "oracle"}


def whole(units: int = 24, **changed: float) -> list[Row]:
    """A good student, but for some arms on planted units."""
    return [*rows({**GOOD, **changed}, units=units), *rows(NULLS, "null", 12)]  # type: ignore[dict-item]


def verdicts(some: list[Row], smaller: tuple[list[float], ...] = RISING) -> dict[str, str]:
    return {gate.name: gate.passed for gate in judged(some, smaller).gates}


def judged(some: list[Row], smaller: tuple[list[float], ...] = RISING) -> Validated:
    """Beside another family that orders the arms as it does."""
    return gates(some, smaller, others=[arm_means(some)])


def test_effects_are_differences_of_their_arms() -> None:
    found = learned(rows())
    assert [each.name for each in found.effects] == list(EFFECTS)
    for each in found.effects:
        assert each.difference is not None
        assert each.difference.mean == pytest.approx(found.arms[each.first].mean - found.arms[each.second].mean)
        assert each.verdict == "significant"
    small, large = found.effects[0].needed
    assert small > large >= 2
    assert power_of([each.after for each in rows() if each.arm == "live"], 0.05).needed_by_t > small, "pairing helps"
    assert found.effects[0].difference is not None
    gain = found.effects[0].difference.mean
    assert found.normalised == pytest.approx(gain / (found.arms["oracle"].mean - found.arms["placebo"].mean))
    assert found.repeated == pytest.approx(gain / 2 / 2, abs=1e-3), "half of balanced accuracy is of silent windows"
    assert found.unrepeated == pytest.approx(gain / 4 / 2, abs=1e-3)
    assert found.leakage_adjusted == pytest.approx(0.75 * gain / 2 / 2, abs=1e-3)
    assert found.strata == (24, 24)
    skilled = adapted(rows(), ())
    assert skilled.skill == pytest.approx(0.2)
    assert (skilled.forecasts, skilled.unanswered) == (240, 24)
    assert skilled.over_random is not None
    assert skilled.over_random.mean == pytest.approx(-0.2)


def test_nothing_else_is_asked_where_nothing_was_learned() -> None:
    after = {arm: {each.unit: each.after for each in rows({**GOOD, "live": 0.1}) if each.arm == arm} for arm in GOOD}
    found = effects(after, frozenset(after["live"]))
    assert (found[0].name, found[0].verdict) == (FIRST, "not significant")
    assert {each.verdict for each in found[1:]} == {"not asked"}


def test_without_a_ceiling_above_the_floor_nothing_is_normalised() -> None:
    assert learned([each for each in rows() if each.arm != "oracle"]).normalised is None
    flat = [replace(each, after=0.0) if each.arm in ("oracle", "placebo") else each for each in rows()]
    assert learned(flat).normalised is None


def test_a_good_student_passes_every_gate() -> None:
    assert set(verdicts(whole()).values()) == {"passed"}
    assert judged(whole()).valid
    assert verdicts(whole(), ())["score rises with capacity"] == "not resolvable"
    assert not judged(whole(), ()).valid


@pytest.mark.parametrize("student", ["no_op", "yes_sayer"])
def test_capacity_is_not_asked_of_who_learns_nothing(student: str) -> None:
    for smaller in ((), RISING, RISING[::-1]):
        assert verdicts([replace(each, student=student) for each in whole()], smaller)[CAPACITY] == "not asked"


def test_capacity_wants_two_selves() -> None:
    assert verdicts(whole(), RISING[:1])[CAPACITY] == "not resolvable"
    assert verdicts(whole(), RISING[:2])[CAPACITY] == "passed"


@pytest.mark.parametrize(
    ("gate", "some", "smaller"),
    [
        ("pre-test at chance", [replace(each, before=0.3) for each in whole()], RISING),
        (
            "off-topic as none",
            [replace(each, after=0.2) if each.arm == "off_topic" else each for each in whole(units=90)],
            RISING,
        ),
        ("oracle > placebo > misaligned", whole(misaligned=0.3), RISING),
        ("oracle > placebo > misaligned", whole(oracle=0.1), RISING),
        ("score rises with capacity", whole(), ([0.3], [0.2], [0.4])),
        ("score rises with capacity", whole(), ([0.3], [0.3], [0.3])),
        ("nothing learned on null units", [*rows(), *rows({**NULLS, "examples": 0.4}, "null", 12)], RISING),
    ],
)
def test_every_gate_fails_on_a_student_built_to_fail_it(
    gate: str, some: list[Row], smaller: tuple[list[float], ...]
) -> None:
    found = verdicts(some, smaller)
    assert found[gate] == "failed"
    assert [name for name, passed in found.items() if passed == "failed"] == [gate]
    assert not judged(some, smaller).valid


def test_equivalence_wants_eighty_units_unless_nothing_differs() -> None:
    noisy = [replace(each, after=0.01 * (i % 2)) if each.arm == "off_topic" else each for i, each in enumerate(whole())]
    assert verdicts(noisy)["off-topic as none"] == "not resolvable"
    assert not judged(noisy).valid
    for units, passed in ((79, "not resolvable"), (80, "passed")):
        many = whole(units)
        near = [replace(each, after=0.01 * (i % 2)) if each.arm == "off_topic" else each for i, each in enumerate(many)]
        assert verdicts(near)["off-topic as none"] == passed
    assert verdicts([replace(each, after=0.2) if each.arm == "off_topic" else each for each in whole()])[
        "off-topic as none"
    ] == ("not resolvable"), "however far off: fewer units than the equivalence was planned on"


def test_skill_is_over_the_student_s_base_rate() -> None:
    def told(*pairs: tuple[float, float | None]) -> tuple[float, float, int]:
        return brier([Forecast("t", True, *pair) for pair in pairs])

    assert told((1.0, 0.9), (0.0, 0.1)) == pytest.approx((0.0, 0.5, 2))
    assert told((0.5, 0.9), (0.5, 0.1)) == pytest.approx((0.5, 0.5, 2))
    assert told((0.0, 0.9), (1.0, 0.1)) == pytest.approx((2.0, 0.5, 2))
    assert told((0.5, 0.9), (0.5, 0.9)) == pytest.approx((0.5, 0.0, 2)), "who always answers alike has no base error"
    assert told((0.5, None)) == (0.0, 0.0, 0)
    assert told((0.25, 0.9), (0.5, None)) == pytest.approx((0.5625, 0.0, 1)), "what was not answered is not scored"


@pytest.mark.parametrize(
    ("errors", "skill"),
    [
        (((0.5, 0.5), (0.0, 0.5)), 0.5),
        (((0.5, 0.0), (0.0, 0.5)), 0.0),
        (((0.1, 1.0), (0.0, 3.0)), 0.975),
        (((0.5, 0.0), (0.5, 0.0)), None),
    ],
)
def test_skill_is_over_sums_and_whoever_answers_alike_counts(
    errors: tuple[tuple[float, float], ...], skill: float | None
) -> None:
    some = [row("live", f"u{i}", 0.5, forecast_error=one, base_error=base) for i, (one, base) in enumerate(errors)]
    assert adapted(some, ()).skill == (None if skill is None else pytest.approx(skill))


def test_every_table_has_its_json(tmp_path: Path) -> None:
    facts = Facts("s", "0" * 64, "<b>", frozenset(f"planted-{i}" for i in range(8)), 1.0)
    files = publish(replace(findings(whole(), facts), validated=(judged(whole()),)), tmp_path)
    told = json.loads(files[0].read_text("utf-8"))
    page = files[1].read_text("utf-8")
    assert told["students"][0]["arms"]["live"]["n"] == 24
    assert told["gates"][0]["validated"] is True
    assert "8 of 24 planted units (33%) lie outside" in page
    assert "<b>" not in page
    assert f"{told['students'][0]['arms']['live']['mean']:.2f}" in page
    drawing = ElementTree.fromstring(files[2].read_text("utf-8"))
    assert not [each for each in drawing.iter() if each.tag.endswith("script")]
    circles = [each for each in drawing.iter() if each.tag.endswith("circle")]
    assert len(circles) == 1 + len(GOOD), "a student in the legend, and a dot an arm; null units are left out"
    assert all(0 < float(each.attrib["cx"]) < 940 for each in circles)
    assert told["students"][0]["curve"][-1] == [600, pytest.approx(told["students"][0]["arms"]["live"]["mean"])]
    assert told["students"][0]["curve"][0] == [0, 0.0]
