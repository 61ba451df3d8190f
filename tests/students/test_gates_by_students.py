"""Every gate fails on a student that is built to fail it and taught by real lessons; a good one passes them all."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import pytest
from lesson_world import run
from made_up_units import Made, library, made

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.course import TEACHING_ARMS, TeachingArm
from benchmark.students.deterministic import Silence
from benchmark.students.keyword import Keyword, LooksUp
from benchmark.students.moves import Move, Reply
from benchmark.students.no_op import NoOp
from benchmark.students.parrot import Parrot, Repeats
from benchmark.students.student import Candidate, Student
from benchmark.students.teaching import DISTRACTION, Plan, teach
from benchmark.students.version_space import VersionSpace
from benchmark.students.yes_sayer import YesSayer
from benchmark.teaching.gates import FEWEST_FOR_TOST, Gate, arm_means, gates, house
from benchmark.teaching.rows import Row, row
from synthetic_neurons.passages import Floats, Passages

# Makes a student of a unit; only who cheats looks at it.
Enrol = Callable[[Made], Student]
PLANTED = [made(number) for number in range(10)]
NULLS = [made(number, "null") for number in range(20, 30)]
PLAN = Plan(probed=False, repeated=False)
SIZES = (1, 4, 50)
CHANCE, OFF_TOPIC, ORDER = "pre-test at chance", "off-topic as none", "oracle > placebo > misaligned"
CAPACITY, ON_NULLS, ARM_ORDER = (
    "score rises with capacity",
    "nothing learned on null units",
    "arm order as in other families",
)
NO_OP_GATE, PARROT_GATE = "no-op gains exactly 0", "parrot finds nothing unsaid"


class Knows(Keyword):
    """Knows the answer before any lesson.

    Args:
        unit: whose answer.
    """

    def __init__(self, unit: Made) -> None:
        super().__init__()
        self._key = frozenset(unit.key)

    def candidate(self, notes: str) -> Candidate:
        return Repeats(self._key)


class Suggestible(Knows):
    """Knows the answer once it has heard about the weather."""

    def candidate(self, notes: str) -> Candidate:
        return super().candidate(notes) if "weather" in notes else LooksUp(notes) if notes else Silence()

    async def hear(self, move: Move) -> Reply:
        self.heard = getattr(self, "heard", "") + move.text * (move.text == DISTRACTION)
        return await super().hear(move)

    async def notes(self) -> str:
        return f"{await super().notes()} {getattr(self, 'heard', '')}".strip()


class Leaks(Knows):
    """Knows the answer as soon as any window was shown, even of a unit that has nothing to be learned."""

    def candidate(self, notes: str) -> Candidate:
        return super().candidate(notes) if self.experience.words else Silence()


class Opposite:
    """A candidate that says the opposite of another.

    Args:
        of: the other.
    """

    def __init__(self, of: Candidate) -> None:
        self._of = of

    async def read(self, passages: Passages) -> Floats:
        levels: Floats = MAX_LEVEL - await self._of.read(passages)
        return levels


class Contrary(Keyword):
    """Believes the opposite of what it is told."""

    def candidate(self, notes: str) -> Candidate:
        return Opposite(super().candidate(notes))


class Deaf(Keyword):
    """Hears nothing."""

    async def hear(self, move: Move) -> Reply:
        return Reply()


class Headstrong(Keyword):
    """Sits the exam by what it remembers, however little it writes down.

    Args:
        most: words in its notes.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most_written, self._remembered = most, ""

    async def notes(self) -> str:
        self._remembered = await super().notes()
        return " ".join(self._remembered.split()[: self._most_written])

    def candidate(self, notes: str) -> Candidate:
        return LooksUp(self._remembered) if self._remembered else Silence()


class Busy(Keyword):
    """Is called the one that learns nothing, and learns."""

    name = "no_op"


class Nods(YesSayer):
    """Is called the parrot, and says yes to everything."""

    name = "parrot"


async def _rows(enrol: Enrol, units: Sequence[Made], arms: Sequence[TeachingArm]) -> list[Row]:
    found = []
    for each in units:
        live = await teach("live", each.course, partial(enrol, each), plan=PLAN)
        told = {"yoked": live.transcript.moves, "relay": [live.report] if live.report else []}
        for arm in (arm for arm in each.course.arms if arm in arms):
            taught = await teach(arm, each.course, partial(enrol, each), told.get(arm, ()), PLAN)
            found.append(await row(each.unit, enrol(each), taught, each.course))
    return found


