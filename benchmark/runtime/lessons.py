"""A lesson as an Inspect sample: the teacher's moves and the student's replies are its messages, in order."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import store

from benchmark.runtime.quoting import fenced, one_line
from benchmark.runtime.workshop import workshop
from benchmark.students.dialogue import Turn
from benchmark.students.teaching import Course, Taught, TeachingArm, teach
from benchmark.students.user_model import SAYS_SO
from benchmark.teaching.cohort import Cohort, cohort
from benchmark.teaching.courses import course

STORE = "viva_lesson"


@lru_cache(maxsize=4)
def students_of(suite: str) -> Cohort:
    """The students of a suite, once a process."""
    return cohort(workshop(suite))


@solver
def lesson(suite: str, explainer: str, student: str, arm: TeachingArm) -> Solver:
    """Explain the sample's unit, teach it to a fresh student by one arm, and let the student sit the exam.

    Args:
        suite: a frozen suite.
        explainer: who explains and then teaches; one without a model.
        student: one of the cohort's.
        arm: how.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        shop, people = workshop(suite), students_of(suite)
        unit = shop.suite.unit(str(state.sample_id))
        made, laboratory = await course(shop, unit, explainer, bool(shop.suite.order[unit.identifier] % 2))
        taught = await _taught(made, people, student, arm)
        placebo = await teach("placebo", made, people.enrol[student])
        state.messages += list(_messages(taught))
        store().set(
            STORE,
            {
                "before": taught.before.r,
                "after": taught.after.r,
                "delayed": taught.delayed.r,
                "gain": taught.after.r - placebo.after.r,
                "notes": taught.notes,
                "curve": taught.curve,
                "forecasts": [asdict(each) for each in taught.forecasts],
                "regret": [each.regret for each in taught.weighed],
                "words": taught.transcript.words,
                "refused": taught.transcript.refused,
                "unit_queries": laboratory.spend.unit_queries,
            },
        )
        state.output.completion = taught.notes
        return state

    return solve


async def _taught(made: Course, people: Cohort, student: str, arm: TeachingArm) -> Taught:
    """One arm; what is yoked is the live lesson of the student that the cohort names for it."""
    if arm != "yoked":
        return await teach(arm, made, people.enrol[student])
    other = await teach("live", made, people.enrol[people.yoked_to[student]])
    return await teach(arm, made, people.enrol[student], other.transcript.turns)


def _messages(taught: Taught) -> Iterator[ChatMessage]:
    """Every turn, with what the teacher believed of the student beside it; texts of units are quoted as data."""
    for turn in taught.transcript.turns:
        yield ChatMessageUser(content=_move(turn))
        yield ChatMessageAssistant(content=_reply(turn))
        if turn.user_model is not None:
            believed = json.dumps(turn.user_model, ensure_ascii=False, indent=1)
            yield ChatMessageSystem(
                content=f"What the teacher believes of the student\n{fenced(believed.splitlines())}"
            )
    yield ChatMessageAssistant(content=f"Notes for the exam\n{fenced(taught.notes.splitlines() or ['(none)'])}")


def _move(turn: Turn) -> str:
    return f"**{turn.move.kind}**, {turn.words} words so far\n{fenced(map(one_line, turn.move.text.splitlines()))}"


def _reply(turn: Turn) -> str:
    answers = [
        "no answer" if each is None else f"{'yes' if each >= SAYS_SO else 'no'} ({each:.2f})"
        for each in turn.reply.answers
    ]
    said = [*([one_line(turn.reply.text)] if turn.reply.text else []), *answers, *map(one_line, turn.reply.proposed)]
    return fenced(said) if said else "(listens)"


@scorer(metrics={"*": [mean()]})
def comprehension() -> Scorer:
    """R before, after and delayed, and the gain over a placebo lesson to the same student."""

    async def score(state: TaskState, target: Target) -> Score:
        told: dict[str, Any] = store().get(STORE)
        names = ("before", "after", "delayed", "gain")
        return Score(value={name: float(told[name]) for name in names}, answer=str(told["notes"]))

    return score
