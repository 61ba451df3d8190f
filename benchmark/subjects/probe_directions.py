"""Probed directions on disk, and their values on texts: everything a suite needs to serve the tier "probed".

A probed unit's value on a word is max(0, projection - offset) at the word's last token, where the projection is the
residual stream along the unit's direction and the offset its 99th percentile on the calibration part. So "fires"
(METHOD.md section 1: above the calibration 99th percentile) is a value above 0, as for latents.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from benchmark.errors import UserError
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.probe_fit import project
from benchmark.subjects.shards import SHARD_WINDOWS, read_shard, shard_key, write_shard
from benchmark.subjects.word_ends import Reader, WordEnds, last_tokens, word_ends
from synthetic_neurons.passages import Floats, Ints, Passages

CARD, WEIGHTS = "probes.json", "directions.safetensors"


class ProbeError(UserError):
    """Probed directions are missing or damaged; the message names the file and the mend."""


def shipped_probes() -> Path:
    """The probed directions that the package ships."""
    return Path(__file__).parents[1] / "suites" / "probes" / "embedded-layer12"


@dataclass(frozen=True, eq=False)
class ProbeValues:
    """Values of probed units on some texts, sparse.

    Attributes:
        passages: the texts.
        word_of: int64 [tokens], the word each token belongs to.
        identifiers: the units, in the order of `unit`.
        unit, word, value: int16, int64 and float32 [firings]: which unit fires on which word, and how strongly.
    """

    passages: Passages
    word_of: Ints
    identifiers: tuple[str, ...]
    unit: NDArray[np.int16]
    word: Ints
    value: NDArray[np.float32]

    @cached_property
    def _rows(self) -> dict[str, tuple[Ints, NDArray[np.float32]]]:
        order = np.argsort(self.unit, kind="stable")
        edges = np.searchsorted(self.unit[order], np.arange(len(self.identifiers) + 1))
        parts = [order[a:b] for a, b in pairwise(edges)]
        return {name: (self.word[part], self.value[part]) for name, part in zip(self.identifiers, parts, strict=True)}

    def words(self, identifier: str) -> Floats:
        """float64 [words]: one unit's value on every word; 0 on a word without a last token of its own."""
        where, value = self._rows[identifier]
        values = np.zeros(len(self.passages.words))
        values[where] = value
        return values

    def tokens(self, identifier: str) -> Floats:
        """float64 [tokens]: the same values on the words' last tokens, 0 on all others."""
        where, value = self._rows[identifier]
        values = np.zeros(len(self.word_of))
        values[last_tokens(self.word_of, len(self.passages.words))[where]] = value
        return values


@dataclass(frozen=True, eq=False)
class Directions:
    """Probed units: what each is about, its direction and its offset.

    Attributes:
        card: everything measured, as in `probes.json`; `card["units"]` has an entry a unit.
        vectors: float32 [units, 576].
    """

    card: dict[str, Any]
    vectors: NDArray[np.float32]

    @property
    def layer(self) -> int:
        """The block after which the residual stream is read."""
        return int(self.card["layer"])

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The units' identifiers, in the order of `vectors`."""
        return tuple(entry["identifier"] for entry in self.card["units"])

    @property
    def offsets(self) -> Floats:
        """float64 [units]: the projection above which each unit fires."""
        return np.array([entry["offset"] for entry in self.card["units"]], dtype=np.float64)

    @property
    def sha256(self) -> str:
        """A hash of the directions and their offsets."""
        return hashlib.sha256(self.vectors.tobytes() + self.offsets.tobytes()).hexdigest()

    def values(self, ends: WordEnds) -> ProbeValues:
        """The units' values on texts that were read at `layer`."""
        above = project(ends.stream, self.vectors) - self.offsets.astype(np.float32)
        above[~ends.whole] = 0
        word, unit = np.nonzero(above > 0)
        return ProbeValues(
            ends.passages, ends.word_of, self.identifiers, unit.astype(np.int16), word, above[word, unit]
        )

    def save(self, folder: Path) -> None:
        """Write the card and the directions."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({"directions": self.vectors}, folder / WEIGHTS)
        card = {**self.card, "directions_sha256": self.sha256}
        (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Directions":
        """Read what `save` wrote.

        Raises:
            ProbeError: a file is missing or damaged, or the two do not belong together.
        """
        mend = f"mend: git checkout -- {folder}, or python -m benchmark.subjects.probes --out {folder}"
        try:
            card = json.loads((folder / CARD).read_text("utf-8"))
            made = cls(card, load_file(folder / WEIGHTS)["directions"])
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ProbeError(f"the probed directions in {folder} are missing or damaged ({error}); {mend}") from None
        if made.sha256 != card["directions_sha256"]:
            raise ProbeError(f"{folder / WEIGHTS} does not hold the directions that {CARD} names; {mend}")
        return made


def probe_values(
    texts: Sequence[str],
    directions: Directions,
    reader: Callable[[], Reader],
    say: Callable[[str], None] = lambda line: None,
    folder: Path | None = None,
    ends: Path | None = None,
) -> ProbeValues:
    """Values of all probed units on many texts, in cached shards that hold the firings alone.

    Args:
        texts: windows.
        directions: the units; part of each shard's key.
        reader: gives the subject up to `directions.layer`; called only if a shard is missing.
        say: progress.
        folder: where shards lie; default: the cache.
        ends: where word ends lie; default: the cache.
    """
    home = folder or cache_folder() / "probe-values"
    home.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, Any]] = []
    for start in range(0, len(texts), SHARD_WINDOWS):
        some = texts[start : start + SHARD_WINDOWS]
        path = home / f"{shard_key(some, 'values-2', str(directions.layer), directions.sha256)}.safetensors"
        shard = read_shard(path)
        if shard is None:
            # What was read stays on disk: other directions at the same block need no second reading.
            made = directions.values(word_ends(some, directions.layer, reader, say, ends))
            shard = {"unit": made.unit, "word": made.word, "value": made.value, "word_of": made.word_of}
            write_shard(path, shard)
            say(f"probed {start + len(some):,} of {len(texts):,} windows")
        parts.append(shard)
    return _join(Passages.of(texts), directions.identifiers, parts)


def _join(passages: Passages, identifiers: tuple[str, ...], parts: list[dict[str, Any]]) -> ProbeValues:
    bases = passages.first[np.minimum(np.arange(len(parts)) * SHARD_WINDOWS, len(passages))]
    shifted = {
        name: np.concatenate([part[name] + base for part, base in zip(parts, bases, strict=True)])
        for name in ("word_of", "word")
    }
    unit, value = (np.concatenate([part[name] for part in parts]) for name in ("unit", "value"))
    return ProbeValues(passages, shifted["word_of"], identifiers, unit, shifted["word"], value)
