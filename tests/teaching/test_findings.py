"""A whole study: which units, which students, what is published; every gate fails on rows that are built to fail it."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_rows import GOOD, rows

from benchmark.students.course import TEACHING_ARMS, TeachingArm
from benchmark.teaching.choice import OUTSIDE_SHARE, chosen_units
from benchmark.teaching.cohort import FAMILIES
from benchmark.teaching.findings import SCHEMA, Facts, Findings, findings, wronged
from benchmark.teaching.gates import NO_OP, PARROT, Gate, arm_means, concordance, gates, house
from benchmark.teaching.publish import DIGITS, publish, scores
from benchmark.teaching.rows import Row
from benchmark.teaching.study import Match
from benchmark.teaching.tables import caption, gate_page, page
from benchmark.units.unit import Unit

RISING = ((0.1,) * 5, (0.2,) * 5, (0.3,) * 5)
FLAT: dict[TeachingArm, float] = dict.fromkeys(GOOD, 0.0)
NULLS: dict[TeachingArm, float] = {arm: 0.0 for arm in GOOD if arm != "oracle"}
OUTSIDE = frozenset(f"planted-{i}" for i in range(12))
FACTS = Facts("made-up", "f" * 64, "tutor", OUTSIDE)
# Text as it might come from a file of somebody else's.
EVIL = "<script>|`x`\n[a](http://b)@c"


def named(some: Sequence[Row], name: str) -> list[Row]:
    return [replace(each, student=name) for each in some]


def good(tier: str = "planted") -> list[Row]:
    return rows(GOOD if tier != "null" else NULLS, tier, 12 if tier == "null" else 24)


@cache
def everyone(units: int = 24) -> tuple[Row, ...]:
    """Two who learn, of two families, and the two who check the lessons."""
    learns = [*rows(GOOD, units=units), *good("found"), *good("null")]
    checks = [replace(each, unseen=0.0) for each in rows(FLAT)]
    return (
        *named(learns, "keyword"),
        *named(learns, "note_taker"),
        *named(checks, NO_OP),
        *named(checks, PARROT),
    )


def study(some: Sequence[Row] | None = None, facts: Facts = FACTS, matches: Sequence[Match] = ()) -> Findings:
    rise = dict.fromkeys(("keyword", "note_taker"), RISING)
    return findings(some or everyone(), facts, matches, rise)


@cache
def plain() -> Findings:
    """The good study."""
    return study()


def failing(found: Sequence[Gate]) -> list[str]:
    return [gate.name for gate in found if gate.passed == "failed"]


def of_student(found: Findings, student: str) -> tuple[Gate, ...]:
    return next(each.gates for each in found.validated if each.student == student)


def change(some: Sequence[Row], student: str, arms: Sequence[str], **values: object) -> list[Row]:
    return [replace(each, **values) if (each.student == student and each.arm in arms) else each for each in some]  # type: ignore[arg-type]


def test_a_good_study_validates_who_learns() -> None:
    found = plain()
    for name in ("keyword", "note_taker"):
        assert failing(of_student(found, name)) == []
        assert {gate.passed for gate in of_student(found, name)} == {"passed"}
        assert found.valid(name)
    assert not found.valid("nobody")
    assert not replace(found, validated=()).valid("keyword")


def test_a_no_op_that_gains_fails_the_house_alone() -> None:
    unit = next(each.unit for each in everyone() if each.student == NO_OP)
    some = [
        replace(each, after=1e-6) if (each.student, each.arm, each.unit) == (NO_OP, "live", unit) else each
        for each in everyone()
    ]
    assert failing(house(some)) == ["no-op gains exactly 0"]
    found = study(some)
    assert failing(of_student(found, "keyword")) == ["no-op gains exactly 0"]
    assert not found.valid("keyword"), "a bad house validates nobody"


def test_a_parrot_that_finds_what_was_never_said_fails_the_house_alone() -> None:
    some = change(everyone(), PARROT, ["live"], unseen=0.05)
    assert failing(house(some)) == ["parrot finds nothing unsaid"]
    one = next(each for each in some if (each.student, each.arm) == (PARROT, "live"))
    assert failing(house([one])) == ["parrot finds nothing unsaid"], "as much as chance is too much"
    assert failing(house([replace(one, unseen=0.049)])) == []
    assert failing(house(change(everyone(), PARROT, ["static"], unseen=1.0))) == []
    assert not study(some).valid("keyword")


def test_a_house_without_them_is_open() -> None:
    found = house(named(good(), "keyword"))
    assert [gate.passed for gate in found] == ["not resolvable"] * 2
    assert [gate.passed for gate in house(change(everyone(), PARROT, ["live"], unseen=None))] == [
        "passed",
        "not resolvable",
    ]
    assert not gates(good(), shared=found).valid


@pytest.mark.parametrize(
    ("gate", "built"),
    [
        ("pre-test at chance", change(everyone(), "keyword", TEACHING_ARMS, before=0.06)),
        ("pre-test at chance", change(everyone(), "keyword", ["none"], before=-0.06)),
        ("off-topic as none", change(everyone(80), "keyword", ["off_topic"], after=0.06)),
    ],
)
def test_a_gate_that_fails_fails_alone(gate: str, built: list[Row]) -> None:
    found = study(built)
    assert failing(of_student(found, "keyword")) == [gate]
    assert not found.valid("keyword")
    assert found.valid("note_taker"), "it is that student's gate"


def test_a_student_that_orders_the_arms_otherwise_fails_alone() -> None:
    odd: dict[TeachingArm, float] = {**GOOD, "static": 0.02, "examples": 0.01}
    theirs: dict[TeachingArm, float] = {**GOOD, "none": 0.5, "off_topic": 0.45, "static": 0.01, "examples": 0.0}
    own = [*rows(odd), *good("null")]
    found = gates(own, RISING, others=[arm_means(rows(theirs))])
    assert failing(found.gates) == ["arm order as in other families"]
    assert not found.valid


def test_a_student_that_scores_alike_everywhere_agrees_with_nobody() -> None:
    found = gates([*rows(FLAT), *good("null")], RISING, others=[GOOD])
    agreeing = found.gates[-1]
    assert (agreeing.passed, agreeing.why) == ("failed", "it scores alike in all arms")


def test_agreement_is_over_scripted_arms_on_planted_units() -> None:
    assert set(arm_means(good())) == set(GOOD) - {"live", "yoked", "relay"}
    assert arm_means(good("found")) == {}
    mixed = arm_means([*good(), *rows(FLAT, "found")])
    assert mixed == arm_means(good())


def test_own_family_is_no_other_family() -> None:
    alone = study(named([*good(), *good("null")], "keyword"))
    assert of_student(alone, "keyword")[-1].passed == "not resolvable"
    kin = study([*named(good(), "keyword"), *named(good(), PARROT)])
    assert FAMILIES["keyword"] == FAMILIES[PARROT]
    assert of_student(kin, "keyword")[-1].passed == "not resolvable"


def test_the_order_is_judged_where_the_misaligned_lesson_is_wrong() -> None:
    some = [
        replace(each, after=0.9) if each.arm == "misaligned" and each.unit not in OUTSIDE else each for each in good()
    ]
    name = "oracle > placebo > misaligned"
    judged = {None: "failed", OUTSIDE: "passed", frozenset[str](): "not resolvable"}
    for wrong, passed in judged.items():
        found = {gate.name: gate.passed for gate in gates(some, RISING, others=[GOOD], wronged=wrong).gates}
        assert found[name] == passed
    told = {"misaligned": {"a": -0.1, "b": 0.2, "c": 0.2}, "placebo": {"a": 0.0, "b": 0.1, "c": 0.2}}
    assert wronged(told) == frozenset({"a"}), "less, and not as much"
    assert wronged({"placebo": {}}) is None


def textbook(families: Sequence[Mapping[TeachingArm, float]]) -> float:
    """Kendall's W without ties: 12 S / (m^2 (n^3 - n)), Kendall and Babington Smith 1939."""
    arms = list(families[0])
    ranks = np.array([[sorted(each.values()).index(each[arm]) + 1 for arm in arms] for each in families])
    total, m, n = ranks.sum(axis=0), len(families), len(arms)
    return float(12 * ((total - total.mean()) ** 2).sum() / (m**2 * (n**3 - n)))


