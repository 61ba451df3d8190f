"""The teaching task: an explainer teaches a student a unit in a dialogue; the student sits the exam by its notes."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample

from benchmark import provenance
from benchmark.errors import UserError
from benchmark.explainers.loading import entry_or_custom
from benchmark.leaderboard import SCORE_VERSION
from benchmark.runtime.choose import choose_units
from benchmark.runtime.lessons import (
    EXAMINEES,
    STUDENT_ROLE,
    TEACHERS,
    TUTOR,
    Setting,
    comprehension,
    lesson,
    students_of,
)
from benchmark.runtime.workshop import workshop
from benchmark.students.course import TEACHING_ARMS as ARMS
from benchmark.students.person import PERSON, is_person
from benchmark.students.teaching import LESSON_WORDS
from benchmark.teaching.model_cohort import NAMES
from benchmark.units.unit import Unit
from tasks.explanation.explanation import TaskError

TASK_VERSION = "2-A"


@task
def teaching(
    explainer: str = "rule_induction",
    teacher: str = TUTOR,
    student: str = "note_taker",
    examinee: str = STUDENT_ROLE,
    arm: str | list[str] = "live",
    suite: str = "embedded-2",
    tiers: str | list[str] = "planted,found,null",
    units: str | list[str] = "",
    per_tier: str | list[str] = "",
    probed: bool | None = None,
    cache: bool = False,
    items: int | None = None,
    words: int = LESSON_WORDS,
) -> Task:
    """One student, taught the units of a suite by one or more arms.

    Models are resolved by role: "teacher" for an explainer or a teacher that asks one, "student", and "reader".

    Args:
        explainer: who explains a unit before it is taught.
        teacher: "tutor", who follows rules, or "model", the role of that name.
        student: a deterministic student or a language model's name (docs/teaching.md).
        examinee: who sits the exam with the student's notes: "student", or the role "reader".
        arm: comma list of "live", "placebo", "yoked" and so on; "all" is every arm.
        suite: a frozen suite, by name or folder.
        tiers: comma list of tiers to keep.
        units: comma list of identifiers; empty keeps all.
        per_tier: such as "planted=6,null=3": at most so many of a tier.
        probed: whether the live lesson is probed turn by turn (curve, regret, flips); None probes algorithms alone.
        cache: whether models' answers are kept in Inspect's cache.
        items: of a unit's items so many, for both forms together; None for all.
        words: the teacher's, in every lesson.

    Raises:
        TaskError: an argument without meaning; the message has the nearest choice.
    """
    arms = _all_arms(student) if _joined(arm) == "all" else [each.strip() for each in _joined(arm).split(",")]
    try:
        found = workshop(suite).suite
        entry = entry_or_custom(explainer)
        chosen = choose_units(found, entry, *map(_joined, (tiers, units, per_tier)))
    except UserError as error:
        raise TaskError(str(error)) from error
    _known("teacher", teacher, TEACHERS)
    _known("examinee", examinee, EXAMINEES)
    if not is_person(student):
        _known("student", student, [*students_of(suite).enrol, *NAMES, PERSON])
    for each in arms:
        _known("arm", each, ARMS)
    setting = Setting(suite, explainer, teacher, student, examinee, probed, cache, items, words)
    return Task(
        dataset=MemoryDataset(list(_samples(chosen, arms)), name=found.name),
        solver=lesson(setting),
        scorer=comprehension(),
        version=TASK_VERSION,
        metadata={
            "suite": found.name,
            "suite_hash": found.hash,
            "score_version": SCORE_VERSION,
            "explainer": explainer,
            "teacher": teacher,
            "student": student,
            "examinee": examinee,
            "words": words,
            "items": items,
            "roles": list(setting.roles),
            "capacity": setting.capacity,
            "code_sha256": provenance.code_hash(),
            "commit": provenance.commit(),
            "versions": provenance.versions(),
        },
        fail_on_error=False,
    )


def _all_arms(student: str) -> list[str]:
    """Every arm; but hundreds of labelled windows are shown only to algorithms, unless they are asked for by name."""
    return [each for each in ARMS if each != "trained" or not (student in NAMES or is_person(student))]


def _samples(chosen: Sequence[Unit], arms: Sequence[str]) -> Iterator[Sample]:
    """One a unit and arm; the oracle's arm only where the truth is known."""
    for unit in chosen:
        for arm in arms:
            if arm == "oracle" and unit.report is None:
                continue
            yield Sample(
                id=unit.identifier if len(arms) == 1 else f"{unit.identifier}/{arm}",
                input="Learn what the unit fires on.",
                metadata={
                    "unit": unit.identifier,
                    "arm": arm,
                    "tier": unit.tier,
                    "family": unit.family,
                    "outside": unit.notes.get("group") == "outside",
                },
            )


def _known(kind: str, name: str, choices: Sequence[str]) -> None:
    if name not in choices:
        close = get_close_matches(name, choices, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(choices)}"
        raise TaskError(f"no {kind} {name!r}; {hint}")


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(map(str, value))
