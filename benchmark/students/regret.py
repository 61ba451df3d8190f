"""Functional theory of mind: does a teacher choose the move from which this student learns most?

Literal theory of mind foretells the student; this one acts on it (Riemer et al. 2024, arXiv 2412.19726). Before each
move copies of the student hear every move on the menu, and sit a practice slice that neither of the two ever sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmark.exam.items import Items
from benchmark.students.exam_room import sit
from benchmark.students.moves import Kind, Move
from benchmark.students.student import Student


@dataclass(frozen=True)
class Weighed:
    """One choice of a teacher.

    Attributes:
        chosen: the kind of move that it made.
        scores: kind to r on the practice slice, of a copy of the student after that move alone.
    """

    chosen: Kind
    scores: Mapping[Kind, float]

    @property
    def best(self) -> Kind:
        """The move from which most is learned; the first of the menu where several are alike."""
        return max(self.scores, key=lambda kind: self.scores[kind])

    @property
    def regret(self) -> float:
        """The best move's score less the chosen one's; never below 0."""
        return self.scores[self.best] - self.scores[self.chosen]

    @property
    def at_random(self) -> float:
        """What a move drawn from the menu would have fallen short of the best, in the mean."""
        return self.scores[self.best] - sum(self.scores.values()) / len(self.scores)


async def weigh(student: Student, menu: Mapping[Kind, Move], chosen: Kind, practice: Items) -> Weighed:
    """What every move would have brought; the student stays as it is.

    Args:
        student: as it is before the move.
        menu: what each move would be; the chosen one is among them.
        chosen: its kind.
        practice: items that neither teacher nor student sees.

    Raises:
        ValueError: the chosen move is not on the menu.
    """
    if chosen not in menu:
        raise ValueError(f"{chosen!r} is not on the menu: {', '.join(menu)}")
    scores: dict[Kind, float] = {}
    for kind, move in menu.items():
        copy = student.fork()
        await copy.hear(move)
        scores[kind] = (await sit(copy.candidate(await copy.notes()), practice)).r
    return Weighed(chosen, scores)
