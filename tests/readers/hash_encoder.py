"""A tiny deterministic encoder: words are hashed to directions, sentences are the sum of their words."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Passages

WIDTH = 48


def direction(word: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.blake2b(word.lower().encode(), digest_size=8).digest(), "big")
    vector = np.random.default_rng(seed).standard_normal(WIDTH).astype(np.float32)
    return vector / np.linalg.norm(vector)


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


class HashEncoder:
    name = "hash"

    def __init__(self) -> None:
        self.calls: list[str] = []

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append("sentences")
        sums = [
            np.sum([direction(w) for w in Passages.of([text]).words] or [np.zeros(WIDTH)], axis=0) for text in texts
        ]
        return unit_length(np.array(sums, dtype=np.float32).reshape(-1, WIDTH))

    def word_types(self, vocabulary: Sequence[str]) -> NDArray[np.float32]:
        self.calls.append("types")
        return np.array([direction(word) for word in vocabulary], dtype=np.float32).reshape(-1, WIDTH)

    def words_in_context(self, passages: Passages) -> NDArray[np.float32]:
        self.calls.append("context")
        own = np.array([direction(word) for word in passages.words], dtype=np.float32).reshape(-1, WIDTH)
        windows = self.sentences(passages.texts)[passages.text_of]
        return unit_length((own + np.float32(0.3) * windows).astype(np.float32))
