"""What deterministic students have in common: an experience, and quiz answers by the notes they would take now."""

from collections import Counter
from copy import deepcopy
from typing import Self

import numpy as np

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.experience import Experience
from benchmark.students.moves import Move, Reply
from benchmark.students.student import Candidate, Capacity
from synthetic_neurons.passages import Floats, Passages

# Nobody is quite sure.
LEAST_SURE = 0.05


class Silence:
    """A candidate that expects nothing anywhere."""

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], zeros."""
        return np.zeros(len(passages.words))


class Deterministic:
    """A student whose state is its experience; subclasses say what it notes and who sits the exam.

    Deriving is how this family of students shares a state that must be forked whole.
    """

    name: str = ""
    capacity: Capacity = "text-only"
    reads: bool = False

    def __init__(self) -> None:
        self.experience = Experience()
        # It always answers, and in the right form.
        self.failures: Counter[str] = Counter()

    @property
    def misconception(self) -> float | None:
        """It began with nothing false."""
        return None

    async def hear(self, move: Move) -> Reply:
        """Remember the move; answer a quiz as the exam would be answered now."""
        answers = await self._answers(move.asked) if move.asked else ()
        self.experience.take(move)
        return Reply(self.remark(), answers, self.proposals(move))

    async def notes(self) -> str:
        """Nothing, unless a subclass writes."""
        return ""

    def candidate(self, notes: str) -> Candidate:
        """Nobody in particular, unless a subclass says so."""
        return Silence()

    def remark(self) -> str:
        """What it says after a move."""
        return ""

    def proposals(self, move: Move) -> tuple[str, ...]:
        """Texts that it wants to see measured after a move."""
        return ()

    def fork(self) -> Self:
        """A copy with an experience of its own; what was injected is shared."""
        twin = self.__class__.__new__(self.__class__)
        twin.__dict__.update(self.__dict__)
        twin.experience = deepcopy(self.experience)
        return twin

    async def _answers(self, texts: tuple[str, ...]) -> tuple[float, ...]:
        passages = Passages.of(texts)
        levels = await self.candidate(await self.notes()).read(passages)
        sure = np.clip(passages.per_text_max(levels) / MAX_LEVEL, LEAST_SURE, 1 - LEAST_SURE)
        return tuple(map(float, sure))
