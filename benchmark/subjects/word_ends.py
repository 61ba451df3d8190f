"""The residual stream at words' last tokens: where a probed unit's truth sits (METHOD.md section 1).

The first token of every context is BOS, whose norm is an outlier; it belongs to no word, so it never gets here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.subjects.embedded import boot, cache_folder, materialise, residual
from benchmark.subjects.shards import BATCH_WINDOWS, SHARD_WINDOWS, read_shard, shard_key, write_shard
from benchmark.subjects.windows import Tokenised, tokenise
from synthetic_neurons.passages import Ints, Passages

WIDTH = 576


def last_tokens(word_of: Ints, words: int) -> Ints:
    """int64 [words]: the place of each word's last token; -1 for a word that shares a token with the word after it."""
    last = np.full(words, -1, dtype=np.int64)
    last[word_of] = np.arange(len(word_of))
    return last


@dataclass(frozen=True, eq=False)
class WordEnds:
    """The residual stream after one block at the last token of every word.

    Attributes:
        passages: the texts.
        word_of: int64 [tokens], the word each token belongs to.
        stream: float16 [words, 576]; zeros for a word without a token of its own (`whole` is False there).
    """

    passages: Passages
    word_of: Ints
    stream: NDArray[np.float16]

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Bool [words]: the word has a last token of its own."""
        return last_tokens(self.word_of, len(self.passages.words)) >= 0


class Reader:
    """The embedded subject up to one block."""

    def __init__(self, layer: int, say: Callable[[str], None] = lambda line: None) -> None:
        self.layer = layer
        self.bridge = boot(materialise(say=say), layers=layer + 1)
        self.tokenizer: Any = self.bridge.tokenizer

    def read(self, texts: Sequence[str]) -> WordEnds:
        """Word ends of `texts`; BOS stands before each text and is left out."""
        passages = Passages.of(texts)
        coded = tokenise(passages, self.tokenizer)
        return WordEnds(passages, coded.word_of, self._stream(passages, coded))

    @torch.no_grad()
    def _stream(self, passages: Passages, coded: Tokenised) -> NDArray[np.float16]:
        last = last_tokens(coded.word_of, len(passages.words))
        base = np.cumsum([0, *map(len, coded.ids)])
        stream = np.zeros((len(passages.words), WIDTH), np.float16)
        order = sorted(range(len(passages)), key=lambda i: len(coded.ids[i]))
        for start in range(0, len(order), BATCH_WINDOWS):
            chosen = order[start : start + BATCH_WINDOWS]
            hidden = self._batch([coded.ids[i] for i in chosen])
            for row, text in enumerate(chosen):
                words = np.arange(passages.first[text], passages.first[text + 1])
                words = words[last[words] >= 0]
                stream[words] = hidden[row, last[words] - base[text]].numpy().astype(np.float16)
        return stream

    def _batch(self, rows: list[list[int]]) -> Any:
        longest, bos = max(map(len, rows)), self.tokenizer.bos_token_id
        # Right padding is harmless under causal attention: no kept position can see it.
        padded = torch.tensor([[bos, *row, *[bos] * (longest - len(row))] for row in rows])
        return residual(self.bridge, padded, self.layer)[:, 1:]


def word_ends(
    texts: Sequence[str],
    layer: int,
    reader: Callable[[], Reader],
    say: Callable[[str], None] = lambda line: None,
    folder: Path | None = None,
) -> WordEnds:
    """Word ends of many texts in cached shards (1.2 kB a word); whole shards are not redone.

    Args:
        texts: windows.
        layer: the block, part of each shard's key.
        reader: called only if a shard is missing.
        say: progress.
        folder: where shards lie; default: the cache.
    """
    home = folder or cache_folder() / "word-ends"
    home.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, Any]] = []
    for start in range(0, len(texts), SHARD_WINDOWS):
        some = texts[start : start + SHARD_WINDOWS]
        path = home / f"{shard_key(some, 'word-ends', str(layer))}.safetensors"
        shard = read_shard(path)
        if shard is None:
            read = reader().read(some)
            shard = {"stream": read.stream, "word_of": read.word_of}
            write_shard(path, shard)
            say(f"read {start + len(some):,} of {len(texts):,} windows at layer {layer}")
        parts.append(shard)
    return _join(Passages.of(texts), parts)


def _join(passages: Passages, parts: list[dict[str, Any]]) -> WordEnds:
    bases = passages.first[np.minimum(np.arange(len(parts)) * SHARD_WINDOWS, len(passages))]
    word_of = [part["word_of"] + base for part, base in zip(parts, bases, strict=True)]
    return WordEnds(passages, np.concatenate(word_of), np.concatenate([part["stream"] for part in parts]))
