"""The examiner: gives each reader its paper on one report, and grades practice slices for the laboratory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.cross_examination import dequantise, level_threshold, quantise
from benchmark.exam.grading import is_right, simulation_accuracy, weighted_items_r
from benchmark.exam.items import Items, Rows
from benchmark.explainers.report import Report
from benchmark.laboratory import OPEN_SLICE, SHIFTED_SLICE, SUBMISSION_SLICES, PracticeError, PracticeGrade
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights
from benchmark.readers.embedding_cache import CachedEncoder
from benchmark.readers.encoder import Encoder, ViewCache
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.readers.reader import Reader
from benchmark.statistics.ranks import PooledNull, RankP
from benchmark.students.arms import comprehension_gain, lessons
from benchmark.students.learner import Learner
from benchmark.students.lesson import Lesson
from benchmark.suites.suite import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats

READERS = ("executable", "embedding", "lookup")
STOP_ACCURACY = 0.9
VIEW_WORDS = 600_000
SLICES = (OPEN_SLICE, *SUBMISSION_SLICES, SHIFTED_SLICE)
Levels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Paper:
    """Predictions of one reader from one report, as stored levels 0 to 255.

    Attributes:
        pool: uint8 [words of the unit's pool].
        own: uint8 [words of the unit's own items].
        shifted: uint8 [words of the unit's shifted items].
    """

    pool: Levels
    own: Levels
    shifted: Levels

    def is_right(self, rows: Rows, word_weight: Floats, threshold: float) -> bool:
        """Whether the report is right about a trivial unit, on the pool and beside it (`benchmark.exam.grading`)."""
        elsewhere = dequantise(np.concatenate([self.own, self.shifted]))
        return is_right(rows, dequantise(self.pool), word_weight, threshold, elsewhere)


@dataclass
class Examiner:
    """Readers as a suite calibrated them, over that suite's pools and items.

    Args:
        suite: a frozen suite.
        encoder: of words and sentences; made and cached on disk if None.
        cache: where embeddings of the pools are kept.
    """

    suite: Suite
    encoder: Encoder | None = None
    cache: Path | None = None
    readers: dict[str, Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.encoder is None:
            from benchmark.subjects.embedded import cache_folder
            from benchmark.subjects.embeddings import MiniLM

            self.encoder = CachedEncoder(MiniLM(), (self.cache or cache_folder()) / "embeddings")
        stated = self.suite.manifest["readers"]
        weights = EmbeddingWeights.from_json(stated["embedding"]["weights"])
        # Room for both pools and every unit's items, so that no explainer pays for the views again.
        views = ViewCache(self.encoder, words=VIEW_WORDS)
        embedding = EmbeddingReader(self.encoder, weights, stated["embedding"]["threshold"], views)
        self.readers = {
            "executable": ExecutableReader(stated["executable"]["threshold"]),
            "embedding": embedding,
            "lookup": LookupReader(stated["lookup"]["threshold"]),
        }
        self._learner = Learner(self.encoder, weights, embedding.cache)
        self._scores: dict[tuple[str, str], float] = {}

    def papers(self, unit: Unit, report: Report, readers: Sequence[str] = READERS) -> dict[str, Paper]:
        """One paper a chosen reader that can read the report; predictions are made from the report alone."""
        texts = (
            self.suite.pool(unit.pool).passages,
            self.suite.items(unit, "own").passages,
            self.suite.items(unit, "shifted").passages,
        )
        papers = {}
        for name, reader in ((name, self.readers[name]) for name in readers):
            levels = [reader.read(report, passages) for passages in texts]
            if levels[0] is not None:
                papers[name] = Paper(*(quantise(each) for each in levels if each is not None))
        return papers

    def gain(self, unit: Unit, report: Report, placebo: Report) -> float:
        """Comprehension gain of the learner on the own items: lesson over placebo lesson, same examples in both."""
        arms = lessons(report, placebo, self.suite.exemplars(unit))
        return comprehension_gain(self._taught(unit, arms["lesson"]), self._taught(unit, arms["placebo"]))

    def _taught(self, unit: Unit, lesson: Lesson) -> float:
        """What a student scores on the own items; by its notes, since a unit's lessons have the same examples."""
        key = (unit.identifier, lesson.notes)
        if key not in self._scores:
            items = self.suite.items(unit, "own")
            self._scores[key] = weighted_items_r(items, self._learner.study(lesson).read(items.passages))
        return self._scores[key]

    def practice(self, unit: Unit) -> "Practice":
        """The practice room of one unit."""
        return Practice(self, unit)


@dataclass(frozen=True)
class Practice:
    """Grades reports on the unit's practice slices: by the executable reader, or by the embedding reader."""

    examiner: Examiner
    unit: Unit

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        """Grade `report`; P0 passes by the stopping rule (METHOD.md section 3), P1 to P4 return their rank p.

        Raises:
            PracticeError: an unknown slice, or a p is asked for a report without predicates.
        """
        suite = self.examiner.suite
        if slice_name not in SLICES:
            # A suite keeps the exam's items beside the practice slices; here they must not be had by any name.
            raise PracticeError(f"{suite.name} has no practice slice {slice_name!r}; choose from {', '.join(SLICES)}")
        items = suite.items(self.unit, slice_name)
        readers = self.examiner.readers["executable"], self.examiner.readers["embedding"]
        return practice_grade(report, slice_name, items, readers, self._rank, float(suite.manifest["stop_r"]))

    def _rank(self, slice_name: str, r: float) -> RankP | None:
        """Where r stands among the bank's; nowhere on a trivial unit, with which nothing correlates."""
        if self.unit.pool == "trivial":
            return None
        return _slice_null(self.examiner.suite, slice_name, self.unit.pool).p(self._place(), r)

    def _place(self) -> int:
        return [unit.identifier for unit in self.examiner.suite.units if unit.pool == self.unit.pool].index(
            self.unit.identifier
        )


def practice_grade(
    report: Report,
    slice_name: str,
    items: Items,
    readers: tuple[Reader, Reader],
    rank: Callable[[str, float], RankP | None],
    stop_r: float,
) -> PracticeGrade:
    """Grade a report on the items of one practice slice.

    Args:
        report: with predicates for all claims, or in prose.
        slice_name: one of `SLICES`.
        items: the slice's.
        readers: of reports with predicates, and of the others.
        rank: where an r stands on a slice among strangers' reports; None where nothing can be ranked.
        stop_r: the r above which a report may pass.

    Raises:
        PracticeError: a p is asked for a report without predicates.
    """
    if not report.has_predicates and slice_name in SUBMISSION_SLICES:
        raise PracticeError(
            f"the null of {slice_name} is for reports with predicates only; give predicates, or switch the "
            "significance guardrail off"
        )
    reader = readers[0 if report.has_predicates else 1]
    levels = reader.read(report, items.passages)
    assert levels is not None
    prediction = dequantise(quantise(levels))
    r = weighted_items_r(items, prediction)
    accuracy = simulation_accuracy(items, prediction, level_threshold(reader.threshold))
    found = rank(slice_name, r) if report.has_predicates else None
    p, z = (found.p, found.z) if found else (1.0, 0.0)
    return PracticeGrade(slice_name, r, accuracy, p, z, passed=accuracy > STOP_ACCURACY and r > stop_r)


@lru_cache(maxsize=32)
def _slice_null(suite: Suite, slice_name: str, kind: str) -> PooledNull:
    prefix = f"{slice_name}/{kind}/"
    arrays = {name.removeprefix(prefix): value for name, value in suite.bank.nulls.items() if name.startswith(prefix)}
    return PooledNull.from_arrays(arrays)
