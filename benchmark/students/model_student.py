"""Students that are language models. What makes one weaker than another is what it sees, and no persona."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Self

import numpy as np

from benchmark.explainers.quoting import escaped
from benchmark.students.answers import Unread, named_words, proposed, said, yes_or_no
from benchmark.students.conversation import Interlocutor, Message, alternating, filled, prompt
from benchmark.students.moves import Move, Reply
from benchmark.students.student import NOTE_WORDS, Candidate, Capacity, cut_notes
from synthetic_neurons.passages import Floats, Passages

# Tokens of an answer, at most: to a teacher, to a quiz, as notes, and in the exam.
LONGEST_REPLY, LONGEST_ANSWER, LONGEST_NOTES, LONGEST_PAPER = 60, 16, 300, 32
# Before every exam question, answered: what an answer looks like.
_NOTES, _FIRES, _SILENT = "Fires on animals.", "The dog lay beside the door.", "The lamp stood beside the door."


@dataclass(frozen=True)
class Sight:
    """What a student sees and carries.

    Attributes:
        turns: the last turns of the lesson that it sees; None for all.
        notes: words in its notes, at most.
        belief: a false description of the unit that it begins with; "" for none.
        sure: whether the false description stands before its notes, whatever it was taught.
        terse: whether it says nothing unless it is asked.
    """

    turns: int | None = None
    notes: int = NOTE_WORDS
    belief: str = ""
    sure: bool = False
    terse: bool = False


class Sitting:
    """A language model in the exam room: notes and one text a call, in a context of its own, in any order.

    Args:
        model: who answers.
        notes: all that it has.
        failures: is told of every answer that could not be read.
    """

    def __init__(self, model: Interlocutor, notes: str, failures: Counter[str]) -> None:
        self._model, self._notes, self._failures = model, notes, failures

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10; NaN on a window without a readable answer."""
        order = list(range(len(passages.texts)))
        random.Random(0).shuffle(order)
        questions = [self._question(passages.texts[place]) for place in order]
        answers = dict(zip(order, await self._model.answers(questions, LONGEST_PAPER), strict=True))
        levels = [self._levels(answers[place], passages, place) for place in range(len(passages.texts))]
        return np.concatenate([np.array(each, dtype=np.float64) for each in levels]) if levels else np.zeros(0)

    def _question(self, text: str) -> list[Message]:
        asked = [Message("system", prompt("exam"))]
        for shown, answer in ((_FIRES, "dog"), (_SILENT, "none")):
            asked += [Message("user", _paper(_NOTES, shown)), Message("assistant", answer)]
        return [*asked, Message("user", _paper(self._notes or "(none)", text))]

    def _levels(self, answer: str | None, passages: Passages, place: int) -> list[float]:
        words = passages.words[passages.first[place] : passages.first[place + 1]]
        try:
            return named_words(answer, words)
        except Unread as error:
            self._failures[f"exam: {error.kind}"] += 1
            return [float("nan")] * len(words)


def _paper(notes: str, text: str) -> str:
    return f"<notes>{escaped(notes)}</notes>\n<text>{escaped(text)}</text>"


class ModelReader:
    """A language model that sits the exam by another student's notes.

    Args:
        model: who answers.
    """

    def __init__(self, model: Interlocutor) -> None:
        self._model = model
        self.failures: Counter[str] = Counter()

    def candidate(self, notes: str) -> Candidate:
        """It has these notes before it."""
        return Sitting(self._model, notes, self.failures)


class ModelStudent:
    """A language model that is taught.

    Args:
        model: who speaks.
        sight: what it sees and carries.
        name: on the board.
    """

    capacity: Capacity = "text-only"
    reads = True
    # Nobody can read a language model's belief off it.
    misconception: float | None = None

    def __init__(self, model: Interlocutor, sight: Sight | None = None, name: str = "model") -> None:
        self.name, self._model, self._sight = name, model, sight or Sight()
        self.failures: Counter[str] = Counter()
        # A turn each: what it heard, and what it said where it said something.
        self._heard: list[list[Message]] = []
        self._notes: str | None = None

    async def hear(self, move: Move) -> Reply:
        """Take in a move; answer a quiz, or say something."""
        self._notes = None
        reply = await self._quizzed(move) if move.asked else await self._answered(move)
        said = [Message("assistant", reply.text)] if reply.text else []
        self._heard.append([Message("user", move.text), *said])
        return reply

    async def notes(self) -> str:
        """Its own words on what it saw of the lesson, cut to what it may carry; before any lesson what it believes."""
        if self._notes is None:
            self._notes = await self._written()
        return self._notes

    def candidate(self, notes: str) -> Candidate:
        """It has its notes before it."""
        return Sitting(self._model, notes, self.failures)

    def fork(self) -> Self:
        """A copy with a memory of its own; its failures are the lesson's, and are not counted twice."""
        twin = self.__class__(self._model, self._sight, self.name)
        twin._heard, twin._notes = list(self._heard), self._notes
        return twin

    async def _written(self) -> str:
        belief, most = self._sight.belief, self._sight.notes
        if not self._heard:
            return cut_notes(belief, most)
        answer = await self._ask(filled("student_notes", words=most), LONGEST_NOTES)
        try:
            text = said(answer)
        except Unread as error:
            self.failures[f"notes: {error.kind}"] += 1
            text = ""
        return cut_notes(f"{belief}\n{text}" if self._sight.sure and belief else text, most)

    async def _answered(self, move: Move) -> Reply:
        if self._sight.terse or move.kind == "talk":
            return Reply()
        answer = await self._ask(f"{move.text}\n\n{prompt('student_reply')}", LONGEST_REPLY)
        try:
            text = said(answer)
        except Unread as error:
            self.failures[f"reply: {error.kind}"] += 1
            return Reply()
        return Reply(text, proposed=proposed(text))

    async def _quizzed(self, move: Move) -> Reply:
        """Each text in the context of the lesson, and none in that of another."""
        questions = [self._asked(filled("student_quiz", text=escaped(text))) for text in move.asked]
        given = [self._yes(each) for each in await self._model.answers(questions, LONGEST_ANSWER)]
        told = ["no answer" if each is None else "yes" if each >= 0.5 else "no" for each in given]
        return Reply(", ".join(told), tuple(given))

    def _yes(self, answer: str | None) -> float | None:
        try:
            return yes_or_no(answer)
        except Unread as error:
            self.failures[f"quiz: {error.kind}"] += 1
            return None

    async def _ask(self, question: str, longest: int) -> str | None:
        (answer,) = await self._model.answers([self._asked(question)], longest)
        return answer

    def _asked(self, question: str) -> list[Message]:
        """The system's message, what it believes, the last turns, and a question."""
        believed = f"\nYou know already, and are sure: {self._sight.belief}" if self._sight.belief else ""
        last = len(self._heard) if self._sight.turns is None else self._sight.turns
        told = [each for turn in self._heard[max(0, len(self._heard) - last) :] for each in turn]
        return [Message("system", prompt("student") + believed), *alternating([*told, Message("user", question)])]
