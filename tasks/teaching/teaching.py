"""The teaching task: an explainer teaches a student a unit in a dialogue; the student sits the exam by its notes."""

from difflib import get_close_matches
from typing import cast, get_args

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample

from benchmark import provenance
from benchmark.errors import UserError
from benchmark.explainers.loading import entry_or_custom
from benchmark.leaderboard import SCORE_VERSION
from benchmark.runtime.choose import choose_units
from benchmark.runtime.lessons import comprehension, lesson, students_of
from benchmark.runtime.workshop import workshop
from benchmark.students.teaching import TeachingArm
from tasks.explanation.explanation import TaskError

TASK_VERSION = "1-A"
# Those that a single lesson can be of; what a truth is needed for is of planted units alone.
ARMS = get_args(TeachingArm)


@task
def teaching(
    explainer: str = "rule_induction",
    student: str = "note_taker",
    arm: str = "live",
    suite: str = "embedded-2",
    tiers: str | list[str] = "planted,found,null",
    units: str | list[str] = "",
    per_tier: str | list[str] = "",
) -> Task:
    """One arm, one student, on the units of a suite.

    Args:
        explainer: who explains a unit and then teaches it; one without a model.
        student: a deterministic student (docs/teaching.md).
        arm: "live", "placebo", "yoked" and so on (docs/teaching.md).
        suite: a frozen suite, by name or folder.
        tiers: comma list of tiers to keep.
        units: comma list of identifiers; empty keeps all.
        per_tier: such as "planted=6,null=3": at most so many of a tier.

    Raises:
        TaskError: an argument without meaning; the message has the nearest choice.
    """
    try:
        found = workshop(suite).suite
        entry = entry_or_custom(explainer)
        if entry.needs_model:
            raise TaskError(f"explainer={explainer} asks a model, and teachers with a model are not there yet")
        chosen = choose_units(found, entry, *map(_joined, (tiers, units, per_tier)))
    except UserError as error:
        raise TaskError(str(error)) from error
    _known("student", student, list(students_of(suite).enrol))
    _known("arm", arm, list(ARMS))
    if arm == "oracle":
        chosen = [unit for unit in chosen if unit.report is not None]
    samples = [
        Sample(
            id=unit.identifier,
            input="Learn what the unit fires on.",
            metadata={"tier": unit.tier, "family": unit.family},
        )
        for unit in chosen
    ]
    return Task(
        dataset=MemoryDataset(samples, name=found.name),
        solver=lesson(suite, explainer, student, cast(TeachingArm, arm)),
        scorer=comprehension(),
        version=TASK_VERSION,
        metadata={
            "suite": found.name,
            "suite_hash": found.hash,
            "score_version": SCORE_VERSION,
            "teacher": explainer,
            "student": student,
            "arm": arm,
            "code_sha256": provenance.code_hash(),
            "commit": provenance.commit(),
            "versions": provenance.versions(),
        },
        fail_on_error=False,
    )


def _known(kind: str, name: str, choices: list[str]) -> None:
    if name not in choices:
        close = get_close_matches(name, choices, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(choices)}"
        raise TaskError(f"no {kind} {name!r}; {hint}")


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ",".join(map(str, value))
