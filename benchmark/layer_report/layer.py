"""A layer's latents on the natural text of the split: their activations, and which of them can be explained at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from benchmark.calibration.teaching import LEAST_FIRING
from benchmark.exam.items import Rows
from benchmark.harvest.source import Bools
from benchmark.subjects.readings import Readings
from benchmark.subjects.windows import Window
from benchmark.suites.homes import Dwelling, Home
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import TypeSimilarity
from benchmark.suites.selection import SILENT_WINDOWS
from benchmark.suites.sources import natural_windows
from synthetic_neurons.passages import Floats, Ints, Passages

Say = Callable[[str], None]
Kind = Literal["dead", "too rare to teach", "too rare to examine", "always on", "too dense", "explainable"]
KINDS: tuple[Kind, ...] = ("explainable", "dead", "too rare to teach", "too rare to examine", "too dense", "always on")
PARTS = ("teach", "exam")
RECIPE = Recipe("layer-report", seed=0)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer, read on the split's teach and exam windows.

    Attributes:
        facts: what decides the activations.
        readings: by part, the values of all latents.
        documents: by part, how many documents its windows are of; no two parts share one.
        similarity: embeddings of word types, for near-misses.
    """

    facts: Mapping[str, str]
    readings: Mapping[str, Readings]
    documents: Mapping[str, int]
    similarity: TypeSimilarity

    @property
    def width(self) -> int:
        """How many latents there are."""
        return len(self.readings["exam"].columns)

    @property
    def teach(self) -> Passages:
        """The windows that explainers are shown."""
        return self.readings["teach"].passages

    @property
    def exam(self) -> Passages:
        """The windows that reports are examined on; every one, so each weighs the same."""
        return self.readings["exam"].passages

    @cached_property
    def census(self) -> list[Kind]:
        """What each latent is, by how often it fires; no report was looked at."""
        fires = {part: windows_firing(each) for part, each in self.readings.items()}
        rate = self.readings["exam"].firing_rates()
        silent = len(self.teach) - fires["teach"]
        return [
            _kind(*each)
            for each in zip(
                fires["teach"].tolist(), fires["exam"].tolist(), silent.tolist(), rate.tolist(), strict=True
            )
        ]

    @property
    def explainable(self) -> list[int]:
        """Numbers of the latents that can be explained and examined."""
        return [number for number, kind in enumerate(self.census) if kind == "explainable"]

    @cached_property
    def token_counts(self) -> Floats:
        """float64 [exam words]: each word's tokens that count; all latents share it."""
        read = self.readings["exam"]
        counts: Floats = np.bincount(read.word_of[read.kept], minlength=len(self.exam.words)).astype(float)
        return counts

    def rows(self, latent: int) -> Rows:
        """One latent's truth on the exam, on the subject's tokens."""
        read = self.readings["exam"]
        token, value = read.on(latent)
        counted = read.kept[token]
        words, place = np.unique(read.word_of[token[counted]], return_inverse=True)
        value = value[counted]
        total, square = (np.bincount(place, each).astype(float) for each in (value, value**2))
        return Rows(self.token_counts, words, total, square)

    def rows_of_words(self, values: Floats) -> Rows:
        """The truth of a unit with one value a word, as null units have it, written to all of the word's tokens."""
        words = np.flatnonzero((values != 0) & (self.token_counts > 0))
        some, counts = values[words], self.token_counts[words]
        return Rows(self.token_counts, words, some * counts, some**2 * counts)


def _kind(teach: int, exam: int, silent: int, rate: float) -> Kind:
    if rate >= RECIPE.always_on:
        return "always on"
    if silent < SILENT_WINDOWS:
        return "too dense"
    if not teach and not exam:
        return "dead"
    if teach < LEAST_FIRING:
        return "too rare to teach"
    return "explainable" if exam >= RECIPE.minimum_positives else "too rare to examine"


def windows_firing(read: Readings) -> Ints:
    """int64 [columns]: in how many windows each unit fires."""
    text_of = read.passages.text_of[read.word_of]
    return np.array([len(np.unique(text_of[read.on(column)[0]])) for column in read.columns], dtype=np.int64)


def spread_over(windows: Sequence[Window], most: int | None) -> list[Window]:
    """At most `most` of the windows, evenly spread."""
    if most is None or len(windows) <= most:
        return list(windows)
    places = np.linspace(0, len(windows) - 1, most).round().astype(int)
    return [windows[int(place)] for place in places]


def open_layer(home: Home, windows: int | None, say: Say) -> tuple[Layer, Dwelling]:
    """Cut the text, read all latents on it (from the cache where they were read before), and embed its word types.

    Raises:
        SplitError: a document, or eight words in a row, stand on both sides of the split.
    """
    from benchmark.readers.embedding_cache import CachedEncoder
    from benchmark.subjects.embedded import cache_folder
    from benchmark.subjects.embeddings import MiniLM

    dwelling = Dwelling(home, say)
    cut = {part: spread_over(some, windows) for part, some in natural_windows(dwelling.tokenizer, PARTS).items()}
    documents = {part: {window.document for window in some} for part, some in cut.items()}
    assert_apart(documents)
    columns = list(range(dwelling.width))
    readings = {part: dwelling.read([window.text for window in cut[part]], columns) for part in PARTS}
    encoder = CachedEncoder(MiniLM(), cache_folder() / "embeddings")
    types = sorted({word.lower() for part in PARTS for word in readings[part].passages.vocabulary})
    similarity = TypeSimilarity(types, np.asarray(encoder.word_types(types), dtype=np.float32))
    counts = {part: len(names) for part, names in documents.items()}
    return Layer(dwelling.facts, readings, counts, similarity), dwelling


def assert_apart(documents: Mapping[str, set[str]]) -> None:
    """Refuse parts that share a document; that they share no eight words is asserted where they are cut.

    Raises:
        SplitError: with a document that is on both sides.
    """
    from benchmark.units.split import SplitError

    if shared := set.intersection(*documents.values()):
        raise SplitError(f"document {min(shared)!r} is in {' and in '.join(documents)}")


def sampled(layer: Layer, count: int | None, seed: int) -> list[int]:
    """Latents drawn by lot among those that can be explained; a larger sample begins with a smaller one.

    Raises:
        ReportError: there are fewer.
    """
    from benchmark.layer_report.options import ReportError

    able = layer.explainable
    if count is not None and count > len(able):
        raise ReportError(
            f"viva report: sample={count} is more than the layer has: {layer.width:,} latents, of which "
            f"{len(able):,} can be explained; mend: sample=all"
        )
    drawn = np.random.default_rng([seed, 21]).permutation(able)
    return [int(each) for each in drawn[:count]]


def part_facts(layer: Layer) -> dict[str, Any]:
    """Of each part its documents, windows, words and tokens that count."""
    return {
        part: {
            "documents": layer.documents[part],
            "windows": len(read.passages),
            "words": len(read.passages.words),
            "tokens": int(np.asarray(read.kept, dtype=bool).sum()),
        }
        for part, read in layer.readings.items()
    }


def fires(values: Floats) -> Bools:
    """Bool [words]: above 0 (METHOD.md section 1)."""
    return np.asarray(values > 0, dtype=bool)
