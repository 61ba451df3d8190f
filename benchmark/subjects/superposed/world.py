"""A world: how words become feature activations, and these a vector. NumPy alone, the same on any text.

Concepts drive their features: value times magnitude. Background features mean nothing and fire together as SAELens'
`ActivationGenerator` makes features fire (a Gaussian copula with a low-rank correlation matrix), save that the normal
draws come from a keyed hash of the word and its left context. So every text has one answer, and no rule foretells it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Predicate, parse

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_MANTISSA = np.uint64(11)
ARRAYS = ("feature_vectors", "bias", "mean", "std", "factor", "diag", "threshold")


@dataclass(frozen=True)
class WorldConcept:
    """A concept that drives one feature.

    Attributes:
        name: in the card.
        predicate: its truth on words.
        parent: the wider concept it lies within; wherever this holds, that holds as well.
    """

    name: str
    predicate: Predicate
    parent: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {"name": self.name, "predicate": self.predicate.to_json(), "parent": self.parent}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "WorldConcept":
        """Read what `to_json` wrote."""
        return cls(value["name"], parse(value["predicate"]), value["parent"])


def context_keys(secret: str, passages: Passages) -> NDArray[np.uint64]:
    """uint64 [words]: a keyed hash of each word with its whole left context in the text."""
    key = hashlib.blake2b(secret.encode(), digest_size=32).digest()
    digests: list[bytes] = []
    for begin, end in zip(passages.first[:-1], passages.first[1:], strict=True):
        running = hashlib.blake2b(key=key, digest_size=8)
        for word in passages.words[begin:end]:
            # A word holds no white space, so a blank after each keeps "a b" and "ab" apart.
            running.update(word.encode("utf-8", "surrogatepass") + b" ")
            digests.append(running.digest())
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def normals(keys: NDArray[np.uint64], first: int, count: int) -> Floats:
    """float64 [keys, count]: normal draws number `first` and on of each key (SplitMix64, Steele et al. 2014)."""
    place = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        state = keys[:, None] + place[None, :] * _GOLDEN
        state = (state ^ (state >> _SHIFTS[0])) * _MIX[0]
        state = (state ^ (state >> _SHIFTS[1])) * _MIX[1]
    state = state ^ (state >> _SHIFTS[2])
    uniform = ((state >> _MANTISSA).astype(np.float64) + 0.5) * 2.0**-53
    drawn: Floats = ndtri(uniform)
    return drawn


@dataclass(frozen=True, eq=False)
class World:
    """Concepts, background features and the dictionary that lays them over one another.

    Attributes:
        concepts: M of them; they drive the first M features.
        arrays: float32. feature_vectors [N, d]; bias [d]; mean, std [N], of the magnitudes; factor [B, rank], diag [B],
            threshold [B], of the B = N - M background features.
        secret: names the hash.
        noise: standard deviation of the noise on each dimension.
    """

    concepts: tuple[WorldConcept, ...]
    arrays: Mapping[str, NDArray[np.float32]]
    secret: str
    noise: float = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """Of all features: the concepts', then background-00 and on."""
        extra = len(self.arrays["mean"]) - len(self.concepts)
        return (*(concept.name for concept in self.concepts), *(f"background-{i:02d}" for i in range(extra)))

    def truth(self, passages: Passages) -> Floats:
        """float64 [words, N], 0 to 1: where each concept holds and each background feature fires."""
        planted = [evaluate(concept.predicate, passages) for concept in self.concepts]
        factor, diag = self.arrays["factor"].astype(float), self.arrays["diag"].astype(float)
        keys = context_keys(self.secret, passages)
        rank, extra = factor.shape[1], len(factor)
        drawn = normals(keys, 0, rank + extra)
        fires = drawn[:, :rank] @ factor.T + drawn[:, rank:] * np.sqrt(diag) > self.arrays["threshold"]
        return np.column_stack([*planted, fires.astype(float)])

    def activations(self, passages: Passages, truth: Floats | None = None) -> Floats:
        """float64 [words, N]: truth times magnitude; magnitudes differ from word to word by the hash."""
        if truth is None:
            truth = self.truth(passages)
        mean, std = self.arrays["mean"].astype(float), self.arrays["std"].astype(float)
        start = int(sum(self.arrays["factor"].shape))
        drawn = normals(context_keys(self.secret, passages), start, len(mean))
        strengths: Floats = truth * np.maximum(mean + std * drawn, 0.0)
        return strengths

    def vectors(self, passages: Passages, activations: Floats | None = None) -> Floats:
        """float64 [words, d]: the vector that each word's features make."""
        if activations is None:
            activations = self.activations(passages)
        made: Floats = activations @ self.arrays["feature_vectors"].astype(float) + self.arrays["bias"].astype(float)
        if self.noise:
            start = int(sum(self.arrays["factor"].shape)) + len(self.arrays["mean"])
            made += self.noise * normals(context_keys(self.secret, passages), start, made.shape[1])
        return made
