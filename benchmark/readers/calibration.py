"""Calibration of readers: embedding weights, and one threshold a reader (METHOD.md section 1)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmark.exam.items import Items
from benchmark.explainers.report import MAX_LEVEL, Report
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights, similarities
from benchmark.readers.encoder import Encoder, Vectors, ViewCache
from benchmark.readers.reader import Reader, claims_to_read
from benchmark.statistics.weighted import weighted_r
from synthetic_neurons.passages import Floats

Pair = tuple[Report, Items]

# Candidate thresholds: 0.1, 0.2 … 10. A threshold of 0 would make a reader that says "fires" to everything.
THRESHOLDS: Floats = np.linspace(0.1, MAX_LEVEL, 100)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FLOORS = (0.0, 0.1, 0.2, 0.3, 0.4)
RANGES = (0.1, 0.2, 0.4)


def _hits(truth: np.ndarray, peaks: Floats) -> Floats:
    """float64 [thresholds]: balanced accuracy over windows. With one class alone, the accuracy on that class."""
    says = peaks[None, :] >= THRESHOLDS[:, None]
    right = [(says[:, kind] == value).mean(axis=1) for value in (True, False) if (kind := truth == value).any()]
    return np.mean(right, axis=0) if right else np.zeros(len(THRESHOLDS))


def fit_threshold(reader: Reader, pairs: Sequence[Pair]) -> float:
    """The level from which `reader` says that a window fires: one for the reader, never one for a report.

    Args:
        reader: any reader; its own threshold is not used and not changed.
        pairs: bank reports with the calibration items of the units they are about.

    Returns:
        The threshold of greatest mean balanced accuracy over the pairs (a window fires where its greatest word does);
        among equals the middle one, which leaves most room on both sides.

    Raises:
        ValueError: if the reader can read none of the reports.
    """
    curves = []
    for report, items in pairs:
        levels = reader.read(report, items.passages)
        if levels is not None:
            truth = items.passages.per_text_max(items.values) > 0
            curves.append(_hits(truth, items.passages.per_text_max(levels)))
    if not curves:
        raise ValueError(f"the {reader.name} reader can read none of the {len(pairs)} calibration reports")
    mean = np.mean(curves, axis=0)
    best = np.flatnonzero(mean >= mean.max() - 1e-12)
    return float(THRESHOLDS[best[(len(best) - 1) // 2]])


@dataclass(frozen=True, eq=False)
class _Case:
    """One pair, ready for the grid: cosines [claims, words], levels [claims, 1], truth and weight [words]."""

    word: Vectors
    type: Vectors
    window: Vectors
    level: Vectors
    truth: Floats
    weight: Floats

    def r(self, mixed: Vectors, weights: EmbeddingWeights) -> float:
        """Weighted r of the reading that `weights` give."""
        levels = (weights.share(mixed) * self.level).max(axis=0).astype(np.float64)
        return weighted_r(self.truth, levels, self.weight)


def _case(pair: Pair, encoder: Encoder, cache: ViewCache) -> _Case:
    report, items = pair
    claims = claims_to_read(report, "embedding")
    vectors = encoder.sentences([claim.text for claim in claims])
    cosines = similarities(vectors, cache.views(items.passages), items.passages)
    level = np.array([[claim.level] for claim in claims], dtype=np.float32)
    return _Case(*cosines, level, items.values, items.weight[items.passages.text_of])


def _mixtures() -> Iterator[tuple[float, float, float]]:
    """Shares of word, type and window that sum to one."""
    return ((a, b, 1 - a - b) for a, b in product(SHARES, SHARES) if a + b <= 1)


def fit(pairs: Sequence[Pair], encoder: Encoder, say: Callable[[str], None] = lambda line: None) -> EmbeddingWeights:
    """The embedding reader's weights of greatest mean weighted r over the pairs, from a grid of 225.

    Args:
        pairs: bank reports with the calibration items of the units they are about; abstentions are not reports.
        encoder: of the reader.
        say: told the best r.

    Returns:
        The best weights; among equals the first of the grid. The same input gives the same weights.

    Raises:
        ValueError: without a pair.
    """
    if not pairs:
        raise ValueError("the embedding reader's weights need at least one calibration report; none was given")
    cache = ViewCache(encoder)
    cases = [_case(pair, encoder, cache) for pair in pairs]
    best, best_r = EmbeddingWeights(), -np.inf
    for a, b, c in _mixtures():
        mixed = [EmbeddingWeights(a, b, c).mix(case.word, case.type, case.window) for case in cases]
        for floor, width in product(FLOORS, RANGES):
            weights = EmbeddingWeights(a, b, c, floor, floor + width)
            mean = float(np.mean([case.r(x, weights) for case, x in zip(cases, mixed, strict=True)]))
            if mean > best_r + 1e-12:
                best, best_r = weights, mean
    say(f"embedding weights {best.to_json()}: mean r {best_r:.3f} over {len(cases)} calibration reports")
    return best


def calibrate(encoder: Encoder, pairs: Sequence[Pair]) -> EmbeddingReader:
    """An embedding reader with fitted weights and a fitted threshold."""
    reader = EmbeddingReader(encoder, fit(pairs, encoder))
    reader.threshold = fit_threshold(reader, pairs)
    return reader
