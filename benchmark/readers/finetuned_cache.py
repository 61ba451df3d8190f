"""A folder of the finetuned reader's answers, so that a report is read once on the same texts and not once a run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.readers.embedding_cache import read_vectors, write_vectors
from benchmark.readers.encoder import content_key
from benchmark.readers.finetuned import CrossEncoder
from synthetic_neurons.passages import Floats, word_spans

# Fewer texts than this are read anew: a slice's windows are not worth a file.
STORED_FROM = 32


class CachedCrossEncoder:
    """A cross-encoder whose answers are kept in a folder as float16, one file a claim and list of texts.

    Files are named by the sha256 of the claim, the texts and the encoder's name. A damaged file is made again. What is
    returned is rounded to float16 whether it was stored or just made, so the two are equal.

    Args:
        encoder: asked where the folder has no answer.
        folder: made when first needed.
    """

    def __init__(self, encoder: CrossEncoder, folder: Path) -> None:
        self.name, self._encoder, self._folder = encoder.name, encoder, Path(folder)

    def path(self, claim: str, texts: Sequence[str]) -> Path:
        """Where the answers are, or would be, stored."""
        return self._folder / f"{content_key(texts, self.name, 'probabilities', claim)}.npy"

    def probabilities(self, claim: str, texts: Sequence[str]) -> list[Floats]:
        """For each text float64 [words]; stored where there are at least 32 texts."""
        counts = [len(word_spans(text)) for text in texts]
        keep, path = len(texts) >= STORED_FROM, self.path(claim, texts)
        found = read_vectors(path, sum(counts)) if keep else None
        if found is None:
            made = self._encoder.probabilities(claim, texts)
            found = np.concatenate([*made, np.zeros(0)]).astype(np.float16)[:, None]
            if keep:
                write_vectors(path, found)
        flat = found[:, 0].astype(np.float64)
        return np.split(flat, np.cumsum(counts)[:-1]) if counts else []
