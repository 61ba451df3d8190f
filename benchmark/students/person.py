"""A person as the student, by way of whatever console there is; the same notes and exam as every other student's."""

import random
from collections import Counter
from html import unescape
from typing import Protocol, Self

import numpy as np

from benchmark.students.answers import Unread, named_words
from benchmark.students.moves import Move, Reply
from benchmark.students.student import NOTE_WORDS, Candidate, Capacity, cut_notes
from synthetic_neurons.passages import Floats, Passages

PERSON = "person"
# How sure somebody is who types a letter.
SAYS_YES, SAYS_NO = 0.9, 0.1
# How often an answer that cannot be read is asked for.
MOST_ASKED = 3
_YES, _NO, _UNSURE = ("y", "yes"), ("n", "no"), ("?",)


def is_person(student: str) -> bool:
    """Whether a student's name is that of a person."""
    return student == PERSON or student.startswith(f"{PERSON} ")


class Console(Protocol):
    """Where a person reads and types."""

    def say(self, text: str) -> None:
        """Show a text."""
        ...

    async def ask(self, question: str) -> str:
        """One typed line.

        Raises:
            EOFError: nobody types any more.
        """
        ...


class Sitting:
    """A person in the exam room, with the notes at hand: one text at a time, in shuffled order, no feedback.

    Args:
        console: where.
        notes: all that there is to look at.
        failures: is told of every answer that could not be read.
    """

    def __init__(self, console: Console, notes: str, failures: Counter[str]) -> None:
        self._console, self._notes, self._failures = console, notes, failures

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10; NaN on a window that got "?" or no readable answer."""
        order = list(range(len(passages.texts)))
        random.Random(0).shuffle(order)
        self._console.say(f"\nExam: {len(order)} texts. Type the words on which the unit fires, with commas between;")
        self._console.say("Enter for none of them, ? where you cannot tell.")
        self._console.say(f"Your notes: {self._notes or '(none)'}")
        found: dict[int, list[float]] = {}
        for number, place in enumerate(order, 1):
            words = passages.words[passages.first[place] : passages.first[place + 1]]
            self._console.say(f"\n{number} of {len(order)}: {passages.texts[place]}")
            found[place] = await self._levels(words)
        levels = [np.array(found[place], dtype=np.float64) for place in range(len(order))]
        return np.concatenate(levels) if levels else np.zeros(0)

    async def _levels(self, words: tuple[str, ...]) -> list[float]:
        for _ in range(MOST_ASKED):
            typed = (await self._console.ask("fires on> ")).strip()
            if typed in _UNSURE:
                self._failures["exam: cannot tell"] += 1
                return [float("nan")] * len(words)
            if not typed:
                return [0.0] * len(words)
            try:
                return named_words(typed, words)
            except Unread:
                self._console.say("None of these words is in the text; type words of it, Enter for none, or ?")
        self._failures["exam: unparsable"] += 1
        return [float("nan")] * len(words)


class Person:
    """Someone at a console.

    Args:
        console: where.
        name: in the log; "person", or "person " and whatever tells one from another.
    """

    capacity: Capacity = "text-only"
    reads = True
    # Nobody can read a person's belief off them.
    misconception: float | None = None

    def __init__(self, console: Console, name: str = PERSON) -> None:
        self._console, self.name = console, name
        self.failures: Counter[str] = Counter()
        self._heard = 0
        self._notes: str | None = None

    async def hear(self, move: Move) -> Reply:
        """Show a move; take quiz answers, or a line and texts to try."""
        self._heard += 1
        if move.asked:
            self._console.say("\nTeacher asks: does the unit fire on any word of these? (y, n, or ? for no answer)")
            return Reply(answers=tuple([await self._yes(text) for text in move.asked]))
        self._console.say(f"\nTeacher: {unescape(move.text)}")
        if move.kind == "talk":
            return Reply()
        typed = (await self._console.ask("you (Enter goes on, TRY: a text has it measured)> ")).strip()
        if typed.upper().startswith("TRY:"):
            text = typed[4:].strip()
            return Reply("", proposed=(text,) if text else ())
        return Reply(typed)

    async def notes(self) -> str:
        """What the person writes, once, after the lesson; nothing before it."""
        if not self._heard:
            return ""
        if self._notes is None:
            self._console.say(
                f"\nThe lesson is over. Write your notes, at most {NOTE_WORDS} words; an empty line ends them."
            )
            lines = []
            while line := (await self._console.ask("notes> ")).strip():
                lines.append(line)
            self._notes = cut_notes("\n".join(lines))
        return self._notes

    def candidate(self, notes: str) -> Candidate:
        """The same person, in the exam room."""
        return Sitting(self._console, notes, self.failures)

    def fork(self) -> Self:
        """Nobody can be copied.

        Raises:
            TypeError: always; whoever teaches a person looks at no copies.
        """
        raise TypeError("a person cannot be forked; hold the lesson with Plan(probed=False, repeated=False)")

    async def _yes(self, text: str) -> float | None:
        self._console.say(f"  {text}")
        for _ in range(MOST_ASKED):
            typed = (await self._console.ask("  y/n/?> ")).strip().lower()
            if typed in (*_YES, *_NO):
                return SAYS_YES if typed in _YES else SAYS_NO
            if typed in _UNSURE:
                break
        self.failures["quiz: no answer"] += 1
        return None
