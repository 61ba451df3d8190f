"""Tables of windows as flat arrays: an object a token would cost more memory than everything else."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.ragged import Ragged
from benchmark.harvest.source import Window
from synthetic_neurons.passages import Ints

Keys = NDArray[np.uint64]
LAST_KEY = np.uint64(2**64 - 1)


@dataclass(frozen=True, eq=False)
class WindowTable:
    """Windows with the keys that order them.

    Attributes:
        key: uint64 [windows], a keyed hash of document, place in the document and text: a uniform draw that does not
            depend on shards or on the order of work. Two of a billion windows share one with probability 0.03.
        text_key: uint64 [windows], hash of the text alone: equal texts are shown once.
        text: their texts, UTF-8.
        document: the identifiers of their documents, UTF-8.
        tokens: columns `ids` int32 and `ends` int32 (characters).
    """

    key: Keys
    text_key: Keys
    text: Ragged
    document: Ragged
    tokens: Ragged

    def __len__(self) -> int:
        """How many windows."""
        return len(self.key)

    def window(self, row: int) -> Window:
        """One window."""
        ids, ends = (tuple(self.tokens.row(name, row).tolist()) for name in ("ids", "ends"))
        return Window(self.text.text(row), self.document.text(row), ids, ends)

    @classmethod
    def picked(cls, parts: Sequence["WindowTable"], rows: Ints) -> "WindowTable":
        """The windows asked for, in that order; rows are numbered through all parts, of which there is one at least."""
        return cls(
            np.concatenate([part.key for part in parts])[rows],
            np.concatenate([part.text_key for part in parts])[rows],
            *(Ragged.picked([getattr(part, name) for part in parts], rows) for name in ("text", "document", "tokens")),
        )

    @classmethod
    def of(cls, windows: Sequence[Window], key: Keys) -> "WindowTable":
        """Flatten `windows`, whose keys `keys` has made."""
        texts = [window.text.encode() for window in windows]
        return cls(
            key,
            np.fromiter((_hash(text) for text in texts), dtype=np.uint64, count=len(texts)),
            Ragged.of_bytes(texts),
            Ragged.of_bytes([window.document.encode() for window in windows]),
            _tokens(windows),
        )


def _tokens(windows: Sequence[Window]) -> Ragged:
    counts = np.fromiter((len(window.ids) for window in windows), dtype=np.int64, count=len(windows))
    total = int(counts.sum())
    ids = np.fromiter(chain.from_iterable(window.ids for window in windows), dtype=np.int32, count=total)
    ends = np.fromiter(chain.from_iterable(window.ends for window in windows), dtype=np.int32, count=total)
    return Ragged(counts, {"ids": ids, "ends": ends})


def key_of(window: Window, place: int, seed: int) -> int:
    """The key of a document's window number `place`; windows with the smallest keys are a uniform sample."""
    what = f"{seed}\0{window.document}\0{place}\0{window.text}"
    return _hash(what.encode())


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())
