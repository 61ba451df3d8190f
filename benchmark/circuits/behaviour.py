"""What a model is asked to do: prompts, each with its answer and with a corrupted twin that has another."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Prompts whose last position has an answer.

    Attributes:
        prompts: int64 [prompts, position].
        corrupted: int64 [prompts, position]; the same but for what decides the answer.
        answer: int64 [prompts], the token that is right.
        wrong: int64 [prompts], the token that is right for the corrupted twin.
    """

    prompts: Tensor
    corrupted: Tensor
    answer: Tensor
    wrong: Tensor

    def __len__(self) -> int:
        """How many prompts."""
        return len(self.prompts)

    def at(self, rows: Sequence[int]) -> "Behaviour":
        """Some of the prompts, by their rows."""
        chosen = torch.tensor(list(rows), dtype=torch.long)
        return Behaviour(*(each[chosen] for each in (self.prompts, self.corrupted, self.answer, self.wrong)))

    def part(self, start: int, end: int) -> "Behaviour":
        """Prompts `start` up to `end`."""
        return self.at(range(len(self))[start:end])

    def texts(self, row: int) -> frozenset[tuple[int, ...]]:
        """A prompt and its twin, as tokens."""
        return frozenset(tuple(each[row].tolist()) for each in (self.prompts, self.corrupted))

    def shuffled(self, seed: int) -> "Behaviour":
        """The same prompts with answers of others: a null behaviour, which no part of the model carries.

        On each prompt answer and wrong token change places by the toss of a coin, so that the model prefers the answer
        on half of them, give or take what chance does.
        """
        turned = torch.rand(len(self), generator=torch.Generator().manual_seed(seed)) < 0.5
        answer = torch.where(turned, self.wrong, self.answer)
        return Behaviour(self.prompts, self.corrupted, answer, torch.where(turned, self.answer, self.wrong))

    def difference(self, logits: Tensor) -> Tensor:
        """Logit of the answer less that of the wrong token, at the last position.

        Args:
            logits: float [times prompts, position, vocabulary]; prompts over and over, if several times.

        Returns:
            float [times, prompts].
        """
        last = logits[:, -1].reshape(-1, len(self), logits.shape[-1])
        rows = torch.arange(len(self))
        return last[:, rows, self.answer] - last[:, rows, self.wrong]

    def accuracy(self, logits: Tensor) -> float:
        """Share of prompts whose answer has the greatest logit of all."""
        return float((logits[:, -1].argmax(-1) == self.answer).float().mean())
