"""A lesson as an Inspect sample: who teaches whom, what a log keeps of it, and its scores."""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from math import isnan
from typing import Any

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import store

from benchmark.clock import Clock
from benchmark.exam.items import Items
from benchmark.explainers.registry import EXPLAINERS
from benchmark.explainers.report import Report
from benchmark.guardrails.registry import Briefing
from benchmark.laboratory import Budget, Laboratory
from benchmark.runtime.asking import Bill
from benchmark.runtime.lesson_prose import messages
from benchmark.runtime.recorder import Recorder
from benchmark.runtime.solver import session
from benchmark.runtime.speaking import Speaking, in_role
from benchmark.runtime.terminal import Terminal
from benchmark.runtime.workshop import Workshop, workshop
from benchmark.students.course import Course, TeachingArm
from benchmark.students.exam_room import Paper, fewer
from benchmark.students.material import Material
from benchmark.students.model_student import ModelReader
from benchmark.students.model_teacher import ModelTeacher
from benchmark.students.moves import Move
from benchmark.students.person import Person, is_person
from benchmark.students.student import Capacity, Student
from benchmark.students.teachers import Tutor
from benchmark.students.teaching import LESSON_WORDS, Employ, Plan, Taught, teach
from benchmark.teaching.cohort import Cohort, cohort, library_of
from benchmark.teaching.courses import GUARDRAILS, agreement, course_of
from benchmark.teaching.model_cohort import NAMES, model_students
from benchmark.teaching.rows import Row, row
from benchmark.teaching.study import elsewhere, heard_in
from benchmark.units.unit import Unit

STORE = "viva_lesson"
TUTOR, MODEL = "tutor", "model"
TEACHER_ROLE, STUDENT_ROLE, READER_ROLE = "teacher", "student", "reader"
TEACHERS = (TUTOR, MODEL)
_PAPERS = ("before", "after")
EXAMINEES = (STUDENT_ROLE, READER_ROLE)


@lru_cache(maxsize=4)
def students_of(suite: str) -> Cohort:
    """The deterministic students of a suite, once a process."""
    return cohort(workshop(suite))


@dataclass(frozen=True)
class Setting:
    """Who teaches whom, and how it is looked at.

    Attributes:
        suite: a frozen suite.
        explainer: who explains the unit before it is taught.
        teacher: "tutor", who follows rules, or "model".
        student: a deterministic student's name, or a language model's.
        examinee: who sits the exam with the student's notes: itself ("student"), or the model in the role "reader".
        probed: whether the live lesson is probed turn by turn; None probes deterministic students alone.
        cache: whether models' answers are kept in Inspect's cache.
        items: of the unit's items so many, for both forms together; None for all.
        words: the teacher's.
    """

    suite: str
    explainer: str
    teacher: str = TUTOR
    student: str = "note_taker"
    examinee: str = STUDENT_ROLE
    probed: bool | None = None
    cache: bool = False
    items: int | None = None
    words: int = LESSON_WORDS

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles in which a model is needed."""
        explains = self.explainer in EXPLAINERS and EXPLAINERS[self.explainer].needs_model
        wanted = {
            TEACHER_ROLE: explains or self.teacher == MODEL,
            STUDENT_ROLE: self.student in NAMES,
            READER_ROLE: self.examinee == READER_ROLE,
        }
        return tuple(role for role, needed in wanted.items() if needed)

    @property
    def capacity(self) -> Capacity:
        """What the student's exam rests on."""
        students = students_of(self.suite).enrol
        return students[self.student]().capacity if self.student in students else "text-only"

    def plan(self) -> Plan:
        """How lessons are held."""
        forks = self.student not in NAMES and not is_person(self.student)
        probed, repeated = forks if self.probed is None else self.probed, not is_person(self.student)
        employ: Employ = Tutor
        if self.teacher == MODEL:
            employ = partial(_model_teacher, Speaking(TEACHER_ROLE, self.cache), self.words)
        return Plan(employ, self.words, probed, repeated, self._examinee())

    def enrol(self, name: str | None = None) -> Student:
        """A fresh student."""
        name, students = name or self.student, students_of(self.suite)
        if is_person(name):
            return Person(Terminal(), name)
        if name in students.enrol:
            return students.enrol[name]()
        library = library_of(workshop(self.suite))
        return model_students(Speaking(STUDENT_ROLE, self.cache), library)[name]()

    def _examinee(self) -> ModelReader | None:
        return ModelReader(Speaking(READER_ROLE, self.cache)) if self.examinee == READER_ROLE else None


def _model_teacher(speaker: Speaking, words: int, material: Material) -> ModelTeacher:
    return ModelTeacher(speaker, material, words)


