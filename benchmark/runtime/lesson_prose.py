"""A lesson in a sample's messages: the teacher's are the user's, the student's the assistant's, in order.

What the teacher believes in private follows each turn as a message of its own. It is no system message: viewers gather
those at the top, and it belongs beside its turn.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser

from benchmark.exam.items import Items
from benchmark.runtime.quoting import fenced, one_line
from benchmark.students.course import Course
from benchmark.students.dialogue import Turn
from benchmark.students.exam_room import Paper
from benchmark.students.teaching import Taught
from benchmark.students.user_model import SAYS_SO, Forecast

PRIVATE = "*In private*, what the teacher believes of its student"
NOTES = "Notes for the exam"


def messages(taught: Taught, made: Course) -> Iterator[ChatMessage]:
    """The lesson turn by turn, the notes, and the exam item by item; texts of units and models are quoted as data."""
    foretold = iter(taught.forecasts)
    for turn in taught.transcript.turns:
        yield ChatMessageUser(content=_move(turn))
        yield ChatMessageAssistant(content=_reply(turn))
        if turn.user_model is not None:
            mine = [each for _, each in zip(turn.move.asked, foretold, strict=False)]
            yield ChatMessageUser(content=f"{PRIVATE}\n{fenced(believed(turn.user_model, mine))}")
    yield ChatMessageAssistant(content=f"{NOTES}\n{fenced(taught.notes.splitlines() or ['(none)'])}")
    pre, post = made.forms
    for name, paper, form in (("Pre-test", taught.before, pre), ("Exam", taught.after, post)):
        yield ChatMessageUser(content=f"{name}: r {paper.r:.2f}\n{fenced(_paper(paper, form))}")


def _move(turn: Turn) -> str:
    lines = fenced(map(one_line, turn.move.text.splitlines()))
    return f"Teacher, **{turn.move.kind}**, {turn.words} words so far\n{lines}"


def _reply(turn: Turn) -> str:
    answers = [_said(each) for each in turn.reply.answers]
    spoken = [one_line(turn.reply.text)] if turn.reply.text and not answers else []
    told = [*spoken, *answers, *(f"TRY: {one_line(each)}" for each in turn.reply.proposed)]
    return f"Student\n{fenced(told)}" if told else "Student (listens)"


def _said(answer: float | None) -> str:
    return "no answer" if answer is None else f"{'yes' if answer >= SAYS_SO else 'no'} ({answer:.2f})"


def believed(user_model: dict[str, Any], forecasts: Sequence[Forecast] = ()) -> list[str]:
    """The user model as lines, with what was foretold of the turn's quiz."""
    lines = [f"understood {user_model['understood']:.2f}, after {user_model['quizzed']} answers"]
    lines += [f"shown      {user_model['shown']} windows"]
    lines += [f"told       {one_line(text)}" for text in user_model["told"]]
    lines += [f"confused   {one_line(text)}" for text in user_model["confused"]]
    lines += [f"says       {one_line(name)}: {one_line(text)}" for name, text in user_model.get("says", {}).items()]
    lines += [
        f"foretold   yes {each.foretold:.0%}; it said {_said(each.said)}, right is {'yes' if each.fires else 'no'}"
        for each in forecasts
    ]
    return lines


def _paper(paper: Paper, form: Items) -> list[str]:
    """One item a line: right or wrong, what is so, what was said."""
    items = zip(form.passages.texts, paper.fires, paper.said, paper.right, strict=True)
    return [
        f"{'right' if right else 'WRONG'} | {'fires ' if fires else 'silent'} | said {_level(said)} | {one_line(text)}"
        for text, fires, said, right in items
    ]


def _level(said: float) -> str:
    return "  ?" if np.isnan(said) else f"{said:3.0f}"
