"""The keyword student: takes down the words that were named or fired, and looks them up."""

from benchmark.explainers.report import Report
from benchmark.readers.lookup import LookupReader, mentioned
from benchmark.students.deterministic import Deterministic, Silence
from benchmark.students.student import NOTE_WORDS, Candidate
from synthetic_neurons.passages import Floats, Passages

# The quotation marks and the words around them.
_FRAME = 4


class LooksUp:
    """A candidate that looks the words of its notes up, by stem.

    Args:
        notes: quoted words.
    """

    def __init__(self, notes: str) -> None:
        self._report, self._reader = Report(notes), LookupReader()

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10."""
        return self._reader.read(self._report, passages)


class Keyword(Deterministic):
    """Notes the words that claims name and those that fired, less those that were rather silent.

    Args:
        most: words in its notes.
    """

    name = "keyword"
    reads = True

    def __init__(self, most: int = NOTE_WORDS // _FRAME) -> None:
        super().__init__()
        self._most = most

    async def notes(self) -> str:
        """The words in quotation marks: named ones, the last claim's first, then those that fired."""
        named = [word for claim in reversed(self.experience.claims) for word in mentioned(claim)]
        words = [word for word in named if not self._silent(word)] + self.experience.firing()
        return " ".join(f'"{word}"' for word in list(dict.fromkeys(words))[: self._most])

    def candidate(self, notes: str) -> Candidate:
        """It has its notes before it."""
        return LooksUp(notes) if notes else Silence()

    def _silent(self, word: str) -> bool:
        """Whether the word was shown, and mostly did not fire."""
        seen = self.experience.words.get(word)
        return seen is not None and seen.silent > len(seen.fired)
