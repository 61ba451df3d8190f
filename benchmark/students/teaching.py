"""One student, one arm, one unit: the pre-test, the lesson, the notes, and the exam (METHOD.md section 7)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from benchmark.students.course import Course, TeachingArm
from benchmark.students.dialogue import Rules, Transcript, Turn, hold
from benchmark.students.exam_room import Paper, sit
from benchmark.students.flips import Flips, flips
from benchmark.students.material import Material, misaligned
from benchmark.students.moves import Move, show, talk
from benchmark.students.regret import Weighed, weigh
from benchmark.students.student import Candidate, Student
from benchmark.students.teachers import Scripted, Teacher, Tutor, chatterer, drill, reciter, shower
from benchmark.students.user_model import Forecast
from synthetic_neurons.passages import word_spans

# The teacher's words in every arm but "none", which has no lesson.
LESSON_WORDS = 600
# Before the delayed test, as many words about something else as a lesson has.
DISTRACTION = "And now for something else. The weather may change before the evening, or it may stay as it is."
Enrol = Callable[[], Student]
# Makes a teacher of a lesson's material.
Employ = Callable[[Material], Teacher]


class Examinee(Protocol):
    """Who sits the exam by a student's notes, and is none of those who were taught."""

    failures: Counter[str]

    def candidate(self, notes: str) -> Candidate:
        """Itself, with these notes."""
        ...


@dataclass(frozen=True)
class Plan:
    """How lessons are held and how closely they are looked at.

    Attributes:
        employ: who teaches wherever a lesson is a dialogue: live, placebo, misaligned and oracle alike.
        words: the teacher's, in every lesson.
        probed: whether the live lesson is probed turn by turn on copies of the student, for curve, regret and flips;
            each costs an examination, which is dear where a language model sits it.
        repeated: whether the post-test is sat again after a distraction, and once more with the whole transcript for
            notes; a person has better things to do.
        examinee: who sits the exam with the student's notes; None where it is the student.
    """

    employ: Employ = Tutor
    words: int = LESSON_WORDS
    probed: bool = True
    repeated: bool = True
    examinee: Examinee | None = None


@dataclass(frozen=True)
class Taught:
    """One student after one arm.

    Attributes:
        arm: which.
        before, after: its papers on the one and on the other form.
        delayed: the post-test again after a distraction; None where it was not sat.
        notes: what it carried into the exam room.
        transcript: the lesson.
        report: the teacher's final report, for the arm "relay"; None where it has none.
        looked_up: the paper with the whole transcript for notes: what it could look up without having understood it;
            None where it reads no text but its own.
        misconception: how far it believed the false thing it began with, before and after; None without one.
        curve: of the live lesson: (the teacher's words so far, r) after each turn, by a copy of the student.
        weighed: what every move on the live teacher's menu would have brought, turn by turn.
        flips: what a copy of the student does on being corrected after the live lesson.
        forecasts: quiz answers as the teacher foretold them, and as they were given.
        failures: answers of teacher and student that could not be taken, by who and kind, such as "teacher: refusal".
    """

    arm: TeachingArm
    before: Paper
    after: Paper
    delayed: Paper | None
    notes: str
    transcript: Transcript
    report: Move | None = None
    looked_up: Paper | None = None
    misconception: tuple[float, float] | None = None
    curve: tuple[tuple[int, float], ...] = ()
    weighed: tuple[Weighed, ...] = ()
    flips: Flips | None = None
    forecasts: tuple[Forecast, ...] = ()
    failures: Counter[str] = field(default_factory=Counter)


class _Probes:
    """Looks at a live lesson turn by turn, on copies of the student."""

    def __init__(self, course: Course, examine: "_Examine") -> None:
        self._course, self._examine = course, examine
        self.curve: list[tuple[int, float]] = []
        self.weighed: list[Weighed] = []

    async def watch(self, student: Student, turn: Turn) -> None:
        copy = student.fork()
        self.curve.append((turn.words, (await self._examine(copy, await copy.notes())).r))

    async def before(self, student: Student, teacher: Teacher, move: Move) -> None:
        if self._course.practice is not None and (menu := teacher.menu()):
            weighed = await weigh(student, {**menu, move.kind: move}, move.kind, self._course.practice)
            self.weighed.append(weighed)


