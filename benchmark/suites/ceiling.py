"""The supervised ceiling of found and randomised units: a model trained on many teach labels (METHOD.md section 3).

It reads no report. Per-word features are shrunk means of the unit over the word, over the word with its predecessor,
and over the predecessor alone, and the MiniLM vector of the word in its window; a ridge regression weighs them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from benchmark.exam.cross_examination import dequantise, quantise
from benchmark.exam.grading import simulation_accuracy
from benchmark.readers.embedding_cache import CachedEncoder
from benchmark.readers.encoder import Encoder
from benchmark.statistics.weighted import rows_r
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.embeddings import MiniLM
from benchmark.suites.fields import Field
from benchmark.suites.suite import Suite
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

TRAIN_WINDOWS = 6000
SHRINK = 2.0
RIDGE = 30.0


def _keys(passages: Passages) -> list[list[str]]:
    """Three n-gram keys a word: word, predecessor and word, predecessor."""
    words = [word.lower() for word in passages.words]
    before = ["^" if place == 0 else words[i - 1] for i, place in enumerate(passages.place)]
    return [words, [f"{a} {b}" for a, b in zip(before, words, strict=True)], before]


class _Table:
    """Shrunk means of a target by key; unknown keys give 0."""

    def __init__(self, keys: Sequence[str], target: Floats) -> None:
        self.index = {key: i for i, key in enumerate(dict.fromkeys(keys))}
        where = np.array([self.index[key] for key in keys])
        self.total = np.bincount(where, target, minlength=len(self.index))
        self.count = np.bincount(where, minlength=len(self.index))

    def means(self, keys: Sequence[str], leave_out: Floats | None = None) -> Floats:
        """float64 [keys]; `leave_out` removes each word's own value, so that training rows do not see their label."""
        where = np.array([self.index.get(key, -1) for key in keys])
        known = where >= 0
        total, count = np.where(known, self.total[where], 0.0), np.where(known, self.count[where], 0.0)
        if leave_out is not None:
            total, count = total - leave_out, count - 1
        return total / (count + SHRINK)


def _prediction(
    unit_train: Floats,
    train: tuple[list[list[str]], NDArray[Any]],
    tests: Sequence[tuple[list[list[str]], NDArray[Any]]],
) -> list[Floats]:
    keys, vectors = train
    tables = [_Table(each, unit_train) for each in keys]
    features = np.stack([table.means(each, unit_train) for table, each in zip(tables, keys, strict=True)], axis=1)
    scale = max(float(unit_train.std()), 1e-9)
    model = Ridge(alpha=RIDGE).fit(np.hstack([features / scale, vectors]), unit_train / scale)
    made = []
    for test_keys, test_vectors in tests:
        columns = np.stack([table.means(each) for table, each in zip(tables, test_keys, strict=True)], axis=1)
        made.append(np.maximum(model.predict(np.hstack([columns / scale, test_vectors])), 0))
    return made


def supervised_ceilings(
    units: Sequence[Unit], natural: Mapping[str, Field], suite: Suite, encoder: Encoder | None = None
) -> dict[str, dict[str, Any]]:
    """The ceilings of the found and randomised tiers, their strata and halves: mean r on the pool, simulation accuracy.

    Levels are scaled so that the threshold for "fires" is a tenth of the greatest prediction.
    """
    encoder = encoder or CachedEncoder(MiniLM(), cache_folder() / "embeddings")
    field = natural["teach"]
    stop = int(field.passages.first[min(TRAIN_WINDOWS, len(field.passages))])
    teach = Passages.of(field.passages.texts[:TRAIN_WINDOWS])
    train = (_keys(teach), np.asarray(encoder.words_in_context(teach), dtype=np.float32))
    pool = suite.pool("natural")
    pool_side = (_keys(pool.passages), np.asarray(encoder.words_in_context(pool.passages), dtype=np.float32))
    scores: dict[str, list[tuple[float, float]]] = {}
    for unit in [each for each in units if each.tier in ("found", "randomised")]:
        own = suite.items(unit, "own")
        own_side = (_keys(own.passages), np.asarray(encoder.words_in_context(own.passages), dtype=np.float32))
        on_pool, on_own = _prediction(field.words(unit)[:stop], train, (pool_side, own_side))
        r = rows_r(pool.rows[unit.identifier], on_pool, pool.word_weight)
        levels = dequantise(quantise(np.clip(10 * on_own / max(float(on_pool.max()), 1e-9), 0, 10)))
        for key in ("*", unit.family, str(unit.notes["group"])):
            scores.setdefault(f"{unit.tier}/{key}/*", []).append((r, simulation_accuracy(own, levels, 1.0)))
    return {
        key: {
            "r": round(float(np.mean([r for r, _ in values])), 4),
            "simulation_accuracy": round(float(np.mean([a for _, a in values])), 4),
            "source": "supervised ceiling",
        }
        for key, values in scores.items()
    }
