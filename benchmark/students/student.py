"""The protocol of students: whoever is taught one unit, takes notes, and sits the exam by them."""

from collections import Counter
from typing import Literal, Protocol, Self

from benchmark.students.moves import Move, Reply
from synthetic_neurons.passages import Floats, Passages, word_spans

NOTE_WORDS = 200
# What a student's exam rests on (METHOD.md section 7): its notes; all that it was shown; or the predicate language.
Capacity = Literal["text-only", "unbounded-memory ceiling", "shared-language"]


class Candidate(Protocol):
    """Who sits in the exam room: what a student carried there, and no teacher."""

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10; NaN on the words of a window that it gave no readable answer to."""
        ...


class Student(Protocol):
    """Someone who is taught one unit and never sees it.

    Attributes:
        name: on the board.
        capacity: what its exam rests on.
        reads: whether any text makes notes to it, such as the transcript of a lesson.
        failures: kinds of answers that could not be taken, with how many there were.
    """

    name: str
    capacity: Capacity
    reads: bool
    failures: Counter[str]

    @property
    def misconception(self) -> float | None:
        """How far it believes the false thing that it began with, 0 to 1; None without one, or where nobody knows."""
        ...

    async def hear(self, move: Move) -> Reply:
        """Take in one move of the teacher, and reply."""
        ...

    async def notes(self) -> str:
        """What it writes down for the exam: at most 200 words."""
        ...

    def candidate(self, notes: str) -> Candidate:
        """Who sits the exam with these notes."""
        ...

    def fork(self) -> Self:
        """A copy whose lessons leave this one as it is."""
        ...


def cut_notes(text: str, most: int = NOTE_WORDS) -> str:
    """The first 200 words, or as many as are said."""
    spans = word_spans(text)
    return text if len(spans) <= most else text[: spans[most - 1][1]] if most else ""
