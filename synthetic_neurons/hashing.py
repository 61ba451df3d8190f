"""Keyed hashes of a word and its whole left context: chance that is the same on every machine and every run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats, Passages

_UINT64 = 2.0**64


def uniforms(key: str, passages: Passages) -> Floats:
    """float64 [words, 2] in [0, 1): two hashes of each word with its whole left context, grown word by word."""
    secret = hashlib.blake2b(key.encode(), digest_size=32).digest()
    digests: list[bytes] = []
    for begin, end in pairwise(passages.first.tolist()):
        running = hashlib.blake2b(key=secret, digest_size=16)
        for word in passages.hashed[begin:end]:
            running.update(word)
            digests.append(running.digest())
    raw: NDArray[np.uint64] = np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)
    # Dividing may round the largest hashes up to 1; the last float below 1 is as good.
    return np.minimum(raw.reshape(-1, 2) / _UINT64, np.nextafter(1.0, 0.0))


@dataclass(frozen=True)
class Hashing:
    """What chance does to a predicate's values: a gate that nothing explains, and noise.

    Attributes:
        key: names the hash; another key is another unit.
        share: the share of firing words that are let through. Below 1 this is a gate on the whole left context that no
            rule predicts. The first word of a text has no left context, so its hash would be of the word alone, which a
            list of words would predict: behind a gate it is silent.
        missed: noise: the share of words let through that stay silent all the same.
        spontaneous: noise: the share of silent words that fire at full strength.
    """

    key: str
    share: float = 1.0
    missed: float = 0.0
    spontaneous: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        for name in ("share", "missed", "spontaneous"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a share from 0 to 1")

    def apply(self, values: Floats, passages: Passages) -> Floats:
        """float64 [words]: `values` of a predicate on `passages`, after the gate and the noise. Causal, as they are."""
        draws = uniforms(self.key, passages)
        if self.share < 1:
            values = np.where((draws[:, 0] < self.share) & (passages.place > 0), values, 0.0)
        noisy = np.where(draws[:, 1] < self.missed, 0.0, values)
        return np.where((values == 0) & (draws[:, 1] < self.spontaneous), 1.0, noisy)

    def attainable_r(self, clean: Floats, passages: Passages, weights: Floats) -> float:
        """The r between clean values and what becomes of them, from the shares alone: the square root of reliability.

        With X the clean value, the value is X·B + 1[X = 0]·S for independent B and S that are 1 as often as the shares
        say, so that the moments of X give r.

        Args:
            clean: float64 [words], the predicate's values.
            passages: where they were taken.
            weights: float64 [words], each word's weight.
        """
        weights = weights / weights.sum()
        kept = (1 - self.missed) * np.where((self.share < 1) & (passages.place == 0), 0.0, self.share)
        invented = self.spontaneous * (clean == 0)
        mean_x, square_x = float(weights @ clean), float(weights @ clean**2)
        mean_y = float(weights @ (kept * clean + invented))
        square_y = float(weights @ (kept * clean**2 + invented))
        shared = float(weights @ (kept * clean**2)) - mean_x * mean_y
        spread = (square_x - mean_x**2) * (square_y - mean_y**2)
        return shared / float(np.sqrt(spread)) if spread > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {"key": self.key, "share": self.share, "missed": self.missed, "spontaneous": self.spontaneous}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Hashing":
        """Read what `to_json` wrote."""
        return cls(**value)
