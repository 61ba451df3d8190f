"""The embedding reader: compares a claim's sentence embedding with each word's. Free, deterministic, blind to "not"."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.explainers.report import MAX_LEVEL, Report
from benchmark.readers.encoder import Encoder, Vectors, ViewCache, Views
from benchmark.readers.reader import claims_to_read
from synthetic_neurons.passages import Floats, Passages

__all__ = ["EmbeddingReader", "EmbeddingWeights", "Encoder", "similarities"]

# Claims compared with a pool at once: 64 x 80,000 words in float32 are 20 MB a matrix.
_CHUNK = 64


@dataclass(frozen=True)
class EmbeddingWeights:
    """How cosines become levels: clip((word*a + type*b + window*c - floor) / (ceiling - floor)) to 0 … 1.

    Attributes:
        word: weight of cos(claim, word in its window).
        type: weight of cos(claim, word alone).
        window: weight of cos(claim, whole window).
        floor: the mixture that still reads as level 0.
        ceiling: the mixture from which on the claim's full level is read.
    """

    word: float = 0.5
    type: float = 0.25
    window: float = 0.25
    floor: float = 0.2
    ceiling: float = 0.6

    def __post_init__(self) -> None:
        """Refuse weights that cannot give a level."""
        if not self.ceiling > self.floor:
            raise ValueError(f"embedding weights: ceiling {self.ceiling} must be greater than floor {self.floor}")

    def to_json(self) -> dict[str, float]:
        """A plain JSON value; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | str) -> "EmbeddingWeights":
        """Read what `to_json` wrote, as a mapping or as JSON text."""
        read: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
        return cls(**{name: float(number) for name, number in read.items()})

    def mix(self, word: Vectors, type_: Vectors, window: Vectors) -> Vectors:
        """The weighted sum of three equally shaped cosines, float32."""
        mixed: Vectors = np.float32(self.word) * word
        mixed += np.float32(self.type) * type_
        mixed += np.float32(self.window) * window
        return mixed

    def share(self, mixture: Vectors) -> Vectors:
        """The share of a claim's level that a mixture of cosines earns, 0 to 1."""
        scaled: Vectors = (mixture - np.float32(self.floor)) / np.float32(self.ceiling - self.floor)
        return np.clip(scaled, 0.0, 1.0, out=scaled)


def similarities(claims: Vectors, views: Views, passages: Passages) -> tuple[Vectors, Vectors, Vectors]:
    """float32 [claims, words] each: cosines with the word in context, the word alone, and the window."""
    word: Vectors = claims @ views.context.T
    type_: Vectors = (claims @ views.types.T)[:, passages.type_of]
    window: Vectors = (claims @ views.windows.T)[:, passages.text_of]
    return word, type_, window


def mixture(weights: EmbeddingWeights, claims: Vectors, views: Views, passages: Passages) -> Vectors:
    """float32 [claims, words]: `weights.mix` of the similarities; a kind without weight is never computed."""
    mixed: Vectors = np.zeros((len(claims), len(passages.words)), dtype=np.float32)
    if weights.word:
        mixed += np.float32(weights.word) * (claims @ views.context.T)
    if weights.type:
        mixed += np.float32(weights.type) * (claims @ views.types.T)[:, passages.type_of]
    if weights.window:
        mixed += np.float32(weights.window) * (claims @ views.windows.T)[:, passages.text_of]
    return mixed


class EmbeddingReader:
    """Reads each claim's text by its embedding; a word gets its strongest claim's level.

    Args:
        encoder: injected, so that this module needs no deep-learning library.
        weights: fitted on the calibration split by `benchmark.readers.calibration.fit`.
        threshold: the level from which it says "fires".
        cache: views shared with other readers or students of the same encoder.
    """

    name = "embedding"

    def __init__(
        self,
        encoder: Encoder,
        weights: EmbeddingWeights | None = None,
        threshold: float = 2.5,
        cache: ViewCache | None = None,
    ) -> None:
        self.encoder, self.weights, self.threshold = encoder, weights or EmbeddingWeights(), threshold
        self.cache = cache or ViewCache(encoder)

    def read(self, report: Report, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10.

        Raises:
            ValueError: for an abstention.
        """
        return self.read_many([report], passages)[0]

    def read_many(self, reports: Sequence[Report], passages: Passages) -> list[Floats]:
        """`read` for many reports over the same passages; all claims are embedded in one batch."""
        claims = [(i, claim) for i, each in enumerate(reports) for claim in claims_to_read(each, self.name)]
        if not claims:
            return []
        vectors, views = self.encoder.sentences([claim.text for _, claim in claims]), self.cache.views(passages)
        levels = [np.zeros(len(passages.words)) for _ in reports]
        for begin in range(0, len(claims), _CHUNK):
            part = claims[begin : begin + _CHUNK]
            shares = self.weights.share(mixture(self.weights, vectors[begin : begin + _CHUNK], views, passages))
            for (owner, claim), share in zip(part, shares, strict=True):
                np.maximum(levels[owner], min(claim.level, MAX_LEVEL) * share, out=levels[owner])
        return levels
