"""`viva chat`: a person is the student, in the terminal; the log is that of the teaching task."""

import argparse
import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UserError
from benchmark.students.course import TEACHING_ARMS
from benchmark.teaching.choice import TIERS
from benchmark.units.unit import Unit

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

Say = Callable[[str], None]
# Items of both tests together: some ten minutes.
ITEMS = 24


class ChatError(UserError):
    """A chat cannot begin, or broke off; the message says why and the mend."""


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb."""
    parser.description = "Be the student: a test, a lesson about one unit, notes, and the exam; written to a log."
    parser.add_argument(
        "unit", metavar="UNIT", help=f"an identifier, or {', '.join(TIERS)}: one of these, untold which"
    )
    parser.add_argument("--suite", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--arm", default="live", help=", ".join(TEACHING_ARMS))
    parser.add_argument("--explainer", default="rule_induction", help="who explains the unit before it is taught")
    parser.add_argument("--teacher", default="tutor", help="tutor, who follows rules, or model")
    parser.add_argument("--teacher-model", help="embedded, or <provider>/<model> as Inspect names it")
    parser.add_argument("--items", type=int, default=ITEMS, help=f"of both tests together ({ITEMS})")
    parser.add_argument("--words", type=int, default=300, help="the teacher's (300)")
    parser.add_argument("--name", default="", help="tells one person from another in the log")
    parser.add_argument("--seed", type=int, help="which unit of a tier; default: any")
    parser.add_argument("--out", type=Path, default=Path("runs/chat"), help="folder of the log")
    chosen = parser.parse_args(arguments)
    unit = pick(chosen)
    say("A unit inside a language model fires on some words of a text and on no others. First a test without any")
    say("lesson (guess, or press Enter), then a teacher, then your notes, and the exam by these alone.")
    _tell(_held(chosen, unit), unit, say)


def pick(chosen: argparse.Namespace) -> Unit:
    """The unit of that name, or one of the tier.

    Raises:
        ChatError: no such unit; with the nearest.
    """
    from benchmark.runtime.workshop import workshop

    units = {unit.identifier: unit for unit in workshop(chosen.suite).suite.units}
    if chosen.unit in TIERS:
        tier = [unit for unit in units.values() if unit.tier == chosen.unit]
        if not tier:
            raise ChatError(f"{chosen.suite} has no {chosen.unit} units; name another tier, or a unit")
        return random.Random(chosen.seed).choice(tier)
    if chosen.unit not in units:
        close = get_close_matches(chosen.unit, [*TIERS, *units], n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(TIERS)}, or an identifier"
        raise ChatError(f"no unit {chosen.unit!r} in {chosen.suite}; {hint}")
    return units[chosen.unit]


def _held(chosen: argparse.Namespace, unit: Unit) -> "EvalLog":
    """The chat as an evaluation of one sample."""
    from inspect_ai import eval as inspect_eval

    from benchmark.students.person import PERSON
    from benchmark.teaching.command import models
    from tasks.teaching import teaching

    if chosen.items < 6 or chosen.words < 1:
        raise ChatError("a chat has 6 items or more, and a word or more; give --items and --words such numbers")
    chosen.examinee = "student"
    who = f"{PERSON} {chosen.name}" if chosen.name else PERSON
    task = teaching(
        chosen.explainer,
        chosen.teacher,
        who,
        arm=chosen.arm,
        suite=chosen.suite,
        tiers=unit.tier,
        units=unit.identifier,
        items=chosen.items,
        words=chosen.words,
    )
    roles = models(chosen, [who])
    logs = inspect_eval(task, model="none", model_roles=roles, log_dir=str(chosen.out), display="none")
    if not logs:
        raise ChatError(f"you stopped the chat before the exam; what was said is in {chosen.out}")
    return logs[0]


def _tell(log: "EvalLog", unit: Unit, say: Say) -> None:
    """What was scored, and only now which unit it was."""
    from benchmark.runtime.lessons import STORE

    kept: dict[str, Any] = log.samples[0].store.get(STORE, {}) if log.samples else {}
    place = Path(log.location)
    if not kept:
        raise ChatError(f"the chat ended before the exam: {_why(log)}; what was said is in {place}")
    row, after = kept["row"], kept["papers"]["after"]
    right = sum(each["right"] for each in after)
    say(f"\nYou were right about {right} of {len(after)} texts.")
    say(f"r {row['after']:.2f}, and {row['before']:.2f} before the lesson.")
    say(f"The unit was {unit.identifier}. {_truth(unit)}")
    say(f"The log, of {datetime.now():%H:%M}: {place}; inspect view shows it, viva teaching {place} scores it.")


def _why(log: "EvalLog") -> str:
    """The last line of what went wrong, without the name of its class."""
    error = log.samples[0].error if log.samples else log.error
    if error is None:
        return f"it was {log.status}"
    line = error.message.strip().splitlines()[-1]
    named = re.fullmatch(r"\w+\((['\"])(.*)\1\)", line)
    return named[2] if named else line


def _truth(unit: Unit) -> str:
    from benchmark.runtime.supplies import truth_report

    truth = truth_report(unit)
    return f"In truth it fires on {truth.text.rstrip('.')}." if truth is not None else "Nobody knows its truth."
