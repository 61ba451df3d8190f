"""The supervised ceiling of found and randomised units: a model trained on many teach labels (METHOD.md section 3).

It reads no report. Per-word features are shrunk means of the unit over the word, over the word with its predecessor,
and over the predecessor alone, and the MiniLM vector of the word in its window; a ridge regression weighs them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
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
from synthetic_neurons.passages import Floats, Ints, Passages

TRAIN_WINDOWS = 6000
SHRINK = 2.0
RIDGE = 30.0


def _keys(passages: Passages) -> list[list[str]]:
    """Three n-gram keys a word: word, predecessor and word, predecessor."""
    words = [word.lower() for word in passages.words]
    before = ["^" if place == 0 else words[i - 1] for i, place in enumerate(passages.place)]
    return [words, [f"{a} {b}" for a, b in zip(before, words, strict=True)], before]


class _Side:
    """Words with the places of their keys among those that the model is trained on; the same for every unit.

    Args:
        passages: the words.
        encoder: of the words in their windows.
        known: the training side; None: this is it.
    """

    def __init__(self, passages: Passages, encoder: Encoder, known: "_Side | None" = None) -> None:
        keys = _keys(passages)
        self.index: list[dict[str, int]] = (
            [{key: i for i, key in enumerate(dict.fromkeys(each))} for each in keys] if known is None else known.index
        )
        places = zip(keys, self.index, strict=True)
        self.where = [np.array([index.get(key, -1) for key in each], dtype=np.int64) for each, index in places]
        self.vectors = np.asarray(encoder.words_in_context(passages), dtype=np.float32)


def _means(where: Ints, total: Floats, count: Floats, leave_out: Floats | None = None) -> Floats:
    """float64 [words]: shrunk means of a target by key; unknown keys give 0.

    Args:
        where: int64 [words], the place of each word's key, -1 for an unknown one.
        total: float64 [keys], the target's sum.
        count: float64 [keys].
        leave_out: float64 [words], each word's own value, removed so that training rows do not see their label.
    """
    known = where >= 0
    sums, counts = np.where(known, total[where], 0.0), np.where(known, count[where], 0.0)
    if leave_out is not None:
        sums, counts = sums - leave_out, counts - 1
    return sums / (counts + SHRINK)


def _prediction(target: Floats, train: _Side, tests: Sequence[_Side]) -> list[Floats]:
    """What the model that is trained on one unit predicts on each test side, never below 0."""
    tables: list[tuple[Floats, Floats]] = []
    for where, index in zip(train.where, train.index, strict=True):
        total, count = (np.bincount(where, each, len(index)) for each in (target, np.ones(len(target))))
        tables.append((total.astype(float), count.astype(float)))
    features = np.stack([_means(w, *table, target) for w, table in zip(train.where, tables, strict=True)], axis=1)
    scale = max(float(target.std()), 1e-9)
    model = Ridge(alpha=RIDGE).fit(np.hstack([features / scale, train.vectors]), target / scale)
    made = []
    for side in tests:
        columns = np.stack([_means(w, *table) for w, table in zip(side.where, tables, strict=True)], axis=1)
        made.append(np.maximum(model.predict(np.hstack([columns / scale, side.vectors])), 0))
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
    train = _Side(teach, encoder)
    pool = suite.pool("natural")
    pool_side = _Side(pool.passages, encoder, train)
    scores: dict[str, list[tuple[float, float]]] = {}
    for unit in [each for each in units if each.tier in ("found", "randomised")]:
        own = suite.items(unit, "own")
        own_side = _Side(own.passages, encoder, train)
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
