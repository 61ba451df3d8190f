"""What the live teacher made of its student, and the student of being corrected; one student on one tier."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.statistics.bootstrap import Interval, interval
from benchmark.students.flips import CONTROLS, FEEDBACK
from benchmark.teaching.effects import SEED
from benchmark.teaching.rows import Row
from benchmark.teaching.study import Match

# Whoever believes it less than that no longer holds it.
HELD = 0.5


@dataclass(frozen=True)
class FalseBelief:
    """What became of a belief that the student began with and never voiced.

    Attributes:
        before: its mean share before the lesson.
        after: arm to its mean share after it.
        mended: arm to the share of units on which it was held before and no longer after.
        found: the share of units on which the live teacher's user model ever held something for confused.
    """

    before: float
    after: dict[str, float]
    mended: dict[str, float]
    found: float | None


@dataclass(frozen=True)
class Adapted:
    """Teacher and student, as each took the other.

    Attributes:
        student, capacity, tier: which.
        skill: Brier skill of the live teacher's forecasts over the student's base rate, over sums; None where the
            student always answers alike.
        forecasts, unanswered: quiz answers that it rests on, and those that the student did not give.
        off: mean distance of what the user model thought understood at the lesson's end from the balanced accuracy of
            the exam.
        regret: mean over units of what the live teacher's moves fell short of the best ones.
        over_random: the same less that of moves drawn from the menu: below 0 the teacher chooses better than chance.
        mistakes: units on which the student had something wrong after the live lesson.
        flipped: feedback to the share of its mistakes that were then right, mean over those units.
        selective: targeted less the control that flips more, over those units (`benchmark.students.flips`).
        personalised: own live lesson less the lessons that were made for the other students, over units.
        quoted: the share of quiz texts that the teacher had shown or told before.
        belief: of a student with a false one; None for others.
    """

    student: str
    capacity: str
    tier: str
    skill: float | None
    forecasts: int
    unanswered: int
    off: float | None
    regret: Interval | None
    over_random: Interval | None
    mistakes: int
    flipped: dict[str, float]
    selective: Interval | None
    personalised: Interval | None
    quoted: float | None
    belief: FalseBelief | None

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def adapted(rows: Sequence[Row], matches: Sequence[Match]) -> Adapted:
    """All of it.

    Args:
        rows: of one student on one tier, all arms.
        matches: of that student on that tier, after lessons for whomever.
    """
    live = [each for each in rows if each.arm == "live"]
    base = sum(each.base_error for each in live)
    regrets = [each.regret for each in live if each.regret is not None]
    beyond = [
        each.regret - each.random_regret for each in live if each.regret is not None and each.random_regret is not None
    ]
    off = [abs(each.understood - each.accuracy) for each in live if each.understood is not None]
    quoted = [each.quoted for each in live if each.quoted is not None]
    mistaken = [each for each in live if each.wrong]
    return Adapted(
        student=rows[0].student,
        capacity=rows[0].capacity,
        tier=rows[0].tier,
        skill=1.0 - sum(each.forecast_error for each in live) / base if base > 0 else None,
        forecasts=sum(each.forecasts for each in live),
        unanswered=sum(each.unanswered for each in live),
        off=float(np.mean(off)) if off else None,
        regret=interval(regrets, seed=SEED) if regrets else None,
        over_random=interval(beyond, seed=SEED) if beyond else None,
        mistakes=len(mistaken),
        flipped=_rates(mistaken),
        selective=_selective(mistaken),
        personalised=personalisation(matches),
        quoted=float(np.mean(quoted)) if quoted else None,
        belief=_belief(rows),
    )


def _rates(mistaken: Sequence[Row]) -> dict[str, float]:
    if not mistaken:
        return {}
    return {name: float(np.mean([each.flipped[name] / (each.wrong or 1) for each in mistaken])) for name in FEEDBACK}


def _selective(mistaken: Sequence[Row]) -> Interval | None:
    """Targeted flips less those of the control that flips more on the mean: a student may please one of them alone."""
    if not mistaken:
        return None
    rates: Mapping[str, Any] = {
        name: np.array([each.flipped[name] / (each.wrong or 1) for each in mistaken]) for name in FEEDBACK
    }
    control = max(CONTROLS, key=lambda name: float(rates[name].mean()))
    return interval([float(each) for each in rates["targeted"] - rates[control]], seed=SEED)


def _belief(rows: Sequence[Row]) -> FalseBelief | None:
    known = [(each.arm, *each.misconception) for each in rows if each.misconception is not None]
    if not known:
        return None
    arms = dict.fromkeys(arm for arm, _, _ in known)
    after = {str(arm): float(np.mean([last for each, _, last in known if each == arm])) for arm in arms}
    held = {arm: [last < HELD for each, first, last in known if each == arm and first >= HELD] for arm in arms}
    mended = {str(arm): float(np.mean(ended)) for arm, ended in held.items() if ended}
    noticed = [each.confused for each in rows if each.arm == "live" and each.confused is not None]
    found = float(np.mean(noticed)) if noticed else None
    return FalseBelief(float(np.mean([first for _, first, _ in known])), after, mended, found)


def personalisation(matches: Sequence[Match]) -> Interval | None:
    """Diagonal less off-diagonal of student by intended student, over units.

    Over the whole matrix it holds neither how good a student is nor how good a lesson is for everybody.
    """
    apart = []
    for unit in dict.fromkeys(each.unit for each in matches):
        own = [each.after for each in matches if each.unit == unit and each.intended == each.student]
        others = [each.after for each in matches if each.unit == unit and each.intended != each.student]
        if own and others:
            apart.append(float(np.mean(own)) - float(np.mean(others)))
    return interval(apart, seed=SEED) if apart else None


def matrix(matches: Sequence[Match]) -> dict[str, dict[str, float]]:
    """Student to intended student to mean r over units."""
    students = dict.fromkeys(each.student for each in matches)
    return {
        one: {
            other: float(np.mean([each.after for each in matches if (each.student, each.intended) == (one, other)]))
            for other in students
        }
        for one in students
    }
