"""Asking the network: many pairs of claim and text, in batches of about equal length."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from benchmark.subjects.finetuned.network import MOST_CLAIM_PIECES, TEXT_PIECES, Batch, Network
from benchmark.subjects.finetuned.pieces import Coded, Pieces
from synthetic_neurons.passages import Floats

PAIRS = 64


def answers(
    network: Network, pieces: Pieces, pairs: Sequence[tuple[str, str]], bfloat16: bool = False, size: int = PAIRS
) -> list[Floats]:
    """The probability that a claim holds, for each word of each pair's text.

    Args:
        network: in evaluation.
        pieces: its tokenizer.
        pairs: claim and text. A claim longer than 320 pieces is cut, a text at 128.
        bfloat16: under bfloat16 autocast.
        size: pairs a pass.

    Returns:
        For each pair float64 [words]; 0 for a word of which the network sees no piece.
    """
    known = {text: coded for text, coded in _coded(pieces, pairs)}
    cut = [(known[claim].cut(MOST_CLAIM_PIECES), known[text].cut(TEXT_PIECES)) for claim, text in pairs]
    found: list[Floats] = [np.zeros(0)] * len(pairs)
    for some in _batches([len(claim) + len(text) for claim, text in cut], size):
        said = _pass(network, Batch.of([cut[i] for i in some], pieces), bfloat16)
        edges = np.cumsum([cut[i][1].words for i in some])[:-1]
        for i, each in zip(some, np.split(said, edges), strict=True):
            found[i] = each
    return found


def _coded(pieces: Pieces, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Coded]]:
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    return zip(texts, pieces.code(texts), strict=True)


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def _pass(network: Network, batch: Batch, bfloat16: bool) -> Floats:
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        odds = network(batch)
    return torch.sigmoid(odds).numpy().astype(np.float64)
