"""What readers and students need of a sentence encoder, and the views of a set of passages that it gives."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Passages

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts and words into vectors of length 1 (a word that the encoder cannot see: of length 0).

    Attributes:
        name: names the weights; part of the key of every stored embedding.
    """

    name: str

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """float32 [texts, width]."""
        ...

    def words_in_context(self, passages: Passages) -> NDArray[np.floating]:
        """float16 or float32 [words, width]: the mean state of a word's pieces within its window."""
        ...

    def word_types(self, vocabulary: Sequence[str]) -> Vectors:
        """float32 [vocabulary, width]: each word standing alone."""
        ...


def content_key(texts: Sequence[str], *more: str) -> str:
    """A sha256 of the texts and whatever else a result depends on; lengths and counts keep neighbours apart."""
    digest = hashlib.sha256(f"{len(more)} {len(texts)}".encode())
    for part in (*more, *texts):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


class Views:
    """One set of passages as vectors, each kind made when it is first asked for.

    Args:
        passages: the texts.
        encoder: makes the vectors.
        types: makes the vectors of words alone.
    """

    def __init__(self, passages: Passages, encoder: Encoder, types: Callable[[Sequence[str]], Vectors]) -> None:
        self._passages, self._encoder, self._types = passages, encoder, types
        self.words = len(passages.words)

    @cached_property
    def context(self) -> Vectors:
        """float32 [words, width]: each word in its window."""
        return np.ascontiguousarray(self._encoder.words_in_context(self._passages), dtype=np.float32)

    @cached_property
    def types(self) -> Vectors:
        """float32 [vocabulary, width]: each distinct word alone."""
        return self._types(self._passages.vocabulary)

    @cached_property
    def windows(self) -> Vectors:
        """float32 [texts, width]."""
        return self._encoder.sentences(self._passages.texts)


class ViewCache:
    """Keeps the most recently used views in memory: a pool is read by hundreds of reports.

    Args:
        encoder: makes the views.
        words: how many words to hold in all; 250,000 words of width 384 are 384 MB. The newest always stays.
    """

    def __init__(self, encoder: Encoder, words: int = 250_000) -> None:
        self.encoder, self._capacity = encoder, words
        self._held: OrderedDict[str, Views] = OrderedDict()
        self._type_vectors: dict[str, Vectors] = {}

    def views(self, passages: Passages) -> Views:
        """The views of `passages`; equal texts give the same object while it is held."""
        key = content_key(passages.texts)
        if key not in self._held:
            self._held[key] = Views(passages, self.encoder, self._types)
        self._held.move_to_end(key)
        while len(self._held) > 1 and sum(each.words for each in self._held.values()) > self._capacity:
            self._held.popitem(last=False)
        return self._held[key]

    def _types(self, vocabulary: Sequence[str]) -> Vectors:
        """Vectors of words alone; each word is encoded once, however many texts it stands in."""
        new = [word for word in vocabulary if word not in self._type_vectors]
        if new:
            self._type_vectors |= dict(zip(new, self.encoder.word_types(new), strict=True))
        if not vocabulary:
            return self.encoder.word_types(vocabulary)
        return np.stack([self._type_vectors[word] for word in vocabulary])


class Remembering:
    """An encoder that embeds a sentence once: a student rereads the same notes with every quiz and probe.

    Each is embedded alone, so that no vector depends on what else was asked for.

    Args:
        encoder: makes the vectors.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = encoder.name, encoder
        self._known: dict[str, Vectors] = {}

    def sentences(self, texts: Sequence[str]) -> Vectors:
        """float32 [texts, width]."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.sentences([text])
        return np.concatenate([self._known[text] for text in texts]) if texts else self._encoder.sentences([])

    def words_in_context(self, passages: Passages) -> NDArray[np.floating]:
        """As the encoder does."""
        return self._encoder.words_in_context(passages)

    def word_types(self, vocabulary: Sequence[str]) -> Vectors:
        """As the encoder does."""
        return self._encoder.word_types(vocabulary)
