"""A folder of embeddings, so that a suite's pools are encoded once and not once a run."""

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.readers.encoder import Encoder, Vectors, content_key
from synthetic_neurons.passages import Passages

_DIGEST_BYTES = 32
# Fewer sentences than this are embedded anew: a report's claims are not worth a file.
STORED_FROM = 256


def write_vectors(path: Path, vectors: NDArray[np.float16]) -> None:
    """Write a .npy with its sha256 behind it; the file appears whole or not at all."""
    buffer = io.BytesIO()
    np.save(buffer, vectors, allow_pickle=False)
    payload = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem[:16], suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(payload + hashlib.sha256(payload).digest())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_vectors(path: Path, words: int) -> NDArray[np.float16] | None:
    """The stored vectors; None where the file is missing, cut short or altered."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    payload, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
    if hashlib.sha256(payload).digest() != digest:
        return None
    vectors: NDArray[np.float16] = np.load(io.BytesIO(payload), allow_pickle=False)
    return vectors if vectors.ndim == 2 and len(vectors) == words else None


class CachedEncoder:
    """An encoder whose embeddings are kept in a folder as float16: words in context, and long lists of sentences.

    Files are named by the sha256 of the texts, the encoder's name and the kind of embedding. A damaged file is
    rebuilt. What is returned is rounded to float16 whether it was stored or just made, so the two are equal.

    Args:
        encoder: the encoder to ask where the folder has no answer.
        folder: made when first needed.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self.name, self._encoder, self._folder = encoder.name, encoder, Path(folder)

    @property
    def encoder(self) -> Encoder:
        """The encoder itself, which stores nothing."""
        return self._encoder

    def path(self, texts: Sequence[str], kind: str = "context") -> Path:
        """Where embeddings are, or would be, stored; `kind` is "context", "sentences" or "types"."""
        return self._folder / f"{content_key(texts, self.name, kind)}.npy"

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """float32 [texts, width]; stored where there are at least 256."""
        return self._many(texts, "sentences", self._encoder.sentences)

    def word_types(self, vocabulary: Sequence[str]) -> Vectors:
        """float32 [vocabulary, width]; stored where there are at least 256."""
        return self._many(vocabulary, "types", self._encoder.word_types)

    def words_in_context(self, passages: Passages) -> NDArray[np.float16]:
        """float16 [words, width]."""
        path = self.path(passages.texts)
        return self._stored(path, len(passages.words), lambda: self._encoder.words_in_context(passages))

    def _many(self, texts: Sequence[str], kind: str, make: Callable[[Sequence[str]], Vectors]) -> Vectors:
        if len(texts) < STORED_FROM:
            return make(texts)
        return self._stored(self.path(texts, kind), len(texts), lambda: make(texts)).astype(np.float32)

    def _stored(self, path: Path, rows: int, make: Callable[[], NDArray[np.floating]]) -> NDArray[np.float16]:
        found = read_vectors(path, rows)
        if found is not None:
            return found
        vectors = np.asarray(make(), dtype=np.float16)
        write_vectors(path, vectors)
        return vectors
