"""The note taker: a text-only student that understands its notes by meaning and by word."""

from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.lookup import LookupReader
from benchmark.students.deterministic import Deterministic, Silence
from benchmark.students.learner import LEXICAL_SHARE, note_report
from benchmark.students.student import Candidate, cut_notes
from synthetic_neurons.passages import Floats, Passages

# Words of the examples that it takes down beside the claims.
MOST_EXAMPLES = 12


class Rereads:
    """A candidate that reads its notes sentence by sentence: half by embedding, half by lookup.

    Args:
        report: the notes, a claim a sentence.
        by_meaning: the embedding reader.
    """

    def __init__(self, report: Report, by_meaning: EmbeddingReader) -> None:
        self._report, self._by_meaning, self._by_word = report, by_meaning, LookupReader()

    async def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10."""
        meant, named = (reader.read(self._report, passages) for reader in (self._by_meaning, self._by_word))
        return (1 - LEXICAL_SHARE) * meant + LEXICAL_SHARE * named


class NoteTaker(Deterministic):
    """Notes what it was told, the last claim first, and some words that fired.

    Args:
        by_meaning: the embedding reader that it understands with.
        most: words in its notes; fewer make a student of less capacity.
    """

    name = "note_taker"
    reads = True

    def __init__(self, by_meaning: EmbeddingReader, most: int | None = None) -> None:
        super().__init__()
        self._by_meaning, self._most = by_meaning, most

    async def notes(self) -> str:
        """A sentence a claim, and a sentence of examples."""
        said = [f"{claim.rstrip('.')}." for claim in reversed(self.experience.claims)]
        fired = self.experience.firing()[:MOST_EXAMPLES]
        text = "\n".join([*said, *([", ".join(f'"{word}"' for word in fired) + "."] if fired else [])])
        return cut_notes(text) if self._most is None else cut_notes(text, self._most)

    def candidate(self, notes: str) -> Candidate:
        """It rereads its notes."""
        report = note_report(notes)
        return Silence() if report is None else Rereads(report, self._by_meaning)
