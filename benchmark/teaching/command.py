"""`viva teach`: lessons by language models or algorithms, as logs and tables; `viva teaching`: the tables again."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmark.errors import UserError
from benchmark.students.teaching import LESSON_WORDS
from benchmark.teaching.findings import Findings

Say = Callable[[str], None]
ROLES = ("teacher", "student", "reader")
SAMPLES_AT_ONCE = 4


class TeachError(UserError):
    """Lessons cannot be held; the message names what is in the way and the mend."""


def run_teach(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """`viva teach`."""
    parser.description = "Teach students the units of a suite, and tell what they learned. Resumes what was begun."
    parser.add_argument("--suite", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--explainer", default="rule_induction", help="who explains a unit before it is taught")
    parser.add_argument("--teacher", default="tutor", help="tutor, who follows rules, or model")
    parser.add_argument("--student", default="note_taker", help="comma list; docs/teaching.md names them")
    parser.add_argument("--examinee", default="student", help="who sits the exam by the notes: student, or reader")
    parser.add_argument("--arm", default="live,placebo", help="comma list, or all")
    parser.add_argument("--units", default="", help="comma list of identifiers")
    parser.add_argument("--tiers", default="planted,found,null")
    parser.add_argument("--per-tier", default="", help="such as planted=6,found=4")
    for role in ROLES:
        parser.add_argument(f"--{role}-model", help="embedded, or <provider>/<model> as Inspect names it")
    parser.add_argument("--items", type=int, help="of a unit's items so many, for both forms together; default: all")
    parser.add_argument("--words", type=int, default=LESSON_WORDS, help="the teacher's, in every lesson")
    parser.add_argument("--max-samples", type=int, default=SAMPLES_AT_ONCE, help="lessons at the same time")
    parser.add_argument("--cache", action="store_true", help="keep models' answers in Inspect's cache")
    parser.add_argument("--out", type=Path, default=Path("runs/lessons"), help="folder of logs and tables")
    chosen = parser.parse_args(arguments)
    _teach(chosen, say)
    _publish(chosen.out, [chosen.out / "logs"], say)


def run_teaching(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """`viva teaching`."""
    parser.description = "What students learned, from logs of the teaching task; no model is asked."
    parser.add_argument("logs", nargs="+", type=Path, help="log files or folders of logs")
    parser.add_argument("--out", type=Path, help="folder for teaching.{json,md,svg}; default: beside the first logs")
    chosen = parser.parse_args(arguments)
    first = chosen.logs[0]
    _publish(chosen.out or (first.parent if first.name == "logs" or first.is_file() else first), chosen.logs, say)


def _teach(chosen: argparse.Namespace, say: Say) -> None:
    """One eval set; finished lessons of an earlier start are kept."""
    from inspect_ai import eval_set
    from inspect_ai._util.error import PrerequisiteError

    from tasks.teaching import teaching

    students = list(dict.fromkeys(each.strip() for each in chosen.student.split(",")))
    tasks = [
        teaching(
            explainer=chosen.explainer,
            teacher=chosen.teacher,
            student=student,
            examinee=chosen.examinee,
            arm=chosen.arm,
            suite=chosen.suite,
            tiers=chosen.tiers,
            units=chosen.units,
            per_tier=chosen.per_tier,
            cache=chosen.cache,
            items=chosen.items,
            words=chosen.words,
        )
        for student in students
    ]
    if empty := [task for task in tasks if not len(task.dataset)]:
        raise TeachError(
            f"none of the chosen units has the arm {chosen.arm} ({len(empty)} students); choose another arm or tier"
        )
    roles = models(chosen, students)
    try:
        done, _ = eval_set(
            tasks,
            log_dir=str(chosen.out / "logs"),
            model="none",
            model_roles=roles,
            retry_attempts=1,
            log_buffer=1,
            max_tasks=1,
            max_samples=chosen.max_samples,
            display="plain",
            log_dir_allow_dirty=False,
        )
    except PrerequisiteError as error:
        told = " ".join(str(error.message).split())
        raise TeachError(f"{told[:300]}; give --out <another folder>, or delete {chosen.out}") from error
    if not done:
        say(f"some lessons did not end well; {chosen.out / 'logs'} says why, and the same command goes on with them")


def models(chosen: argparse.Namespace, students: Sequence[str]) -> dict[str, Any]:
    """Role to model, of those that were given.

    Raises:
        TeachError: a role that is needed has no model.
    """
    from benchmark.runtime.lessons import Setting
    from benchmark.runtime.models import make

    given = {role: getattr(chosen, f"{role}_model", None) for role in ROLES}
    for student in students:
        setting = Setting(chosen.suite, chosen.explainer, chosen.teacher, student, chosen.examinee)
        if lacking := [role for role in setting.roles if not given[role]]:
            role = lacking[0]
            raise TeachError(
                f"a {role} that is a language model needs one; mend: --{role}-model embedded, or <provider>/<model>"
            )
    return {role: make(name) for role, name in given.items() if name}


def _publish(folder: Path, logs: Sequence[Path], say: Say) -> None:
    from benchmark.teaching.from_logs import from_logs
    from benchmark.teaching.publish import publish

    found = from_logs(logs)
    files = publish(found, folder)
    for line in summary(found):
        say(line)
    say(f"written: {', '.join(map(str, files))}")


def summary(found: Findings) -> list[str]:
    """A line a student and tier: what was scored after each arm, and the gain."""
    lines = []
    for each in found.learned:
        arms = ", ".join(f"{arm} {score.mean:.2f}" for arm, score in each.arms.items())
        gain = each.effects[0]
        told = "" if gain.difference is None else f"; gain {gain.difference.mean:+.2f} ({gain.verdict})"
        failures = sum(each.failures.values())
        lines.append(f"{each.student}, {each.tier}: {arms}{told}; {failures} answers failed")
    return lines