@given(st.lists(st.permutations(range(5)), min_size=2, max_size=6))
def test_concordance_is_kendall_s_w(orders: list[list[int]]) -> None:
    families = [dict(zip(TEACHING_ARMS[:5], map(float, order), strict=True)) for order in orders]
    assert concordance(families) == pytest.approx(textbook(families))


def test_concordance_wants_two_families_and_three_arms() -> None:
    assert concordance([]) is None
    assert concordance([GOOD]) is None
    assert concordance([{"none": 0.0, "live": 1.0}] * 2) is None
    assert concordance([GOOD, GOOD, GOOD]) == pytest.approx(1.0)
    assert plain().concordance == pytest.approx(1.0)


def test_families_that_score_alike_everywhere_agree_on_nothing() -> None:
    assert concordance([FLAT, FLAT]) is None


def unit(number: int, tier: str = "planted", outside: bool = False) -> Unit:
    notes = {"group": "outside" if outside else "inside"}
    return Unit(f"{tier}-{number}", tier, f"family-{number % 4}", {}, notes=notes)  # type: ignore[arg-type]


def suite(inside: int, outside: int) -> list[Unit]:
    """Units outside the language stand among the others."""
    step = 1 + inside // outside
    planted = [unit(i, outside=i % step == 0 and i // step < outside) for i in range(inside + outside)]
    return [*planted, *(unit(i, tier) for tier in ("null", "found", "randomised") for i in range(9))]


@settings(max_examples=50)
@given(st.integers(3, 60), st.integers(4, 120), st.integers(1, 20).map(lambda half: 2 * half))
def test_two_in_five_chosen_units_lie_outside(per_tier: int, inside: int, outside: int) -> None:
    units = suite(inside, outside)
    chosen = chosen_units(units, per_tier)
    planted = [each for each in chosen if each.tier == "planted"]
    beyond = sum(each.notes["group"] == "outside" for each in planted)
    assert 0 < len(planted) <= per_tier
    assert beyond >= OUTSIDE_SHARE * len(planted)
    assert [each for each in units if each in planted] == planted, "a subset in order"
    for tier in ("found", "null"):
        own = [each for each in units if each.tier == tier]
        assert [each for each in chosen if each.tier == tier] == own[:per_tier]
    assert not any(each.tier == "randomised" for each in chosen)


@pytest.mark.parametrize("outside", [1, 5, 9])
def test_two_in_five_lie_outside_however_few_there_are(outside: int) -> None:
    chosen = [each for each in chosen_units(suite(60, outside)) if each.tier == "planted"]
    beyond = sum(each.notes["group"] == "outside" for each in chosen)
    assert beyond >= OUTSIDE_SHARE * len(chosen)


def test_inside_units_are_spread_over_families() -> None:
    chosen = [each for each in chosen_units(suite(60, 4)) if each.notes["group"] == "inside" and each.tier == "planted"]
    assert len({each.family for each in chosen}) == 4


def test_a_suite_without_units_outside_keeps_all() -> None:
    units = [unit(i) for i in range(7)]
    assert chosen_units(units) == units
    assert chosen_units(units, 3) == units[:3]


def test_scores_go_round() -> None:
    found = plain()
    lines = list(csv.DictReader(io.StringIO(scores(found))))
    assert list(lines[0]) == ["tier", "unit", "student", *TEACHING_ARMS]
    read = {
        (line["tier"], line["unit"], line["student"], arm): float(line[arm])
        for line in lines
        for arm in TEACHING_ARMS
        if line[arm]
    }
    told = {(each.tier, each.unit, each.student, each.arm): round(each.after, DIGITS) for each in found.rows}
    assert read == told
    assert {line["oracle"] for line in lines if line["tier"] == "null"} == {""}


def test_a_row_goes_round_as_json() -> None:
    one = replace(
        everyone()[0], misconception=(0.9, 0.1), flipped={"targeted": 1}, wrong=2, failures={"x": 1}, own_state=True
    )
    assert Row.from_json(json.loads(json.dumps(one.to_json()))) == one
    plain = {name: value for name, value in one.to_json().items() if name != "failures"}
    assert Row.from_json(plain).failures == {}
    with pytest.raises(TypeError, match="arm"):
        Row.from_json({name: value for name, value in plain.items() if name != "arm"})


def personalised() -> list[Match]:
    names = ("keyword", "note_taker")
    return [Match("planted-0", "planted", one, other, 0.5) for one in names for other in names]


def parts(text: str) -> list[tuple[str, str, str]]:
    """Heading, caption and table, of every table of a page."""
    found = text.split("\n\n")
    return [(found[i - 2], found[i - 1], each) for i, each in enumerate(found) if each.lstrip().startswith("|")]


def test_every_table_says_whose_exams_rest_on_what_and_how_hard_its_units_are() -> None:
    shared = [replace(each, capacity="shared-language") for each in named(good(), "version_space")]
    found = study([*everyone(), *shared], matches=personalised())
    tables = parts(page(found))
    assert len(tables) == page(found).count("\n## ") >= 6 + 5 + 1 + 1 + 1, "planted, found, null, failures, gates"
    for head, said, _ in tables:
        assert head.startswith("## ")
        assert f"Text-only students: keyword, note_taker, {NO_OP}, {PARROT}." in said.replace("\\", "")
        if any(tier in head for tier in ("Found", "Null")):
            assert "nobody can tell" in said
        else:
            assert "12 of 24 planted units (50%) lie outside rule induction's language." in said
    ((_, said, _),) = parts(gate_page(found))
    assert said == caption(found)


def test_every_row_says_what_it_rests_on_and_whether_it_is_validated() -> None:
    for _, _, told in parts(page(study(matches=personalised()))):
        head, _, *body = told.splitlines()
        assert [each.strip() for each in head.strip("|").split("|")][:3] == ["student", "exam rests on", "validated"]
        for line in body:
            name, rests, valid = (each.strip() for each in line.strip("|").split("|")[:3])
            assert rests == "text-only"
            assert valid == ("validated" if name in ("keyword", r"note_taker") else "unvalidated")


def test_a_model_s_lessons_validate_nobody() -> None:
    found = study(facts=replace(FACTS, scripted=False))
    assert found.validated == ()
    text = page(found)
    assert "## Gates" not in text
    assert "no student is validated here" in text
    lines = [line for _, _, told in parts(text) for line in told.splitlines()[2:]]
    assert {line.split("|")[3].strip() for line in lines} == {"unvalidated"}


def test_gates_are_published_where_they_were_asked(tmp_path: Path) -> None:
    files = {each.name for each in publish(plain(), tmp_path)}
    assert files == {"teaching.json", "teaching.md", "teaching.svg", "scores.csv", "gates.json", "gates.md"}
    assert {each.name for each in tmp_path.iterdir()} == files
    told = json.loads((tmp_path / "teaching.json").read_text("utf-8"))
    assert (told["schema"], told["units"]) == (SCHEMA, {"planted": 24, "found": 24, "null": 12})
    assert (told["outside"], told["outside_share"]) == (12, 0.5)
    assert json.loads((tmp_path / "gates.json").read_text("utf-8"))["gates"] == told["gates"]
    bare = publish(study(facts=replace(FACTS, scripted=False)), tmp_path / "bare")
    assert {each.name for each in bare} == files - {"gates.json", "gates.md"}


def test_text_from_names_is_escaped(tmp_path: Path) -> None:
    some = [*everyone(), *named([replace(each, failures={EVIL: 1}) for each in good()], EVIL)]
    publish(study(some, replace(FACTS, suite=EVIL, teacher=EVIL), personalised()), tmp_path)
    assert "<script" not in (tmp_path / "teaching.svg").read_text("utf-8")
    for name in ("teaching.md", "gates.md"):
        text = (tmp_path / name).read_text("utf-8")
        for risky in ("<script", "http://", "|`x`", "`x`\n", "@c"):
            assert risky not in text, name
    for _, _, told in parts((tmp_path / "teaching.md").read_text("utf-8")):
        assert len({len(line.replace(r"\|", "").split("|")) for line in told.splitlines()}) == 1


def test_failures_are_told_by_kind_and_summed_over_tiers() -> None:
    some = [
        replace(each, failures={"student: quiz: empty": 2}, unread=1) if each.arm == "live" else each
        for each in named([*good(), *good("found")], "keyword")
    ]
    ((_, _, told),) = [each for each in parts(page(study(some))) if "went wrong" in each[0]]
    assert told.splitlines()[2].split("|")[4:6] == [" 48 ", " student: quiz: empty 96 "]
