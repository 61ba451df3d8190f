"""One student after one arm on one unit, as one row; from the teaching itself or from a log of the teaching task."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.readers.lookup import mentioned, stem
from benchmark.students.course import Course, TeachingArm
from benchmark.students.dialogue import Transcript
from benchmark.students.exam_room import Paper, balanced, sit
from benchmark.students.moves import firing_words
from benchmark.students.parrot import Parrot
from benchmark.students.student import Student
from benchmark.students.teaching import Taught
from benchmark.students.user_model import SAYS_SO, Forecast
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages


@dataclass(frozen=True)
class Row:
    """One student after one arm on one unit.

    Attributes:
        unit, tier: which.
        student, capacity, arm: who and how.
        before, after, delayed: r on the pre-test's form and on the other form, right away and after a distraction; None
            where the latter was not sat.
        accuracy: balanced, of the post-test.
        right: of the post-test, a "1" for each window that it was right about and a "0" for each other one.
        repeats: the same of the parrot after the very lesson.
        fires: the same of whether the unit fires.
        unseen: the share said to fire of the firing windows without any word that the lesson showed firing or named;
            None where there is none.
        unseen_silent: the same of silent windows: false alarms.
        forecasts: quiz answers that the teacher foretold and the student gave.
        unanswered: those that it foretold and the student did not give.
        forecast_error, base_error: sums of squared errors of the forecasts, and of the student's base rate.
        understood: what the teacher's user model thought at the end that the student understands, balanced, 0 to 1.
        confused: whether that user model ever held something for confused.
        regret: of the live lesson: the mean over its moves of the best move's r on a practice slice less the chosen
            one's; None without a move to choose.
        random_regret: the same of moves drawn from the menu.
        looked_up: of the live lesson: r with the whole transcript for notes; None for who reads no text.
        quoted: the share of quiz texts that the teacher had shown before it asked about them.
        wrong: quiz windows that the student got wrong after the live lesson; None where nobody asked.
        flipped: feedback to how many of them it then got right.
        misconception: how far it believed the false thing it began with, before and after; None without one.
        own_state: of the arm "yoked": whether the other student had gone wrong, and elsewhere, so that its lesson was
            made for another error state; None in other arms.
        end: how the teacher's part ended.
        refused: of the live lesson: texts that the student wanted measured and nobody measured.
        withheld: moves that quoted the exam.
        unread: windows of the post-test without a readable answer.
        failures: answers of teacher and student that could not be taken, by who and kind.
        curve: of the live lesson: (teacher's words, r) after each turn.
    """

    unit: str
    tier: str
    student: str
    capacity: str
    arm: TeachingArm
    before: float
    after: float
    delayed: float | None
    accuracy: float
    right: str
    repeats: str
    fires: str
    regret: float | None = None
    random_regret: float | None = None
    curve: tuple[tuple[int, float], ...] = ()
    forecasts: int = 0
    unanswered: int = 0
    forecast_error: float = 0.0
    base_error: float = 0.0
    understood: float | None = None
    confused: bool | None = None
    unseen: float | None = None
    unseen_silent: float | None = None
    looked_up: float | None = None
    quoted: float | None = None
    wrong: int | None = None
    flipped: Mapping[str, int] = field(default_factory=dict)
    misconception: tuple[float, float] | None = None
    own_state: bool | None = None
    end: str = "finished"
    refused: int = 0
    withheld: int = 0
    unread: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Row":
        """A row that `to_json` wrote.

        Raises:
            TypeError: a field is missing.
        """
        told = {each.name: value[each.name] for each in fields(cls) if each.name in value}
        told["curve"] = tuple((int(words), float(r)) for words, r in told.get("curve", ()))
        if told.get("misconception") is not None:
            told["misconception"] = tuple(told["misconception"])
        return cls(**told)


async def row(unit: Unit, student: Student, taught: Taught, course: Course, own_state: bool | None = None) -> Row:
    """The row of one student after one arm.

    Args:
        unit: which.
        student: of the same kind; a fresh one will do.
        taught: what became of it.
        course: that it was taught by.
        own_state: as in `Row`.
    """
    after, lesson = taught.after, taught.transcript
    parrot = await parroted(lesson, course)
    forecast_error, base_error, given = brier(taught.forecasts)
    believed = [turn.user_model for turn in lesson.turns if turn.user_model is not None]
    found, false = unseen(lesson, course, after)
    return Row(
        unit=unit.identifier,
        tier=unit.tier,
        student=student.name,
        capacity=student.capacity,
        arm=taught.arm,
        before=taught.before.r,
        after=after.r,
        delayed=None if taught.delayed is None else taught.delayed.r,
        accuracy=_or_half(balanced(after)),
        right=_bits(after.right),
        repeats=_bits(parrot.right),
        fires=_bits(after.fires),
        regret=_mean([each.regret for each in taught.weighed]),
        random_regret=_mean([each.at_random for each in taught.weighed]),
        curve=taught.curve,
        forecasts=given,
        unanswered=len(taught.forecasts) - given,
        forecast_error=forecast_error,
        base_error=base_error,
        understood=believed[-1]["understood"] if believed else None,
        confused=any(each["confused"] for each in believed) if believed else None,
        unseen=found,
        unseen_silent=false,
        looked_up=None if taught.looked_up is None else taught.looked_up.r,
        quoted=lesson.quoted,
        wrong=None if taught.flips is None else taught.flips.wrong,
        flipped={} if taught.flips is None else {str(name): count for name, count in taught.flips.flipped.items()},
        misconception=taught.misconception,
        own_state=own_state,
        end=lesson.end,
        refused=lesson.refused if taught.arm == "live" else 0,
        withheld=lesson.withheld,
        unread=after.unread,
        failures=dict(taught.failures),
    )


def _bits(marks: NDArray[np.bool_]) -> str:
    return "".join("1" if each else "0" for each in marks)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _or_half(accuracy: float | None) -> float:
    return 0.5 if accuracy is None else accuracy


async def parroted(lesson: Transcript, course: Course) -> Paper:
    """The parrot's paper after the very lesson that the student had."""
    parrot = Parrot()
    for turn in lesson.turns:
        await parrot.hear(turn.move)
    return await sit(parrot.candidate(await parrot.notes()), course.forms[1])


def unseen(lesson: Transcript, course: Course, paper: Paper) -> tuple[float | None, float | None]:
    """Windows without any word that the lesson showed firing or named: hits and false alarms, as shares.

    By stem, as the lookup reader compares words. Nothing lexical says that they fire; who always says so has as many
    false alarms as hits.

    Returns:
        the share said to fire of those that fire, and of those that do not; None where there are none.
    """
    known, passages = _known(lesson), course.forms[1].passages
    free = np.array([not known & _stems(passages, place) for place in range(len(paper.fires))])
    said = paper.right == paper.fires
    hits, alarms = said[free & paper.fires], said[free & ~paper.fires]
    return _mean(list(hits)), _mean(list(alarms))


def _known(lesson: Transcript) -> set[str]:
    shown = {stem(word) for move in lesson.moves for each in move.shown for word in firing_words(each)}
    return shown | {word for move in lesson.moves for claim in move.claims for word in mentioned(claim.text)}


def _stems(passages: Passages, place: int) -> set[str]:
    return {stem(word) for word in passages.words[passages.first[place] : passages.first[place + 1]]}


def brier(forecasts: Sequence[Forecast]) -> tuple[float, float, int]:
    """Squared errors of the forecasts, and of the student's base rate in this lesson; and how many answers it gave.

    Skill is 1 less their ratio, over sums and not a mean of ratios, so that a student who always answers alike counts
    (Riemer et al. 2024, arXiv 2412.19726, for literal theory of mind).
    """
    given = [(each.foretold, float(each.said >= SAYS_SO)) for each in forecasts if each.said is not None]
    if not given:
        return 0.0, 0.0, 0
    foretold, said = (np.array(each) for each in zip(*given, strict=True))
    return float(np.sum((foretold - said) ** 2)), float(np.sum((said - said.mean()) ** 2)), len(given)
