"""A lesson: moves and replies in turn, until the teacher has said as many words as every arm may."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from benchmark.explainers.explainer import NoReport
from benchmark.explainers.quoting import escaped
from benchmark.laboratory import BudgetExceeded, ExamOverlap, Exemplar, UnmeasurableText
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


# How a lesson ended: the teacher had said all, its words or turns were used up, it refused, or it had nothing to tell.
End = Literal["finished", "words", "turns", "refusal", "empty"]


@dataclass(frozen=True)
class Transcript:
    """A lesson as it went.

    Attributes:
        turns: in order.
        end: how the teacher's part ended; what is left of its words is made up behind it.
        refused: texts that the student wanted measured and nobody could or would measure.
        withheld: moves that the student never heard, since they quoted the exam.
        words: the teacher's, withheld ones among them.
    """

    turns: tuple[Turn, ...]
    end: End = "finished"
    refused: int = 0
    withheld: int = 0
    words: int = 0

    @property
    def moves(self) -> list[Move]:
        """What was taught, without what made up the length."""
        return [turn.move for turn in self.turns if turn.move.kind != "talk"]

    @property
    def quoted(self) -> float | None:
        """The share of quiz texts that had been shown or told before they were asked about; None without a quiz."""
        said, asked = "", list[bool]()
        for move in self.moves:
            asked += [escaped(text) in said for text in move.asked]
            said += move.text if not move.asked else ""
        return sum(asked) / len(asked) if asked else None


@dataclass(frozen=True)
class Rules:
    """What holds in a lesson, besides its length.

    Attributes:
        measure: the unit's activations on texts that the student proposes; None where nobody can measure.
        shut: whether a text quotes the exam; such a move is withheld.
        watch: is shown the student after each turn.
        before: is shown the student before each move.
    """

    measure: Measure | None = None
    shut: Callable[[str], bool] = lambda text: False
    watch: Watch | None = None
    before: Before | None = None


async def hold(teacher: Teacher, student: Student, words: int, rules: Rules | None = None) -> Transcript:
    """Teach until the teacher has nothing to say or its words are used up, then make the lesson up to its length.

    Args:
        teacher: whose lesson.
        student: is changed by it.
        words: the teacher's, exactly so many.
        rules: nobody measures and nobody watches unless they say so.
    """
    lesson = _Lesson(student, teacher, words, rules or Rules())
    end = await lesson.teach()
    if lesson.left > 0:
        # One turn, however long: who forgets with every turn must not forget more of a short lesson.
        await lesson.say(talk(_filler(lesson.left)), None)
    return Transcript(tuple(lesson.turns), end, lesson.refused, lesson.withheld, words)


class _Lesson:
    """A lesson that goes on."""

    def __init__(self, student: Student, teacher: Teacher, words: int, rules: Rules) -> None:
        self._student, self._teacher, self._rules, self.left, self._all = student, teacher, rules, words, words
        self.turns: list[Turn] = []
        self.refused = self.withheld = 0

    async def teach(self) -> End:
        """The teacher's part."""
        while self.left > 0 and len(self.turns) + self.withheld < MOST_TURNS:
            try:
                move = await self._teacher.move()
            except NoReport:
                return "refusal"
            if move is None:
                return "finished" if self.turns or self.withheld else "empty"
            if move.words > self.left:
                return "words"
            await self._take(move)
        return "words" if self.left <= 0 else "turns"

    async def _take(self, move: Move) -> None:
        """One move, unless it quotes the exam: then its words are spent and nobody hears it."""
        if any(map(self._rules.shut, (move.text, *move.asked, *(each.text for each in move.shown)))):
            self.withheld += 1
            self.left -= move.words
            await self._teacher.hear(move, Reply(withheld=True))
            return
        if self._rules.before is not None:
            await self._rules.before(self._student, self._teacher, move)
        await self._measured(await self.say(move, self._teacher))

    async def say(self, move: Move, teacher: Teacher | None) -> Reply:
        """The student hears a move, and its teacher the reply."""
        reply = await self._student.hear(move)
        self.left -= move.words
        believed = None
        if teacher is not None:
            await teacher.hear(move, reply)
            believed = teacher.user_model.to_json() if teacher.user_model is not None else None
        self.turns.append(Turn(move, reply, self._all - self.left, believed))
        if self._rules.watch is not None:
            await self._rules.watch(self._student, self.turns[-1])
        return reply

    async def _measured(self, reply: Reply) -> None:
        """Answer what the student wants to see, as far as it can be measured and there are words left."""
        wanted = reply.proposed[:MOST_PROPOSED]
        found = [each for text in wanted for each in (await self._one(text))[:1]]
        move = replace(show(tuple(found)), kind="answer")
        fits = bool(found) and move.words <= self.left
        self.refused += len(reply.proposed) - len(found) * fits
        if fits:
            # Whatever is proposed on seeing the answer has to wait for the next turn.
            self.refused += len((await self.say(move, self._teacher)).proposed)

    async def _one(self, text: str) -> Sequence[Exemplar]:
        """One text of the student's; nothing where it may not be measured, is none, or the budget has no room."""
        if self._rules.measure is None:
            return ()
        try:
            return await self._rules.measure((text,))
        except (BudgetExceeded, ExamOverlap, UnmeasurableText):
            return ()


def _filler(words: int) -> str:
    """The filler over and over again, exactly so many words."""
    text = " ".join([FILLER] * -(-words // len(word_spans(FILLER))))
    return text[: word_spans(text)[words - 1][1]]