class _Examine:
    """Both tests, sat by the student or by whoever sits them in its place."""

    def __init__(self, course: Course, plan: Plan) -> None:
        self._forms, self._examinee = course.forms, plan.examinee

    async def __call__(self, student: Student, notes: str, before: bool = False) -> Paper:
        who = student if self._examinee is None else self._examinee
        return await sit(who.candidate(notes), self._forms[0 if before else 1])


async def teach(
    arm: TeachingArm, course: Course, enrol: Enrol, heard: Sequence[Move] = (), plan: Plan | None = None
) -> Taught:
    """Teach a fresh student by one arm, and examine it.

    Args:
        arm: which.
        course: the unit's.
        enrol: makes a student that knows nothing of the unit.
        heard: for "yoked" the moves of a live lesson to another type of student, for "relay" the final report of a
            live lesson to this one.
        plan: how lessons are held.

    Raises:
        ValueError: an arm that this course does not have.
    """
    plan = plan or Plan()
    student, examine = enrol(), _Examine(course, plan)
    believed = student.misconception
    before = await examine(student, await student.notes(), before=True)
    # A probe costs an examination a turn; the learning curve is the live lesson's.
    probes = _Probes(course, examine) if arm == "live" and plan.probed else None
    teacher, lesson = _teacher(arm, course, heard, plan.employ), Transcript(())
    if teacher is not None:
        words = _all_words(course) if arm == "trained" else plan.words
        lesson = await hold(teacher, student, words, _rules(course, probes, arm))
    notes = await student.notes()
    after = await examine(student, notes)
    still = student.misconception
    return Taught(
        arm,
        before,
        after,
        delayed=await _delayed(student, examine, plan.words) if plan.repeated else None,
        notes=notes,
        transcript=lesson,
        report=await teacher.report() if teacher is not None and arm == "live" else None,
        looked_up=await examine(student, written(lesson))
        if arm == "live" and plan.repeated and student.reads
        else None,
        misconception=None if believed is None or still is None else (believed, still),
        curve=tuple(probes.curve) if probes else (),
        weighed=tuple(probes.weighed) if probes else (),
        flips=await flips(student, course.material, course.placebo) if probes else None,
        forecasts=tuple(teacher.user_model.forecasts) if teacher is not None and teacher.user_model else (),
        failures=_failures({"student": student, "teacher": teacher, "reader": plan.examinee}),
    )


def written(lesson: Transcript) -> str:
    """A lesson's moves as they were said."""
    return "\n".join(move.text for move in lesson.moves)


def _rules(course: Course, probes: _Probes | None, arm: TeachingArm) -> Rules:
    """Only a live lesson answers what the student wants to see: another's texts would be another lesson."""
    measure = course.measure if arm == "live" else None
    if probes is None:
        return Rules(measure, course.shut)
    return Rules(measure, course.shut, probes.watch, probes.before)


async def _delayed(student: Student, examine: _Examine, words: int) -> Paper:
    """The post-test once more, by the notes of a copy that has heard as much again about something else."""
    late = student.fork()
    for _ in range(-(-words // len(word_spans(DISTRACTION)))):
        await late.hear(talk(DISTRACTION))
    paper = await examine(late, await late.notes())
    if late.failures is not student.failures:
        student.failures.update(late.failures)
    return paper


def _all_words(course: Course) -> int:
    """As many as the drill has: this arm is a ceiling, and no lesson of like length."""
    return sum(show((each,)).words for each in course.windows)


def _failures(who: Mapping[str, Student | Teacher | Examinee | None]) -> Counter[str]:
    return Counter(
        {
            f"{role}: {kind}": count
            for role, each in who.items()
            if each is not None
            for kind, count in each.failures.items()
        }
    )


def _teacher(arm: TeachingArm, course: Course, heard: Sequence[Move], employ: Employ) -> Teacher | None:
    match arm:
        case "none":
            return None
        case "off_topic":
            return chatterer(DISTRACTION)
        case "placebo":
            return employ(course.placebo)
        case "examples":
            return shower(course.material)
        case "static":
            return reciter(course.material)
        case "yoked" | "relay":
            return Scripted(move for move in heard if move.kind != "talk")
        case "trained":
            return drill(course.windows)
        case "live":
            return employ(course.material)
        case "misaligned":
            return employ(misaligned(course.material))
        case "oracle":
            if course.oracle is None:
                raise ValueError(f"{course.unit}: nobody knows its truth, so it has no oracle to teach it")
            return employ(course.oracle)
