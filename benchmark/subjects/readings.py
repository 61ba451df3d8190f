"""Readings: what units do on every token of some windows, sparse, in resumable shards.

`viva harvest` keeps samples of a corpus of any size (`benchmark.harvest`). A suite is frozen from readings instead: its
items and pools are drawn from every window of a split, so every value on every token has to be at hand. Both measure by
`FeatureSource.encode`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.source import Activations, Bools
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.shards import BATCH_WINDOWS, SHARD_WINDOWS, read_shard, shard_key, write_shard
from benchmark.subjects.windows import tokenise
from synthetic_neurons.passages import Floats, Ints, Passages


class Reader(Protocol):
    """What readings are made with; a `benchmark.subjects.features.FeatureSource` is one."""

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units."""
        ...

    @property
    def facts(self) -> Mapping[str, str]:
        """What decides the values."""
        ...

    @property
    def tokenizer(self) -> Any:
        """The subject's."""
        ...

    def encode(self, rows: Sequence[Sequence[int]]) -> Activations:
        """Activations on token rows, in one forward pass."""
        ...


@dataclass(frozen=True, eq=False)
class _Part:
    """Values of one shard by unit: those of unit u are at `first[u]` to `first[u + 1]`.

    Attributes:
        first: int64 [units + 1].
        token: int32 [values], the place among the shard's tokens.
        value: float32 [values], above 0.
        base: tokens before this shard.
    """

    first: Ints
    token: NDArray[np.int32]
    value: NDArray[np.float32]
    base: int


@dataclass(frozen=True, eq=False)
class Readings:
    """What units do on some texts.

    Attributes:
        passages: the texts.
        word_of: int64 [tokens], the word each token belongs to.
        kept: bool [tokens], False on what does not count: special tokens, and places that the SAE was not trained on.
        columns: numbers of the units, as their SAE or layer has them.
    """

    passages: Passages
    word_of: Ints
    kept: Bools
    columns: tuple[int, ...]
    _parts: tuple[_Part, ...]

    @cached_property
    def _place(self) -> dict[int, int]:
        return {column: place for place, column in enumerate(self.columns)}

    def on(self, column: int) -> tuple[Ints, Floats]:
        """int64 and float64 [values]: the tokens on which a unit is on, ascending, and how strongly."""
        place = self._place[column]
        cuts = [(part, slice(*part.first[place : place + 2])) for part in self._parts]
        empty = np.zeros(0, np.int64)
        token = np.concatenate([empty, *(part.token[cut] + np.int64(part.base) for part, cut in cuts)])
        return token, np.concatenate([np.zeros(0), *(part.value[cut].astype(np.float64) for part, cut in cuts)])

    def tokens(self, column: int) -> Floats:
        """float64 [tokens]: one unit's value on every token."""
        token, value = self.on(column)
        values = np.zeros(len(self.word_of))
        values[token] = value
        return values

    def words(self, column: int) -> Floats:
        """float64 [words]: one unit's greatest value among each word's tokens."""
        token, value = self.on(column)
        best = np.zeros(len(self.passages.words))
        np.maximum.at(best, self.word_of[token], value)
        return best

    def firing_rates(self) -> Floats:
        """float64 [columns]: the share of the tokens that count on which each unit is on."""
        counts = sum((np.diff(part.first) for part in self._parts), np.zeros(len(self.columns), np.int64))
        rates: Floats = counts / max(int(self.kept.sum()), 1)
        return rates


def read_texts(
    texts: Sequence[str],
    reader: Reader,
    columns: Sequence[int],
    offsets: Floats | None = None,
    say: Callable[[str], None] = lambda line: None,
    folder: Path | None = None,
) -> Readings:
    """Readings of many texts, in shards under the cache; shards that are there and whole are not redone.

    Args:
        texts: windows.
        reader: measures; its facts are part of each shard's key.
        columns: numbers of the reader's units, in its order.
        offsets: float64 [columns], taken off each unit's values before what is not above 0 is left out; None: 0.
            Neurons and directions fire above their 99th percentile (METHOD.md section 1).
        say: progress.
        folder: where shards lie; default: the cache.
    """
    home = folder or cache_folder() / "readings"
    home.mkdir(parents=True, exist_ok=True)
    below = np.zeros(len(columns)) if offsets is None else offsets
    which = [
        repr(sorted(_deciding(reader.facts).items())),
        repr(list(columns)),
        below.tobytes().hex() if below.any() else "",
    ]
    shards: list[dict[str, Any]] = []
    for start in range(0, len(texts), SHARD_WINDOWS):
        some = texts[start : start + SHARD_WINDOWS]
        path = home / f"{shard_key(some, 'readings-2', *which)}.safetensors"
        shard = read_shard(path)
        if shard is None:
            shard = _read(some, reader, below)
            write_shard(path, shard)
            say(f"read {start + len(some):,} of {len(texts):,} windows")
        shards.append(shard)
    return _join(Passages.of(texts), tuple(columns), shards)


def _deciding(facts: Mapping[str, str]) -> dict[str, str]:
    """What of a reader's facts a shard is kept under.

    Not the libraries' versions: every upgrade would read everything again. Nor names of what is known by the hash of
    its files, since they may be folders': a clone that was moved, or a second one, would read everything again.
    """
    named = {"subject": ("subject_sha256",), "units": ("sae_sha256", "directions_sha256")}
    known = {name for name, hashes in named.items() if any(each in facts for each in hashes)}
    return {name: value for name, value in facts.items() if name not in known | {"versions"}}


def _read(texts: Sequence[str], reader: Reader, offsets: Floats) -> dict[str, Any]:
    """One shard's arrays."""
    passages = Passages.of(texts)
    coded = tokenise(passages, reader.tokenizer)
    starts = np.cumsum([0, *map(len, coded.ids)])
    found: list[tuple[Ints, Ints, NDArray[np.float32]]] = []
    kept = np.zeros(len(coded.word_of), dtype=bool)
    order = sorted(range(len(texts)), key=lambda i: len(coded.ids[i]))
    for first in range(0, len(order), BATCH_WINDOWS):
        chosen = order[first : first + BATCH_WINDOWS]
        done = reader.encode([coded.ids[i] for i in chosen])
        # A batch's tokens, one text after the other, as places among the shard's.
        place = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in chosen])
        kept[place] = done.kept
        value = done.value - offsets[done.unit].astype(np.float32)
        on = value > 0
        found.append((place[done.token[on]], done.unit[on].astype(np.int64), value[on]))
    token, unit, value = (np.concatenate(each) for each in zip(*found, strict=True))
    by_unit = np.lexsort((token, unit))
    counts = np.bincount(unit, minlength=len(offsets))
    return {
        "first": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        "token": token[by_unit].astype(np.int32),
        "value": value[by_unit],
        "word_of": coded.word_of,
        "kept": kept,
    }


def _join(passages: Passages, columns: tuple[int, ...], shards: Sequence[Mapping[str, Any]]) -> Readings:
    words = [int(passages.first[min(i * SHARD_WINDOWS, len(passages))]) for i in range(len(shards))]
    tokens = np.cumsum([0, *(len(shard["word_of"]) for shard in shards)])
    parts = [
        _Part(shard["first"], shard["token"], shard["value"], int(base))
        for shard, (base, _) in zip(shards, pairwise(tokens), strict=True)
    ]
    word_of = [np.zeros(0, np.int64), *(shard["word_of"] + base for shard, base in zip(shards, words, strict=True))]
    kept = np.concatenate([np.zeros(0, dtype=bool), *(shard["kept"] for shard in shards)])
    return Readings(passages, np.concatenate(word_of), kept, columns, tuple(parts))