def taught(
    enrol: Enrol, units: Sequence[Made] = (*PLANTED, *NULLS), arms: Sequence[TeachingArm] = TEACHING_ARMS
) -> list[Row]:
    """A student's rows, of real lessons."""
    return run(_rows(enrol, units, arms))


async def _rise(makers: Sequence[Callable[[], Student]]) -> list[list[float]]:
    return [[(await teach("oracle", each.course, make, plan=PLAN)).after.r for each in PLANTED] for make in makers]


def rise(kind: Callable[[int], Student]) -> list[list[float]]:
    """R by unit after the oracle's lesson, with more and more words in the notes."""
    return run(_rise([partial(kind, most) for most in SIZES]))


@cache
def checks() -> tuple[Row, ...]:
    """Of the two by whom lessons and exam room are checked."""
    return (*taught(lambda _: NoOp(), PLANTED), *taught(lambda _: Parrot(), PLANTED))


@cache
def others() -> dict[TeachingArm, float]:
    """Arm means of another family."""
    known = library(PLANTED)
    return arm_means(taught(lambda _: VersionSpace(known), PLANTED))


@cache
def rising() -> list[list[float]]:
    return rise(Keyword)


def judged(some: Sequence[Row], smaller: Sequence[Sequence[float]] | None = None) -> tuple[Gate, ...]:
    return gates(some, rising() if smaller is None else smaller, house(checks()), [others()]).gates


def failed(found: Sequence[Gate]) -> list[str]:
    return [each.name for each in found if each.passed == "failed"]


def test_a_good_student_passes_every_gate() -> None:
    found = judged(taught(lambda _: Keyword()))
    assert {each.name: each.passed for each in found} == dict.fromkeys(
        (NO_OP_GATE, PARROT_GATE, CHANCE, OFF_TOPIC, ORDER, CAPACITY, ON_NULLS, ARM_ORDER), "passed"
    ), found


@pytest.mark.parametrize(
    ("enrol", "fails"),
    [
        (Knows, [CHANCE, ORDER, ON_NULLS, ARM_ORDER]),
        (lambda _: Contrary(), [ORDER, ON_NULLS, ARM_ORDER]),
        (lambda _: Deaf(), [ORDER, ARM_ORDER]),
        (Leaks, [ORDER, ON_NULLS, ARM_ORDER]),
    ],
    ids=["knows before", "believes the opposite", "ignores lessons", "learns on null units"],
)
def test_a_gate_fails_on_a_student_built_to_fail_it(enrol: Enrol, fails: list[str]) -> None:
    assert failed(judged(taught(enrol))) == fails


def test_who_learns_on_null_units_alone_fails_that_gate_alone() -> None:
    some = [*taught(lambda _: Keyword(), PLANTED), *taught(Leaks, NULLS)]
    assert failed(judged(some)) == [ON_NULLS]


def test_who_learns_from_off_topic_talk_fails_where_there_are_enough_units() -> None:
    more = [made(number) for number in range(len(PLANTED), FEWEST_FOR_TOST)]
    few = taught(Suggestible)
    more_rows = taught(Suggestible, more, ("none", "off_topic"))
    gate = {each.name: each for each in judged([*few, *more_rows])}[OFF_TOPIC]
    assert gate.passed == "failed", gate.why
    assert {each.name: each.passed for each in judged(few)}[OFF_TOPIC] == "not resolvable"


def test_whose_notes_do_not_matter_fails_capacity_alone() -> None:
    found = rise(Headstrong)
    assert found[0] == found[-1]
    assert failed(judged(taught(lambda _: Headstrong(50)), found)) == [CAPACITY]
    assert rising()[0] < rising()[-1]


@pytest.mark.parametrize(("enrol", "gate"), [(Busy, NO_OP_GATE), (Nods, PARROT_GATE)])
def test_the_house_fails_on_who_is_not_what_it_is_called(enrol: Callable[[], Student], gate: str) -> None:
    name = enrol().name
    some = [*(each for each in checks() if each.student != name), *taught(lambda _: enrol(), PLANTED)]
    assert failed(house(checks())) == []
    assert failed(house(some)) == [gate]
    assert failed(gates(taught(lambda _: Keyword()), rising(), house(some), [others()]).gates) == [gate]


def test_who_always_says_yes_gains_and_understands_nothing() -> None:
    live = [each for each in taught(lambda _: YesSayer(), PLANTED, ("live",)) if each.unseen is not None]
    assert len(live) == len(PLANTED)
    assert all((each.unseen, each.unseen_silent) == (1.0, 1.0) for each in live)
