"""The student that agrees: it expects every unit to fire everywhere, whatever it is taught."""

import numpy as np

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.deterministic import Deterministic
from benchmark.students.student import Candidate
from synthetic_neurons.passages import Floats, Passages


class Yes:
    """A candidate that says yes to every word."""

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], all at the highest level."""
        return np.full(len(passages.words), MAX_LEVEL)


class YesSayer(Deterministic):
    """Says that it has understood, and yes to every question."""

    name = "yes_sayer"

    def remark(self) -> str:
        """What it says after a move."""
        return "Yes, I understand."

    def candidate(self, notes: str) -> Candidate:
        """It sits the exam as it talks."""
        return Yes()
