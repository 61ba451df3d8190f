"""Every student after every arm on every unit, as one row each."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.runtime.workshop import Workshop
from benchmark.students.exam_room import balanced
from benchmark.students.student import Student
from benchmark.students.teaching import Course, Taught, TeachingArm, teach
from benchmark.students.user_model import Forecast
from benchmark.teaching.cohort import Cohort
from benchmark.teaching.courses import course
from benchmark.units.unit import Unit


@dataclass(frozen=True)
class Row:
    """One student after one arm on one unit.

    Attributes:
        unit, tier: which.
        student, capacity, arm: who and how.
        before, after, delayed: r on the pre-test's form and on the other form, right away and after a distraction.
        accuracy: balanced, of the post-test.
        repeated, unrepeated: balanced accuracy where the parrot, taught by the same lesson, is right and where it is
            not; None where one kind of window is missing there.
        skill: the Brier skill of the teacher's forecasts over the student's base rate.
        regret: of the live lesson: the mean over its moves of the best move's r on a practice slice less the chosen
            one's; None without a move to choose.
        curve: of the live lesson: (teacher's words, r) after each turn.
    """

    unit: str
    tier: str
    student: str
    capacity: str
    arm: TeachingArm
    before: float
    after: float
    delayed: float
    accuracy: float
    repeated: float | None
    unrepeated: float | None
    skill: float | None
    regret: float | None
    curve: tuple[tuple[int, float], ...]


async def study(shop: Workshop, units: Sequence[Unit], cohort: Cohort, explainer: str) -> AsyncIterator[Row]:
    """Teach and examine; forms are swapped on every other unit."""
    for number, unit in enumerate(units):
        made, _ = await course(shop, unit, explainer, bool(number % 2))
        for row in await _on_unit(unit, made, cohort):
            yield row


async def _on_unit(unit: Unit, made: Course, cohort: Cohort) -> list[Row]:
    live = {name: await teach("live", made, enrol) for name, enrol in cohort.enrol.items()}
    rows = []
    for name, enrol in cohort.enrol.items():
        turns = live[cohort.yoked_to[name]].transcript.turns
        for arm in made.arms:
            taught = live[name] if arm == "live" else await teach(arm, made, enrol, turns)
            parrot = await _parroted(taught, made, cohort)
            rows.append(_row(unit, enrol(), taught, parrot))
    return rows


async def _parroted(taught: Taught, made: Course, cohort: Cohort) -> Taught:
    """The parrot after the very lesson that the student had."""
    return await teach("yoked", made, cohort.enrol["parrot"], taught.transcript.turns)


def _row(unit: Unit, student: Student, taught: Taught, parrot: Taught) -> Row:
    after, repeats = taught.after, parrot.after.right
    whole = balanced(after)
    forecasts = taught.forecasts
    return Row(
        unit=unit.identifier,
        tier=unit.tier,
        student=student.name,
        capacity=student.capacity,
        arm=taught.arm,
        before=taught.before.r,
        after=after.r,
        delayed=taught.delayed.r,
        accuracy=0.5 if whole is None else whole,
        repeated=balanced(after, repeats),
        unrepeated=balanced(after, ~repeats),
        skill=brier_skill(forecasts),
        regret=float(np.mean([each.regret for each in taught.weighed])) if taught.weighed else None,
        curve=taught.curve,
    )


async def rise(shop: Workshop, units: Sequence[Unit], cohort: Cohort, explainer: str) -> dict[str, list[list[float]]]:
    """Student to post-test r after the oracle's lesson, by unit, for each of its smaller selves, the least first."""
    found: dict[str, list[list[float]]] = {name: [[] for _ in makers] for name, makers in cohort.smaller.items()}
    for number, unit in enumerate(units):
        made, _ = await course(shop, unit, explainer, bool(number % 2))
        for name, makers in cohort.smaller.items():
            for scores, enrol in zip(found[name], makers, strict=True):
                scores.append((await teach("oracle", made, enrol)).after.r)
    return found


def brier_skill(forecasts: Sequence[Forecast]) -> float | None:
    """1 - Brier(forecasts) / Brier(the student's base rate); None where the student always answers alike.

    Source: Brier skill score, as in Riemer et al. 2024 (arXiv 2412.19726) for literal theory of mind.
    """
    given = [(each.foretold, float(each.said >= 0.5)) for each in forecasts if each.said is not None]
    if not given:
        return None
    foretold, said = (np.array(each) for each in zip(*given, strict=True))
    base = float(np.mean((said - said.mean()) ** 2))
    return 1.0 - float(np.mean((foretold - said) ** 2)) / base if base > 0 else None
