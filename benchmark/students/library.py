"""Hypotheses in the predicate language, with where each fires; shared by students that think in it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmark.explainers.report import Claim, Report
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages

Bools = NDArray[np.bool_]


class Library:
    """Claims with predicates, by their text.

    Args:
        claims: those without a predicate, and those of a text that is there already, are left out.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        kept: dict[str, Claim] = {}
        for claim in claims:
            if claim.predicate is not None:
                kept.setdefault(claim.text, claim)
        self.claims: tuple[Claim, ...] = tuple(kept.values())
        self._fires: dict[str, Bools] = {}

    @classmethod
    def of(cls, reports: Iterable[Report]) -> "Library":
        """All claims of some reports."""
        return cls(claim for report in reports for claim in report.claims)

    def __len__(self) -> int:
        """How many hypotheses."""
        return len(self.claims)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """A claim's text to its number."""
        return {claim.text: number for number, claim in enumerate(self.claims)}

    def fires(self, text: str) -> Bools:
        """Bool [hypotheses, words of the text]."""
        self.read([text])
        return self._fires[text]

    def read(self, texts: Sequence[str]) -> None:
        """Evaluate all hypotheses on some texts at once; kept, since lessons share their windows."""
        new = [text for text in dict.fromkeys(texts) if text not in self._fires]
        if not new:
            return
        passages = Passages.of(new)
        fires = np.array([self._values(claim, passages) > 0 for claim in self.claims])
        for place, text in enumerate(new):
            self._fires[text] = fires[:, passages.first[place] : passages.first[place + 1]]

    def levels(self, numbers: Sequence[int], passages: Passages) -> Floats:
        """float64 [chosen hypotheses, words], levels 0 to 10."""
        chosen = [self.claims[number] for number in numbers]
        return np.array([claim.level * self._values(claim, passages) for claim in chosen])

    @staticmethod
    def _values(claim: Claim, passages: Passages) -> Floats:
        assert claim.predicate is not None
        return evaluate(claim.predicate, passages)
