"""Cross-examination: stored predictions, who may be a stranger to whom, and discrimination (METHOD.md section 4)."""

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import Pool
from benchmark.explainers.report import MAX_LEVEL
from benchmark.statistics.weighted import truths_r
from synthetic_neurons.passages import Floats, Ints

STRANGER_LIMIT = 0.1
_STEPS = 255

Bools = NDArray[np.bool_]
Levels = NDArray[np.uint8]


def quantise(levels: Floats) -> Levels:
    """Levels 0 to 10 as uint8, 0 to 255, halves rounded up; values outside are clipped.

    Raises:
        ValueError: a level is not finite.
    """
    if not np.isfinite(levels).all():
        raise ValueError("a level is not finite; a reader must return a level from 0 to 10 for every word")
    scaled = np.clip(levels, 0.0, MAX_LEVEL) * (_STEPS / MAX_LEVEL)
    return np.floor(scaled + 0.5).astype(np.uint8)


def dequantise(stored: Levels) -> Floats:
    """What `quantise` stored, as levels 0 to 10; off by at most 10/510."""
    levels: Floats = stored.astype(np.float64) * (MAX_LEVEL / _STEPS)
    return levels


def stored_threshold(threshold: float) -> int:
    """The stored value from which a word counts as predicted to fire; a stored 0 never does.

    Compare stored predictions with this and not `dequantise` with the threshold: rounding could put a level that equals
    the threshold below it.
    """
    return max(1, int(quantise(np.array([threshold]))[0]))


def level_threshold(threshold: float) -> float:
    """The reader's threshold as dequantised predictions meet it.

    Rounding can put a level that equals the threshold just below it, so stored predictions are compared with this.
    """
    return float(dequantise(np.array([stored_threshold(threshold)], dtype=np.uint8))[0])


def stranger_mask(source_r: Floats, report_r: Floats | None = None, limit: float = STRANGER_LIMIT) -> Bools:
    """Which bank reports may serve as strangers on which units: those unrelated to the unit.

    Args:
        source_r: float64 [units, reports], r of the truth of the report's source with the unit's; NaN if the source has
            no truth on this pool.
        report_r: float64 [units, reports], r of the report's own predicate with the unit; NaN if it has no predicate.
        limit: a correlation must be below it.

    Returns:
        bool [units, reports]; a report of which neither correlation is known is no stranger to anyone.
    """
    own = np.full_like(source_r, np.nan) if report_r is None else report_r
    known = ~(np.isnan(source_r) & np.isnan(own))
    # A comparison with NaN is False, so an unknown correlation does not forbid.
    return np.asarray(known & ~(source_r >= limit) & ~(own >= limit), dtype=bool)


def truth_correlations(pool: Pool) -> Floats:
    """float64 [units, units]: how the truths of a pool's units correlate; rows are examined units, columns sources."""
    return truths_r(list(pool.rows.values()), pool.word_weight)


def report_features(prediction: Levels, word_weight: Floats, threshold: float, text: str) -> Floats:
    """(log predicted firing rate, log length in characters): what strangers are matched on.

    Args:
        prediction: uint8 [words], from `quantise`.
        word_weight: float64 [words].
        threshold: the reader's, a level.
        text: the report.

    Returns:
        float64 [2], finite: a report that never fires counts as firing on half a word.
    """
    words = max(1, len(prediction))
    total = float(word_weight.sum())
    rate = float(word_weight @ (prediction >= stored_threshold(threshold))) / total if total > 0 else 0.0
    return np.log([max(rate, 0.5 / words), max(1, len(text.strip()))])


def discrimination(r: Floats, own: Ints | None = None) -> Ints:
    """The rank of each report's own unit among all units, by the report's r on them; 1 is best, ties count against.

    Args:
        r: float64 [units, reports].
        own: int64 [reports], each report's own unit; None if report i is unit i's.
    """
    units = np.arange(r.shape[1]) if own is None else own
    mine = r[units, np.arange(r.shape[1])]
    ranks: Ints = (r >= mine - 1e-12).sum(axis=0)
    return ranks
