"""The smallest honest student: deterministic, text-only, learning from examples *and* notes (METHOD.md section 7)."""

import re
from dataclasses import dataclass

import numpy as np

from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.laboratory import Exemplar
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights
from benchmark.readers.encoder import Encoder, Vectors, ViewCache
from benchmark.readers.lookup import LookupReader
from benchmark.students.lesson import Lesson
from synthetic_neurons.passages import Floats, Passages

# Half the prediction comes from the examples and half from the notes, and half of the latter from each reading. The
# shares are fixed and not fitted: a fitted share would drop whichever source the calibration units made useless.
EXAMPLE_SHARE = 0.5
LEXICAL_SHARE = 0.5
# Similarity that an example loses to count 1/e as much.
BANDWIDTH = 0.05
# A word that is no nearer than this to anything remembered is read as mostly silent.
STRANGER = 0.6
_CHUNK = 8192
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def note_report(notes: str) -> Report | None:
    """The notes as a report with one claim a sentence; None for empty notes."""
    sentences = [part.strip() for part in _SENTENCE.split(notes) if part.strip()]
    return Report(notes, tuple(Claim(sentence) for sentence in sentences)) if sentences else None


@dataclass(frozen=True, eq=False)
class Memory:
    """What the student remembers of the examples: a vector and a value a word, never the text.

    Attributes:
        context: float32 [remembered, width], the words in their windows.
        types: float32 [remembered, width], the same words alone.
        values: float64 [remembered], levels 0 to 10.
    """

    context: Vectors
    types: Vectors
    values: Floats


def remember(examples: tuple[Exemplar, ...], cache: ViewCache) -> Memory:
    """Embed every word of the examples, once.

    Raises:
        ValueError: if an example's labels do not fit its words.
    """
    passages = Passages.of([each.text for each in examples])
    values = np.concatenate([each.values for each in examples]) if examples else np.zeros(0)
    if len(values) != len(passages.words):
        raise ValueError(f"the examples have {len(passages.words)} words and {len(values)} labels")
    views = cache.views(passages)
    return Memory(views.context, views.types[passages.type_of], np.clip(values, 0.0, MAX_LEVEL))


def recall(memory: Memory, cache: ViewCache, passages: Passages) -> Floats:
    """float64 [words], levels 0 to 10: a kernel-weighted mean of the remembered values.

    Likeness to firing words pulls up, likeness to silent words pulls down, and one pseudo-example of value 0 at
    similarity 0.6 stands for all that was not shown (Nadaraya-Watson with a prior).
    """
    levels = np.zeros(len(passages.words))
    if not len(memory.values):
        return levels
    views = cache.views(passages)
    by_type = views.types @ memory.types.T
    prior = np.exp((STRANGER - 1.0) / BANDWIDTH)
    for begin in range(0, len(levels), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        likeness = 0.5 * (views.context[part] @ memory.context.T + by_type[passages.type_of[part]])
        kernel = np.exp((likeness.astype(np.float64) - 1.0) / BANDWIDTH)
        levels[part] = kernel @ memory.values / (kernel.sum(axis=1) + prior)
    return levels


class Student:
    """Someone who was taught one unit; it has its memory and its notes and never sees the unit.

    Made by `Learner.study`.
    """

    name = "learner"

    def __init__(self, memory: Memory, notes: str, embedding: EmbeddingReader, lexical: LookupReader) -> None:
        self.notes = notes
        self._memory, self._embedding, self._lexical = memory, embedding, lexical

    def read(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10: half from the examples, half from the notes."""
        recalled = recall(self._memory, self._embedding.cache, passages)
        return EXAMPLE_SHARE * recalled + (1 - EXAMPLE_SHARE) * self.read_notes(passages)

    def read_notes(self, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10: the notes alone, half by embedding and half by lookup."""
        report = note_report(self.notes)
        if report is None:
            return np.zeros(len(passages.words))
        by_meaning, by_word = self._embedding.read(report, passages), self._lexical.read(report, passages)
        return (1 - LEXICAL_SHARE) * by_meaning + LEXICAL_SHARE * by_word


class Learner:
    """Makes students.

    Args:
        encoder: of words and sentences.
        weights: of the embedding reader that reads the notes, fitted on the calibration split.
        cache: views shared with other readers of the same encoder; a pool is encoded once for all students.
    """

    def __init__(
        self, encoder: Encoder, weights: EmbeddingWeights | None = None, cache: ViewCache | None = None
    ) -> None:
        self._cache = cache or ViewCache(encoder)
        self._embedding = EmbeddingReader(encoder, weights, cache=self._cache)
        self._lexical = LookupReader()

    def study(self, lesson: Lesson) -> Student:
        """Teach a fresh student; nothing of an earlier lesson is left."""
        return Student(remember(lesson.examples, self._cache), lesson.notes, self._embedding, self._lexical)
