"""A lesson: moves and replies in turn, until the teacher has said as many words as every arm may."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmark.laboratory import Exemplar
from benchmark.students.moves import Move, Reply, show, talk
from benchmark.students.student import Student
from benchmark.students.teachers import Teacher
from synthetic_neurons.passages import word_spans

# A teacher that never stops is stopped; no lesson of the word limit has so many turns.
MOST_TURNS = 40
# What a student wants to see measured, a turn.
MOST_PROPOSED = 2
# Every arm's lesson is made up to the same length with this, which is about no unit.
FILLER = (
    "Let us pause for a moment. A good cup of tea takes a few minutes, and nobody should hurry it. The kettle is put "
    "on, the leaves are measured out, and the water is poured when it has come to the boil. Some take milk with it, "
    "some take a slice of lemon, and some want nothing at all. Then one waits. There is no need to remember this."
)
Measure = Callable[[Sequence[str]], Awaitable[Sequence[Exemplar]]]
# Is shown the student after each turn; what it does to its own fork changes nothing.
Watch = Callable[[Student, "Turn"], Awaitable[None]]
# Is shown the student, the teacher and its move before the student hears it.
Before = Callable[[Student, Teacher, Move], Awaitable[None]]


@dataclass(frozen=True)
class Turn:
    """One move and its reply.

    Attributes:
        move, reply: what was said.
        words: the teacher's words up to here, this move among them.
        user_model: what the teacher believed of the student after the reply; None where it believes nothing.
    """

    move: Move
    reply: Reply
    words: int
    user_model: dict[str, Any] | None = None


@dataclass(frozen=True)
class Transcript:
    """A lesson as it went.

    Attributes:
        turns: in order.
        refused: texts that the student wanted measured and nobody could or would measure.
    """

    turns: tuple[Turn, ...]
    refused: int = 0

    @property
    def words(self) -> int:
        """The teacher's."""
        return self.turns[-1].words if self.turns else 0

    @property
    def moves(self) -> list[Move]:
        """What was taught, without what made up the length."""
        return [turn.move for turn in self.turns if turn.move.kind != "talk"]


async def hold(
    teacher: Teacher,
    student: Student,
    words: int,
    measure: Measure | None = None,
    watch: Watch | None = None,
    before: Before | None = None,
) -> Transcript:
    """Teach until the teacher has nothing to say or its words are used up, then make the lesson up to its length.

    Args:
        teacher: whose lesson.
        student: is changed by it.
        words: the teacher's, exactly so many.
        measure: the unit's activations on texts that the student proposes; None where nobody can measure.
        watch: is shown the student after each turn.
        before: is shown the student before each move.
    """
    lesson = _Lesson(student, words, watch)
    while lesson.left > 0 and len(lesson.turns) < MOST_TURNS and (move := teacher.move()) is not None:
        if move.words > lesson.left:
            break
        if before is not None:
            await before(student, teacher, move)
        reply = await lesson.say(move, teacher)
        await lesson.measured(reply, measure, teacher)
    while lesson.left > 0:
        await lesson.say(talk(_cut(FILLER, lesson.left)), None)
    return Transcript(tuple(lesson.turns), lesson.refused)


class _Lesson:
    """A lesson that goes on."""

    def __init__(self, student: Student, words: int, watch: Watch | None) -> None:
        self._student, self._watch, self.left, self._all = student, watch, words, words
        self.turns: list[Turn] = []
        self.refused = 0

    async def say(self, move: Move, teacher: Teacher | None) -> Reply:
        reply = await self._student.hear(move)
        self.left -= move.words
        believed = None
        if teacher is not None:
            teacher.hear(move, reply)
            believed = teacher.user_model.to_json() if teacher.user_model is not None else None
        self.turns.append(Turn(move, reply, self._all - self.left, believed))
        if self._watch is not None:
            await self._watch(self._student, self.turns[-1])
        return reply

    async def measured(self, reply: Reply, measure: Measure | None, teacher: Teacher) -> None:
        """Answer what the student wants to see, as far as there are words left."""
        wanted = reply.proposed[:MOST_PROPOSED]
        self.refused += len(reply.proposed) - len(wanted)
        if not wanted:
            return
        found = await measure(wanted) if measure is not None else ()
        self.refused += len(wanted) - len(found)
        move = replace(show(tuple(found)), kind="answer")
        if found and move.words <= self.left:
            await self.say(move, teacher)


def _cut(text: str, words: int) -> str:
    spans = word_spans(text)
    return text if len(spans) <= words else text[: spans[words - 1][1]]
