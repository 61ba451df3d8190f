"""Every student after every arm on every unit, and every student after a lesson that was meant for another one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from benchmark.runtime.workshop import Workshop
from benchmark.students.course import Course
from benchmark.students.dialogue import Transcript
from benchmark.students.moves import Move
from benchmark.students.teaching import Plan, Taught, teach
from benchmark.teaching.cohort import Cohort
from benchmark.teaching.courses import agreement, course
from benchmark.teaching.rows import Row, row
from benchmark.units.unit import Unit

# Lessons that are given to others are not looked into turn by turn.
_UNPROBED = Plan(probed=False)


@dataclass(frozen=True)
class Match:
    """One student after the live lesson that a tutor gave to a student, itself or another.

    Attributes:
        unit, tier: which.
        student: who learned.
        intended: for whom the lesson was made.
        after: r of the post-test.
    """

    unit: str
    tier: str
    student: str
    intended: str
    after: float


@dataclass(frozen=True)
class OnUnit:
    """All that one unit gave.

    Attributes:
        rows: a student and arm each.
        matches: student by intended student; without those who learn nothing.
        rise: student to its r after the oracle's lesson with less and less to carry, the least first.
        agreement: arm to how far its claims agree with the unit, by lookup: r on the unit's own items.
    """

    rows: tuple[Row, ...]
    matches: tuple[Match, ...]
    rise: dict[str, tuple[float, ...]]
    agreement: dict[str, float]


async def study(shop: Workshop, units: Sequence[Unit], cohort: Cohort, explainer: str) -> AsyncIterator[OnUnit]:
    """Teach and examine; forms are swapped on every other unit of the suite."""
    for unit in units:
        yield await on_unit(shop, unit, cohort, explainer)


async def on_unit(shop: Workshop, unit: Unit, cohort: Cohort, explainer: str) -> OnUnit:
    """One unit."""
    made, _ = await course(shop, unit, explainer, bool(shop.suite.order[unit.identifier] % 2))
    live = {name: await teach("live", made, enrol) for name, enrol in cohort.enrol.items()}
    rows = [each for name in cohort.enrol for each in await _rows(unit, made, cohort, live, name)]
    return OnUnit(
        tuple(rows),
        tuple(await _matches(unit, made, cohort, live)),
        await _rise(made, cohort) if made.oracle is not None else {},
        agreement(made),
    )


async def _rows(unit: Unit, made: Course, cohort: Cohort, live: dict[str, Taught], name: str) -> list[Row]:
    enrol, own, other = cohort.enrol[name], live[name], live[cohort.yoked_to[name]]
    found = []
    for arm in made.arms:
        heard = heard_in(arm, own, other)
        taught = own if arm == "live" else await teach(arm, made, enrol, heard, _UNPROBED)
        state = elsewhere(own.transcript, other.transcript) if arm == "yoked" else None
        found.append(await row(unit, enrol(), taught, made, state))
    return found


def heard_in(arm: str, own: Taught, other: Taught) -> list[Move]:
    """What is played back in an arm: another's live lesson, or the final report of one's own."""
    if arm == "yoked":
        return other.transcript.moves
    return [own.report] if arm == "relay" and own.report is not None else []


def elsewhere(own: Transcript, other: Transcript) -> bool:
    """Whether the other student went wrong, and not on just the same texts as this one."""
    mine, theirs = _errors(own), _errors(other)
    return bool(theirs) and theirs != mine


def _errors(lesson: Transcript) -> set[str]:
    """Quiz texts that a student got wrong in a lesson."""
    return {text for turn in lesson.turns for text in (turn.user_model or {}).get("confused", ())}


async def _matches(unit: Unit, made: Course, cohort: Cohort, live: dict[str, Taught]) -> list[Match]:
    """Lessons that were equal word for word are held once."""
    found, known = [], dict[tuple[str, str], float]()
    for student in cohort.learning:
        for intended in cohort.learning:
            key = student, "\n".join(move.text for move in live[intended].transcript.moves)
            if key not in known:
                heard = live[intended].transcript.moves
                known[key] = (await teach("yoked", made, cohort.enrol[student], heard, _UNPROBED)).after.r
            found.append(Match(unit.identifier, unit.tier, student, intended, known[key]))
    return found


async def _rise(made: Course, cohort: Cohort) -> dict[str, tuple[float, ...]]:
    found = {}
    for name, makers in cohort.smaller.items():
        papers = [(await teach("oracle", made, enrol, plan=_UNPROBED)).after for enrol in makers]
        found[name] = tuple(paper.r for paper in papers)
    return found
