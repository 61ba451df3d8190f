"""The significance guardrail's nulls for reports in prose: the bank read by embedding (METHOD.md section 6).

A suite ships the nulls of the executable reader. Those of prose take half a minute a slice and pool, so they are made
where they are first needed, and kept on disk.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.encoder import Encoder, Vectors, ViewCache
from benchmark.statistics.ranks import PooledNull
from benchmark.suites.slices import slice_r
from benchmark.suites.suite import Suite
from benchmark.suites.tables import content_hash
from benchmark.units.unit import PoolKind
from synthetic_neurons.passages import Passages

# Part of every key: another way of making nulls has another number.
FORMAT = 1


class ProseNulls:
    """Nulls by slice and pool; each is made once by whoever needs it first, and others wait for it.

    Bank, mask of strangers and pooling are those of the executable reader's nulls; only the reader differs.

    Args:
        suite: a frozen suite.
        reader: the embedding reader as the suite calibrated it.
        folder: where nulls are kept.
    """

    def __init__(self, suite: Suite, reader: EmbeddingReader, folder: Path) -> None:
        self._suite, self._folder = suite, folder
        self._reader = _passing(reader)
        self._made: dict[tuple[str, PoolKind], PooledNull] = {}

    def of(self, slice_name: str, kind: PoolKind) -> PooledNull:
        """The null of one practice slice on one pool."""
        if (slice_name, kind) not in self._made:
            self._made[slice_name, kind] = PooledNull.from_arrays(self._arrays(slice_name, kind))
        return self._made[slice_name, kind]

    def path(self, slice_name: str, kind: PoolKind) -> Path:
        """Where a null is, or would be, kept: named by all that it depends on."""
        reader, suite = self._reader, self._suite
        stated = {"weights": reader.weights.to_json(), "threshold": reader.threshold, "encoder": reader.encoder.name}
        key = content_hash({"format": FORMAT, "suite": suite.hash, "bank": suite.bank_hash, **stated})
        return self._folder / f"{suite.name}-{slice_name}-{kind}-{key[:32]}.safetensors"

    def _arrays(self, slice_name: str, kind: PoolKind) -> Mapping[str, NDArray[Any]]:
        """A null as it is stored, whether it was or has just been."""
        path = self.path(slice_name, kind)
        if (found := _read(path)) is not None:
            return found
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            if (found := _read(path)) is None:
                found = self.make(slice_name, kind).to_arrays()
                _write(path, found)
        return found

    def make(self, slice_name: str, kind: PoolKind) -> PooledNull:
        """Read the bank on the slice's items of all units of the pool; nothing is stored."""
        suite, pool = self._suite, self._suite.pool(kind)
        units = [unit for unit in suite.units if unit.pool == kind]
        items = [suite.items(unit, slice_name) for unit in units]
        r, _ = slice_r(items, [each.report for each in suite.bank.reports], self._reader)
        allowed = suite.bank.mask[[suite.order[unit.identifier] for unit in units]]
        return PooledNull.of_bank(r, allowed, np.array([pool.firing_rate(unit.identifier) for unit in units]))


class _Passing:
    """An encoder for windows that are read once: nothing of theirs is worth a file of 40 MB.

    Args:
        encoder: asked for sentences and lone words, which it may store.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = encoder.name, encoder
        # What stores embeddings says what makes them.
        self._maker: Encoder = getattr(encoder, "encoder", encoder)

    def sentences(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.sentences(texts)

    def word_types(self, vocabulary: Sequence[str]) -> Vectors:
        return self._encoder.word_types(vocabulary)

    def words_in_context(self, passages: Passages) -> NDArray[np.floating]:
        """Rounded as they are where they are stored, so that a p does not depend on it."""
        return self._maker.words_in_context(passages).astype(np.float16)


def _passing(reader: EmbeddingReader) -> EmbeddingReader:
    """The same reader with views of its own, of which it holds the newest alone."""
    encoder = _Passing(reader.encoder)
    return EmbeddingReader(encoder, reader.weights, reader.threshold, _Aside(reader.cache, encoder))


class _Aside(ViewCache):
    """Views of which the newest alone is held; the vectors of words alone are common with another cache."""

    def __init__(self, cache: ViewCache, encoder: Encoder) -> None:
        super().__init__(encoder, words=0)
        self._type_vectors = cache._type_vectors


def _read(path: Path) -> dict[str, NDArray[Any]] | None:
    """What is stored; None where there is nothing, or nothing sound."""
    try:
        found = load(path.read_bytes())
    except (FileNotFoundError, SafetensorError):
        return None
    pools = int(found["stratum"].max()) + 1 if {"mean", "sd", "stratum"} <= set(found) else 0
    return found if pools and all(f"pool_{each}" in found for each in range(pools)) else None


def _write(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """The file appears whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem[:16], suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(save({each: np.ascontiguousarray(value) for each, value in arrays.items()}))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
