"""The arms of a teaching experiment on one unit and one student (METHOD.md section 7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from benchmark.exam.items import Items
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.dialogue import Measure, Transcript, Turn, hold
from benchmark.students.exam_room import FormName, Paper, forms, sit
from benchmark.students.material import Material, misaligned
from benchmark.students.moves import Move, talk
from benchmark.students.regret import Weighed, weigh
from benchmark.students.student import Student
from benchmark.students.teachers import Scripted, Teacher, Tutor, chatterer, reciter, shower
from benchmark.students.user_model import Forecast

TeachingArm = Literal[
    "none", "off_topic", "placebo", "examples", "static", "yoked", "live", "misaligned", "oracle", "relay"
]
TEACHING_ARMS: tuple[TeachingArm, ...] = get_args(TeachingArm)
# The teacher's words in every arm but "none", which has no lesson.
LESSON_WORDS = 600
# Before the delayed test, as many words about something else as a lesson has.
DISTRACTION = "And now for something else. The weather may change before the evening, or it may stay as it is."
_DISTRACTIONS = 12
Enrol = Callable[[], Student]


@dataclass(frozen=True)
class Course:
    """All that the arms on one unit are made of.

    Attributes:
        unit: its identifier.
        material: of the teacher's own report.
        placebo: of another unit's report, with that unit's windows.
        oracle: of the truth's report; None where nobody knows it.
        items: the unit's own items, from the exam.
        flipped: whether form B is the pre-test; half of the units have it so.
        measure: the unit's activations on a student's texts.
        practice: items of a practice slice, on which a live teacher's choices are weighed; None weighs none.
    """

    unit: str
    material: Material
    placebo: Material
    oracle: Material | None
    items: Items
    flipped: bool
    measure: Measure | None = None
    practice: Items | None = None

    @classmethod
    def of(
        cls,
        unit: str,
        report: Report,
        exemplars: Sequence[Exemplar],
        other: tuple[Report, Sequence[Exemplar]],
        truth: Report | None,
        items: Items,
        flipped: bool,
        measure: Measure | None = None,
        practice: Items | None = None,
    ) -> "Course":
        """A course from reports and teach windows."""
        oracle = Material.of(truth, exemplars) if truth is not None else None
        own, placebo = Material.of(report, exemplars), Material.of(*other)
        return cls(unit, own, placebo, oracle, items, flipped, measure, practice)

    @property
    def arms(self) -> tuple[TeachingArm, ...]:
        """Those that there can be."""
        return tuple(arm for arm in TEACHING_ARMS if arm != "oracle" or self.oracle is not None)


@dataclass(frozen=True)
class Taught:
    """One student after one arm.

    Attributes:
        arm: which.
        before, after, delayed: its papers; before on one form, the others on the other form.
        notes: what it carried into the exam room.
        transcript: the lesson.
        curve: of the live lesson: (the teacher's words so far, r) after each turn, by a copy of the student.
        weighed: what every move on the live teacher's menu would have brought, turn by turn.
        forecasts: quiz answers as the teacher foretold them, and as they were given.
    """

    arm: TeachingArm
    before: Paper
    after: Paper
    delayed: Paper
    notes: str
    transcript: Transcript
    curve: tuple[tuple[int, float], ...]
    forecasts: tuple[Forecast, ...] = ()
    weighed: tuple[Weighed, ...] = ()


async def teach(
    arm: TeachingArm, course: Course, enrol: Enrol, yoked: Sequence[Turn] = (), words: int = LESSON_WORDS
) -> Taught:
    """Teach a fresh student by one arm, and examine it.

    Args:
        arm: which.
        course: the unit's.
        enrol: makes a student that knows nothing of the unit.
        yoked: the turns of a live lesson to another type of student, for the arm of this name.
        words: the teacher's.

    Raises:
        ValueError: an arm that this course does not have.
    """
    pre, post = _forms(course)
    student = enrol()
    before = sit(student.candidate(await student.notes()), pre)
    curve: list[tuple[int, float]] = []

    async def probe(taught: Student, turn: Turn) -> None:
        copy = taught.fork()
        curve.append((turn.words, sit(copy.candidate(await copy.notes()), post).r))

    weighed: list[Weighed] = []

    async def consider(pupil: Student, holder: Teacher, move: Move) -> None:
        if course.practice is not None and isinstance(holder, Tutor):
            weighed.append(await weigh(pupil, holder.menu(), move.kind, course.practice))

    teacher = _teacher(arm, course, yoked)
    lesson = Transcript(())
    if teacher is not None:
        # A probe costs an examination a turn; the learning curve is the live lesson's.
        live = arm == "live"
        hooks = (course.measure, probe, consider) if live else (None, None, None)
        lesson = await hold(teacher, student, words, *hooks)
    notes = await student.notes()
    late = student.fork()
    for _ in range(_DISTRACTIONS):
        await late.hear(talk(DISTRACTION))
    delayed = sit(late.candidate(await late.notes()), post)
    believed = teacher.user_model.forecasts if teacher is not None and teacher.user_model is not None else []
    after = sit(student.candidate(notes), post)
    return Taught(arm, before, after, delayed, notes, lesson, tuple(curve), tuple(believed), tuple(weighed))


def _forms(course: Course) -> tuple[Items, Items]:
    names: tuple[FormName, FormName] = ("B", "A") if course.flipped else ("A", "B")
    both: Mapping[FormName, Items] = forms(course.items)
    return both[names[0]], both[names[1]]


def _teacher(arm: TeachingArm, course: Course, yoked: Sequence[Turn]) -> Teacher | None:
    match arm:
        case "none":
            return None
        case "off_topic":
            return chatterer(DISTRACTION)
        case "placebo":
            return Tutor(course.placebo)
        case "examples":
            return shower(course.material)
        case "static":
            return reciter(course.material)
        case "yoked":
            return Scripted(turn.move for turn in yoked if turn.move.kind != "talk")
        case "live":
            return Tutor(course.material)
        case "misaligned":
            return Tutor(misaligned(course.material))
        case "oracle":
            if course.oracle is None:
                raise ValueError(f"{course.unit}: nobody knows its truth, so it has no oracle to teach it")
            return Tutor(course.oracle)
        case "relay":
            return reciter(course.material)
