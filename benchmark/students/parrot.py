"""The lexical parrot: repeats the very words that fired, and knows no others.

What it scores is what mere repetition scores; the leakage strata of LAS (Hase et al. 2020, arXiv 2010.04119) are by it.
"""

import numpy as np

from benchmark.explainers.report import MAX_LEVEL
from benchmark.students.deterministic import Deterministic
from benchmark.students.student import NOTE_WORDS, Candidate
from synthetic_neurons.passages import Floats, Passages


class Repeats:
    """A candidate that fires on the words of its notes and on no other form of them.

    Args:
        words: lower case.
    """

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 or 10."""
        known = np.array([MAX_LEVEL * (word.lower() in self._words) for word in passages.vocabulary], dtype=np.float64)
        return known[passages.type_of] if len(known) else np.zeros(0)


class Parrot(Deterministic):
    """Notes the words that fired in the windows it was shown, in their very form; hears no claim.

    Args:
        most: words in its notes.
    """

    name = "parrot"

    def __init__(self, most: int = NOTE_WORDS) -> None:
        super().__init__()
        self._most = most

    async def notes(self) -> str:
        """The words, the strongest first."""
        return " ".join(self.experience.firing()[: self._most])

    def candidate(self, notes: str) -> Candidate:
        """It repeats its notes."""
        return Repeats(frozenset(notes.lower().split()))
