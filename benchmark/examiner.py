"""The examiner: gives each reader its paper on one report, and grades practice slices for the laboratory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.claim_gains import ClaimGrade, claim_grades
from benchmark.exam.cross_examination import dequantise, level_threshold, quantise
from benchmark.exam.grading import is_right, simulation_accuracy, weighted_items_r
from benchmark.exam.items import Items, Rows
from benchmark.exam.trigger_free import FreeGrade, FreeItems, FreeMasks, count_free, free_masks, grade_free
from benchmark.explainers.report import Report
from benchmark.laboratory import OPEN_SLICE, SHIFTED_SLICE, SUBMISSION_SLICES, PracticeError, PracticeGrade
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights
from benchmark.readers.embedding_cache import CachedEncoder
from benchmark.readers.encoder import Encoder, ViewCache
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.readers.reader import Reader, claims_to_read
from benchmark.statistics.ranks import PooledNull, RankP
from benchmark.students.arms import comprehension_gain, lessons
from benchmark.students.learner import Learner
from benchmark.students.lesson import Lesson
from benchmark.suites.prose_nulls import ProseNulls
from benchmark.suites.suite import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

READERS = ("executable", "embedding", "lookup")
STOP_ACCURACY = 0.9
VIEW_WORDS = 600_000
SLICES = (OPEN_SLICE, *SUBMISSION_SLICES, SHIFTED_SLICE)
# P-free is made of these.
FREE_SLICES = (OPEN_SLICE, SHIFTED_SLICE)
Levels = NDArray[np.uint8]
Rank = Callable[[str, float], RankP | None]


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
        cache: where embeddings of the pools are kept, and nulls for reports in prose.
    """

    suite: Suite
    encoder: Encoder | None = None
    cache: Path | None = None
    readers: dict[str, Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from benchmark.subjects.embedded import cache_folder

        folder = self.cache or cache_folder()
        if self.encoder is None:
            from benchmark.subjects.embeddings import MiniLM

            self.encoder = CachedEncoder(MiniLM(), folder / "embeddings")
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
        self.prose_nulls = ProseNulls(self.suite, embedding, folder / "prose-nulls")
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
            PracticeError: an unknown slice.
        """
        suite = self.examiner.suite
        if slice_name not in SLICES:
            # A suite keeps the exam's items beside the practice slices; here they must not be had by any name.
            raise PracticeError(f"{suite.name} has no practice slice {slice_name!r}; choose from {', '.join(SLICES)}")
        items = suite.items(self.unit, slice_name)
        stop_r = float(suite.manifest["stop_r"])
        return practice_grade(report, slice_name, items, self._readers, self._rank, stop_r, self._prose_rank)

    def free_items(self) -> FreeItems:
        """How many items P-free has: firing items of P0 and P-ood, and what is silent in P-ood."""
        return count_free(self._free(self._free_slices()))

    def grade_free(self, report: Report) -> FreeGrade:
        """Grade `report` on P-free; the reader is the one of all practice grades."""
        items = self._free_slices()
        return free_grade(report, items, self._free(items), self._readers)

    def grade_claims(self, report: Report, slice_name: str) -> list[ClaimGrade]:
        """What each claim of `report` adds on `slice_name`; empty where the unit is constant there."""
        return claim_account(report, self.examiner.suite.items(self.unit, slice_name), self._readers)

    @property
    def _readers(self) -> tuple[Reader, Reader]:
        return self.examiner.readers["executable"], self.examiner.readers["embedding"]

    def _free_slices(self) -> list[Items]:
        return [self.examiner.suite.items(self.unit, name) for name in FREE_SLICES]

    def _free(self, slices: Sequence[Items]) -> list[FreeMasks]:
        """The items of `FREE_SLICES` by kind; near-misses and silent items are the shifted slice's."""
        firing = (each for each in self.examiner.suite.exemplars(self.unit) if each.stratum == "firing")
        pairs = (pair for each in firing for pair in zip(each.words, each.values, strict=True))
        triggers = {word.lower() for word, value in pairs if value > 0}
        return [
            free_masks(items, triggers, self.unit.scale, negatives=name == SHIFTED_SLICE)
            for name, items in zip(FREE_SLICES, slices, strict=True)
        ]

    def _rank(self, slice_name: str, r: float) -> RankP | None:
        """Where r stands among the bank's; nowhere on a trivial unit, with which nothing correlates."""
        if self.unit.pool == "trivial":
            return None
        return _slice_null(self.examiner.suite, slice_name, self.unit.pool).p(self._place(), r)

    def _prose_rank(self, slice_name: str, r: float) -> RankP | None:
        """Where r stands among the bank's as the embedding reader reads them."""
        if self.unit.pool == "trivial":
            return None
        return self.examiner.prose_nulls.of(slice_name, self.unit.pool).p(self._place(), r)

    def _place(self) -> int:
        return [unit.identifier for unit in self.examiner.suite.units if unit.pool == self.unit.pool].index(
            self.unit.identifier
        )


def practice_grade(
    report: Report,
    slice_name: str,
    items: Items,
    readers: tuple[Reader, Reader],
    rank: Rank,
    stop_r: float,
    prose_rank: Rank | None = None,
) -> PracticeGrade:
    """Grade a report on the items of one practice slice.

    Args:
        report: with predicates for all claims, or in prose.
        slice_name: one of `SLICES`.
        items: the slice's.
        readers: of reports with predicates, and of the others.
        rank: where an r stands on a slice among strangers' reports; None where nothing can be ranked.
        stop_r: the r above which a report may pass.
        prose_rank: as `rank`, of what the second reader has read; None where nobody made such nulls.

    Raises:
        PracticeError: a p is asked for a report without predicates, and there is no `prose_rank`.
    """
    submitted = slice_name in SUBMISSION_SLICES
    if not report.has_predicates and submitted and prose_rank is None:
        raise PracticeError(
            f"the null of {slice_name} is for reports with predicates only; give predicates, or switch the "
            "significance guardrail off"
        )
    reader = _reader(report, readers)
    prediction = _prediction(report, items, reader)
    r = weighted_items_r(items, prediction)
    accuracy = simulation_accuracy(items, prediction, level_threshold(reader.threshold))
    if not report.has_predicates:
        # A p is had on submission alone: nulls of prose take half a minute to make.
        found = prose_rank(slice_name, r) if prose_rank and submitted else None
    else:
        found = rank(slice_name, r)
    p, z = (found.p, found.z) if found else (1.0, 0.0)
    return PracticeGrade(slice_name, r, accuracy, p, z, passed=accuracy > STOP_ACCURACY and r > stop_r)


def practice_levels(report: Report, passages: Passages, executable: Reader, embedding: Reader) -> Floats:
    """float64 [words], levels 0 to 10, as practice reads a report; prose below its reader's threshold is silence."""
    if report.has_predicates:
        run = executable.read(report, passages)
        assert run is not None
        return run
    levels = embedding.read(report, passages)
    assert levels is not None
    silenced: Floats = np.where(levels >= embedding.threshold, levels, 0.0)
    return silenced


def free_grade(
    report: Report, slices: Sequence[Items], masks: Sequence[FreeMasks], readers: tuple[Reader, Reader]
) -> FreeGrade:
    """Grade a report on trigger-free positives, ordinary ones and negatives; `readers` as in `practice_grade`."""
    reader = _reader(report, readers)
    levels = [_prediction(report, items, reader) for items in slices]
    return grade_free(masks, slices, levels, level_threshold(reader.threshold))


def claim_account(report: Report, items: Items, readers: tuple[Reader, Reader]) -> list[ClaimGrade]:
    """What each claim adds on one slice, and how often it fires; `readers` as in `practice_grade`."""
    reader = _reader(report, readers)
    alone = [Report(claim.text, (claim,)) for claim in claims_to_read(report, reader.name)]
    return claim_grades(items, [_prediction(each, items, reader) for each in alone], level_threshold(reader.threshold))


def _reader(report: Report, readers: tuple[Reader, Reader]) -> Reader:
    return readers[0 if report.has_predicates else 1]


def _prediction(report: Report, items: Items, reader: Reader) -> Floats:
    levels = reader.read(report, items.passages)
    assert levels is not None
    return dequantise(quantise(levels))


@lru_cache(maxsize=32)
def _slice_null(suite: Suite, slice_name: str, kind: str) -> PooledNull:
    prefix = f"{slice_name}/{kind}/"
    arrays = {name.removeprefix(prefix): value for name, value in suite.bank.nulls.items() if name.startswith(prefix)}
    return PooledNull.from_arrays(arrays)