@solver
def lesson(setting: Setting) -> Solver:
    """Explain the sample's unit, teach it to a fresh student by the sample's arm, and let the student sit the exam."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        for role in setting.roles:
            in_role(role)
        shop = workshop(setting.suite)
        unit, arm = shop.suite.unit(str(state.metadata["unit"])), state.metadata["arm"]
        recorder, clock = Recorder(state), Clock()
        laboratory = shop.laboratory(unit, Budget(), clock, recorder.measured)
        explained = await _explained(shop, unit, setting, laboratory, state, recorder, clock)
        flipped = bool(shop.suite.order[unit.identifier] % 2)
        made = course_of(shop, unit, _report(explained), laboratory, flipped)
        if setting.items is not None:
            made = replace(made, items=fewer(made.items, setting.items))
        taught, found = await _taught(unit, made, setting, arm)
        state.messages += list(messages(taught, made))
        store().set(STORE, _kept(taught, found, made, explained, laboratory))
        state.output.completion = taught.notes
        return state

    return solve


async def _explained(
    shop: Workshop,
    unit: Unit,
    setting: Setting,
    laboratory: Laboratory,
    state: TaskState,
    recorder: Recorder,
    clock: Clock,
) -> dict[str, Any]:
    """The explainer's session, as in the explanation task; a model that it asks is the teacher's."""
    asks = TEACHER_ROLE in setting.roles
    bill = Bill(clock, TEACHER_ROLE if asks else None)
    told = Briefing({}, str(bill.model) if asks else None, ())
    made = shop.explainer(setting.explainer, unit, GUARDRAILS, laboratory, briefing=told)
    return await session(made, laboratory, state, recorder, bill)


def _report(explained: dict[str, Any]) -> Report:
    """The report; who has none has nothing to tell, and its windows to show."""
    if explained.get("report") is not None:
        return Report.from_json(explained["report"])
    return Report.abstain(str(explained.get("reason") or explained["outcome"]))


async def _taught(unit: Unit, made: Course, setting: Setting, arm: TeachingArm) -> tuple[Taught, Row]:
    """One arm. What is yoked or relayed is of a live lesson that is held first."""
    plan, heard, own_state = setting.plan(), list[Move](), None
    if arm in ("yoked", "relay"):
        unprobed = replace(plan, probed=False, repeated=False)
        name = students_of(setting.suite).yoked_to.get(setting.student, "keyword")
        other = await teach("live", made, lambda: setting.enrol(name), plan=unprobed)
        # A person is taught once: what is relayed to one is the report of another's lesson.
        own = other if is_person(setting.student) else await teach("live", made, setting.enrol, plan=unprobed)
        if arm == "yoked" and not is_person(setting.student):
            own_state = elsewhere(own.transcript, other.transcript)
        heard = heard_in(arm, own, other)
    taught = await teach(arm, made, setting.enrol, heard, plan)
    return taught, await row(unit, setting.enrol(), taught, made, own_state)


def _kept(
    taught: Taught, found: Row, made: Course, explained: dict[str, Any], laboratory: Laboratory
) -> dict[str, Any]:
    """What a log keeps beside the messages: the row, the papers item by item, and what replays the lesson."""
    papers = taught.before, taught.after
    return {
        "row": found.to_json(),
        "notes": taught.notes,
        "papers": {name: _paper(paper, form) for name, paper, form in zip(_PAPERS, papers, made.forms, strict=True)},
        "forecasts": [asdict(each) for each in taught.forecasts],
        "regret": [each.regret for each in taught.weighed],
        "words": taught.transcript.words,
        "moves": [
            {"kind": turn.move.kind, "text": turn.move.text, "words": turn.words} for turn in taught.transcript.turns
        ],
        "report": None if taught.report is None else taught.report.text,
        "explained": {name: explained.get(name) for name in ("outcome", "reason", "tokens", "seconds")},
        "unit_queries": laboratory.spend.unit_queries,
        "agreement": agreement(made),
    }


def _paper(paper: Paper, form: Items) -> list[dict[str, Any]]:
    """A paper item by item; `said` is None without a readable answer."""
    return [
        {
            "text": text,
            "fires": bool(fires),
            "said": None if isnan(said) else round(float(said), 4),
            "right": bool(right),
        }
        for text, fires, said, right in zip(form.passages.texts, paper.fires, paper.said, paper.right, strict=True)
    ]


@scorer(metrics={"*": [mean()]})
def comprehension() -> Scorer:
    """R before, after and delayed, and balanced accuracy; the differences between arms are `viva teaching`'s."""

    async def score(state: TaskState, target: Target) -> Score:
        told: dict[str, Any] = store().get(STORE)
        found = told["row"]
        value = {
            name: float(found[name]) for name in ("before", "after", "delayed", "accuracy") if found[name] is not None
        }
        return Score(value=value, answer=str(told["notes"]), metadata={"arm": found["arm"], "unit": found["unit"]})

    return score
