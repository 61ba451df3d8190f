"""Arms that were not held, lessons that broke off, and small studies: nothing raises, and what broke is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from made_up_rows import GOOD, rows

from benchmark.students.course import TEACHING_ARMS, TeachingArm
from benchmark.teaching.findings import TIERS, Facts, Findings, findings
from benchmark.teaching.from_logs import BROKEN
from benchmark.teaching.gates import NO_OP, PARROT, Gate, gates
from benchmark.teaching.publish import publish
from benchmark.teaching.rows import Row
from benchmark.teaching.study import Match
from benchmark.teaching.tables import page

UNITS = 12
FACTS = Facts("made-up", "f" * 64, "tutor", frozenset({"planted-0"}))
RISING = ((0.1,) * UNITS, (0.2,) * UNITS, (0.3,) * UNITS)
STUDENTS = ("keyword", "version_space", NO_OP, PARROT)
FLAT: Mapping[TeachingArm, float] = dict.fromkeys(GOOD, 0.0)
# Three units have lost the arm, or had a lesson that broke off.
FEW = frozenset(f"{tier}-{i}" for tier in TIERS for i in (0, 4, 7))
OFF_TOPIC, ORDER = "off-topic as none", "oracle > placebo > misaligned"


@cache
def study(tiers: tuple[str, ...] = ("planted", "null"), units: int = UNITS) -> tuple[Row, ...]:
    """Every student after every arm that it could have; the oracle, and who checks lessons, on planted units."""
    found = []
    for student in STUDENTS:
        for tier in tiers if student not in (NO_OP, PARROT) else ("planted",) * ("planted" in tiers):
            means = GOOD if student not in (NO_OP, PARROT) and tier != "null" else FLAT
            some = [each for each in rows(means, tier, units) if tier == "planted" or each.arm != "oracle"]
            believed = {"misconception": (0.9, 0.2), "confused": True, "understood": 0.8}
            more = believed if student == "version_space" else {}
            unseen = {"unseen": 0.0, "unseen_silent": 0.0}
            found += [replace(each, student=student, **more, **unseen) for each in some]  # type: ignore[arg-type]
    return tuple(found)


def matches(some: Sequence[Row]) -> list[Match]:
    units = dict.fromkeys((each.unit, each.tier) for each in some)
    names = dict.fromkeys(each.student for each in some)
    return [Match(unit, tier, one, other, 0.4) for unit, tier in units for one in names for other in names]


def broken(row: Row) -> Row:
    """As the logs of a sample in error make it."""
    found = Row(
        unit=row.unit,
        tier=row.tier,
        student=row.student,
        capacity=row.capacity,
        arm=row.arm,
        before=0.0,
        after=0.0,
        delayed=0.0,
        accuracy=0.5,
        right="",
        repeats="",
        fires="",
        end=BROKEN,
    )
    return found


def told(some: Sequence[Row], folder: Path) -> Findings:
    """Its findings, with all that is published; nothing is raised and no figure is missing in disguise."""
    rise = dict.fromkeys({each.student for each in some} - {NO_OP, PARROT}, RISING)
    found = findings(some, FACTS, matches(some), rise)
    text = page(found)
    assert "nan" not in text.lower().split()
    for path in publish(found, folder):
        assert "NaN" not in path.read_text("utf-8")
    if len(some) < len(study()) // 2:
        for scripted in (True, False):
            facts = replace(FACTS, scripted=scripted, agreement={"misaligned": {}, "placebo": {}})
            assert page(findings(some, facts))
    return found


def lacking(arm: str, units: frozenset[str] | None) -> list[Row]:
    return [each for each in study() if each.arm != arm or (units is not None and each.unit not in units)]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("units", [None, FEW], ids=["all", "some"])
@pytest.mark.parametrize("arm", TEACHING_ARMS)
def test_an_arm_may_be_missing(arm: TeachingArm, units: frozenset[str] | None, tmp_path: Path) -> None:
    found = told(lacking(arm, units), tmp_path)
    assert {each.student for each in found.learned} == set(STUDENTS)
    for each in found.learned:
        assert (arm in each.arms) == (units is not None and (arm != "oracle" or each.tier == "planted"))
        assert each.failures == {}
    for validated in found.validated:
        assert not any(gate.passed == "failed" for gate in validated.gates if validated.student == "keyword")


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("arm", TEACHING_ARMS)
def test_a_lesson_that_broke_off_is_counted_and_costs_no_unit(
    arm: TeachingArm, everywhere: bool, tmp_path: Path
) -> None:
    hit = [each for each in study() if each.arm == arm and (everywhere or each.unit in FEW)]
    some = [each for each in study() if each not in hit] + [broken(each) for each in hit]
    found = told(some, tmp_path)
    for each in found.learned:
        if (arm, each.tier) in {("oracle", "found"), ("oracle", "null")}:
            continue
        assert each.failures == {"teacher: broke off": UNITS if everywhere else 3}
        assert each.arms[arm].n == UNITS, "counted as nothing learned"
    (line, *_) = [line for line in page(found).splitlines() if "broke off" in line]
    assert f"broke off {sum(each.student == STUDENTS[0] for each in hit)}" in line


def of(tier: str) -> Callable[[], list[Row]]:
    return lambda: list(study((tier,)))


SMALL: dict[str, Callable[[], list[Row]]] = {
    "one unit": lambda: [each for each in study() if each.unit == "planted-3"],
    "one unit of each tier": lambda: [each for each in study() if each.unit.endswith("-3")],
    "one null unit": lambda: [each for each in study() if each.unit == "null-3"],
    "two units": lambda: [each for each in study() if each.unit in ("planted-3", "planted-4")],
    "no planted units": lambda: list(study(("found", "null"))),
    "one student": lambda: [each for each in study() if each.student == "version_space"],
    "who learns nothing": lambda: [each for each in study() if each.student == NO_OP],
    "one row": lambda: [study()[0]],
    "one live row": lambda: [next(each for each in study() if each.arm == "live")],
    "one broken row": lambda: [broken(study()[0])],
    "all broken": lambda: [broken(each) for each in study()],
    **{f"{tier} units only": of(tier) for tier in TIERS},
    "every tier": lambda: list(study(TIERS)),
}


@pytest.mark.parametrize("name", SMALL)
def test_small_studies_are_told(name: str, tmp_path: Path) -> None:
    some = SMALL[name]()
    found = told(some, tmp_path)
    assert sum(found.units.values()) == len({each.unit for each in some})
    if len({(each.unit, each.arm) for each in some}) < len(TEACHING_ARMS) * 2:
        assert not any(found.valid(each) for each in STUDENTS), "no gate is passed on one unit"
    if "broken" in name:
        assert all(each.failures == {"teacher: broke off": len(group)} for each, group in grouped(found))


def grouped(found: Findings) -> list[tuple[object, list[Row]]]:
    return [
        (each, [row for row in found.rows if (row.student, row.tier) == (each.student, each.tier)])
        for each in found.learned
    ]


def test_no_rows_are_no_study(tmp_path: Path) -> None:
    assert told((), tmp_path).learned == ()


def apart(arm: TeachingArm, other: TeachingArm) -> list[Row]:
    """Two arms, each on units that the other was not held on."""
    even = frozenset(f"{tier}-{i}" for tier in TIERS for i in range(0, UNITS, 2))
    mine = [each for each in study() if each.student == "keyword"]
    return [each for each in mine if each.arm not in (arm, other) or (each.unit in even) == (each.arm == arm)]


def gate(some: Sequence[Row], name: str) -> Gate:
    return next(each for each in gates(some, RISING).gates if each.name == name)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_off_topic_is_open_without_a_common_unit() -> None:
    assert gate(apart("off_topic", "none"), OFF_TOPIC).passed == "not resolvable"


@pytest.mark.parametrize("pair", [("oracle", "placebo"), ("placebo", "misaligned")])
def test_the_order_is_open_without_a_common_unit(pair: tuple[TeachingArm, TeachingArm]) -> None:
    assert gate(apart(*pair), ORDER).passed == "not resolvable"


def test_gates_pair_on_common_units() -> None:
    """An arm that was held on easy units alone is held against the other arms on these units."""
    easy = frozenset(f"planted-{i}" for i in range(6))
    lifted = [
        replace(each, after=each.after + (0.8 if each.unit in easy else 0.0))
        for each in study()
        if each.student == "keyword" and not (each.arm in ("misaligned", "off_topic") and each.unit not in easy)
    ]
    assert gate(lifted, ORDER).passed == "passed"
    assert gate(lifted, OFF_TOPIC).why.startswith("off-topic minus none +0.000 on 6 units")


@pytest.mark.parametrize("arm", ["live", "placebo"])
def test_nothing_is_normalised_without_its_arms(arm: str) -> None:
    found = findings(lacking(arm, None), FACTS)
    assert [each.normalised for each in found.learned if each.tier == "planted"] == [None] * len(STUDENTS)


def test_arms_of_one_unit_alone_pair_with_nothing() -> None:
    rng = np.random.default_rng(0)
    some = [each for each in study() if each.student == "keyword" and rng.random() < 0.3]
    assert {each.passed for each in gates(some, ()).gates} <= {"passed", "failed", "not resolvable", "not asked"}
