"""Which pairs of claim and text a training step sees: a function of the seed and the step alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.readers.diet.group import FULL, UNKNOWN, Group
from benchmark.subjects.finetuned.network import CLAIM_PIECES, TEXT_PIECES, Batch
from benchmark.subjects.finetuned.pieces import Coded, Pieces
from synthetic_neurons.passages import Ints

# How often each kind of group is drawn.
SOURCES = {"planted": 0.55, "breadth": 0.12, "words": 0.08, "wordnet": 0.25}
# Of a claim's pairs: texts where it fires, texts where only another claim does, and any text.
FIRING, NEAR = 0.5, 0.25
# Steps whose pairs are drawn together and sorted by length, so that little is padded.
CHUNK = 32
# What a word counts in the loss: where the claim fires, where only another claim does, elsewhere.
FIRING_WEIGHT, HARD_WEIGHT = 2.0, 2.0


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one step is taught.

    Attributes:
        batch: the pairs.
        target: float32 [words], the claim's own value on each word.
        weight: float32 [words]; 0 where it is not known.
    """

    batch: Batch
    target: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A group in pieces, and which of its texts are good for a claim."""

    group: Group
    claims: list[Coded]
    texts: list[Coded]
    usable: Ints
    firing: list[Ints]
    near: list[Ints]

    @classmethod
    def of(cls, group: Group, claims: list[Coded], texts: list[Coded]) -> "_Prepared":
        usable = np.flatnonzero([len(claim) <= CLAIM_PIECES for claim in claims])
        text_of = group.passages.text_of
        firing = [np.unique(text_of[row]) for row in group.fires]
        near = [np.setdiff1d(np.unique(text_of[row]), own) for row, own in zip(group.hard, firing, strict=True)]
        return cls(group, claims, [text.cut(TEXT_PIECES) for text in texts], usable, firing, near)

    def text(self, claim: int, rng: np.random.Generator) -> int:
        """A text for a claim."""
        drawn = rng.random()
        chosen = self.firing[claim] if drawn < FIRING else self.near[claim] if drawn < FIRING + NEAR else ()
        return int(chosen[int(rng.integers(len(chosen)))]) if len(chosen) else int(rng.integers(len(self.texts)))


class Sampler:
    """Draws lessons.

    Args:
        groups: to train on.
        pieces: the tokenizer.
        seed: of all draws.
        size: pairs a step.
    """

    def __init__(self, groups: Sequence[Group], pieces: Pieces, seed: int, size: int) -> None:
        self.pieces, self.seed, self.size = pieces, seed, size
        self._prepared = [each for each in _prepare(groups, pieces) if len(each.usable)]
        kinds = [each.group.name.partition("/")[0] for each in self._prepared]
        self._by_source = {kind: [i for i, each in enumerate(kinds) if each == kind] for kind in dict.fromkeys(kinds)}
        shares = np.array([SOURCES[kind] for kind in self._by_source])
        self._edges = np.cumsum(shares / shares.sum())
        self._chunk: tuple[int, list[tuple[int, int, int]]] | None = None

    @property
    def too_long(self) -> int:
        """Claims that are left out because they have too many pieces."""
        return sum(len(each.claims) - len(each.usable) for each in self._prepared)

    def pairs(self, step: int) -> list[tuple[int, int, int]]:
        """The (group, claim, text) of one step."""
        chunk, within = divmod(step, CHUNK)
        if self._chunk is None or self._chunk[0] != chunk:
            self._chunk = chunk, self._drawn(np.random.default_rng([self.seed, chunk]))
        return self._chunk[1][within * self.size : (within + 1) * self.size]

    def _drawn(self, rng: np.random.Generator) -> list[tuple[int, int, int]]:
        """Pairs of a whole chunk: sorted by length, cut into steps, the steps in any order."""
        drawn = sorted((self._draw(rng) for _ in range(CHUNK * self.size)), key=self._length)
        steps = [drawn[at * self.size : (at + 1) * self.size] for at in rng.permutation(CHUNK).tolist()]
        return [pair for step in steps for pair in step]

    def _draw(self, rng: np.random.Generator) -> tuple[int, int, int]:
        source = list(self._by_source.values())[int(np.searchsorted(self._edges, rng.random(), side="right"))]
        which = source[int(rng.integers(len(source)))]
        each = self._prepared[which]
        claim = int(each.usable[int(rng.integers(len(each.usable)))])
        return which, claim, each.text(claim, rng)

    def _length(self, pair: tuple[int, int, int]) -> int:
        each = self._prepared[pair[0]]
        return len(each.claims[pair[1]]) + len(each.texts[pair[2]])

    def lesson(self, step: int) -> Lesson:
        """What step `step` is taught, from 0."""
        chosen = [(self._prepared[which], claim, text) for which, claim, text in self.pairs(step)]
        batch = Batch.of([(each.claims[claim], each.texts[text]) for each, claim, text in chosen], self.pieces)
        parts = [_answers(each.group, claim, text) for each, claim, text in chosen]
        target, weight = (torch.from_numpy(np.concatenate(column)) for column in zip(*parts, strict=True))
        seen = torch.zeros(batch.words, dtype=torch.bool)
        seen[batch.word] = True
        return Lesson(batch, target, weight * seen)


def _prepare(groups: Sequence[Group], pieces: Pieces) -> list[_Prepared]:
    claims = iter(pieces.code([claim.text for group in groups for claim in group.claims]))
    texts = iter(pieces.code([text for group in groups for text in group.texts]))
    return [
        _Prepared.of(group, [next(claims) for _ in group.claims], [next(texts) for _ in group.texts])
        for group in groups
    ]


def _answers(group: Group, claim: int, text: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Target and weight of a text's words."""
    where = slice(int(group.passages.first[text]), int(group.passages.first[text + 1]))
    values = group.values[claim, where]
    weight = np.ones(len(values), dtype=np.float32)
    weight[group.fires[claim, where]] = FIRING_WEIGHT
    weight[group.hard[claim, where]] = HARD_WEIGHT
    weight[values == UNKNOWN] = 0
    target = np.where(values == UNKNOWN, 0, values).astype(np.float32)
    return target / np.float32(FULL), weight
