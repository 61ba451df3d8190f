"""Word-level data for rule search: exemplars laid end to end, with weights that bring the base rate back."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from benchmark.exam.items import STRATA, Stratum
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar, Laboratory
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Ints, Passages

# A silent exemplar stands for many windows of running text, a firing one for itself; the true rates are not shown to
# explainers, so these are set once for all units.
WINDOW_WEIGHT: dict[Stratum, float] = {"firing": 1.0, "near_miss": 2.0, "silent": 20.0}
MEASURED_WEIGHT = 2.0
AffixName = tuple[Literal["suffix", "prefix"], str]


def teach_exemplars(laboratory: Laboratory) -> list[Exemplar]:
    """All teach windows of the unit, stratum by stratum."""
    return [each for stratum in STRATA for each in laboratory.exemplars(stratum)]


@dataclass(frozen=True, eq=False)
class Data:
    """What a hypothesis is fitted to.

    Attributes:
        passages: the windows.
        values: float64 [words], 0 to 10.
        weight: float64 [words]; each word carries its window's weight, and they sum to one.
        unit_weight: the weight of one word of a firing window, the scale for shrinkage.
        fold: int64 [windows], 0 or 1, alternating within each stratum.
    """

    passages: Passages
    values: Floats
    weight: Floats
    unit_weight: float
    fold: Ints

    @classmethod
    def of(cls, exemplars: Sequence[Exemplar], measured: Sequence[Exemplar] = ()) -> "Data":
        """Teach windows, then the explainer's own measured texts.

        Raises:
            ValueError: an exemplar's values do not match the words of its text.
        """
        every = [*exemplars, *measured]
        passages = Passages.of([each.text for each in every])
        values = np.concatenate([each.values for each in every] or [np.zeros(0)]).astype(np.float64)
        if len(values) != len(passages.words):
            raise ValueError(f"exemplars have {len(values)} values for {len(passages.words)} words; give one a word")
        window = np.array([WINDOW_WEIGHT[each.stratum] for each in exemplars] + [MEASURED_WEIGHT] * len(measured))
        weight = window[passages.text_of] if len(values) else np.zeros(0)
        total = max(float(weight.sum()), 1e-12)
        return cls(passages, values, weight / total, 1 / total, _folds(every))

    @cached_property
    def digest(self) -> bytes:
        """What a search depends on, in 32 bytes: equal data have equal ones."""
        told = hashlib.sha256(json.dumps(self.passages.texts).encode())
        for each in (self.values, self.weight, self.fold, np.float64(self.unit_weight)):
            told.update(np.ascontiguousarray(each).tobytes())
        return told.digest()

    @cached_property
    def lower_types(self) -> tuple[str, ...]:
        """The distinct words, lower-cased, sorted."""
        return tuple(sorted({word.lower() for word in self.passages.vocabulary}))

    @cached_property
    def type_of(self) -> Ints:
        """int64 [words]: each word's index in `lower_types`."""
        index = {word: i for i, word in enumerate(self.lower_types)}
        by_case = np.array([index[word.lower()] for word in self.passages.vocabulary], dtype=np.int64)
        return by_case[self.passages.type_of]

    @cached_property
    def affixes(self) -> tuple[Ints, Ints, list[AffixName]]:
        """Every prefix and suffix of 2 to 5 letters of every distinct word, shorter than the word.

        Returns:
            int64 [pairs] indices in `lower_types`, int64 [pairs] indices in the names, and the names.
        """
        number: dict[AffixName, int] = {}
        pairs = [
            (word, number.setdefault(name, len(number)))
            for word, text in enumerate(self.lower_types)
            for name in _affixes_of(text)
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1], list(number)

    def part(self, fold: int) -> "Data":
        """The windows of one fold alone."""
        kept = np.flatnonzero(self.fold == fold)
        words = np.isin(self.passages.text_of, kept)
        total = max(float(self.weight[words].sum()), 1e-12)
        passages = Passages.of([self.passages.texts[i] for i in kept])
        return Data(passages, self.values[words], self.weight[words] / total, self.unit_weight / total, self.fold[kept])


@lru_cache(maxsize=65_536)
def _affixes_of(word: str) -> tuple[AffixName, ...]:
    lengths = range(2, min(5, len(word) - 1) + 1)
    return tuple(name for n in lengths for name in (("suffix", word[-n:]), ("prefix", word[:n])))


def _folds(exemplars: Sequence[Exemplar]) -> Ints:
    seen = dict.fromkeys(STRATA, 0)
    folds = np.zeros(len(exemplars), dtype=np.int64)
    for i, each in enumerate(exemplars):
        folds[i] = seen[each.stratum] % 2
        seen[each.stratum] += 1
    return folds


def predicted(report: Report, passages: Passages) -> Floats:
    """float64 [words], 0 to 10: on each word the greatest level among the claims that hold there.

    Claims without a predicate, and abstentions, predict nothing.
    """
    level = np.zeros(len(passages.words))
    for claim in report.claims:
        if claim.predicate is not None:
            np.maximum(level, claim.level * evaluate(claim.predicate, passages), out=level)
    return level


def weighted_correlation(truth: Floats, prediction: Floats, weight: Floats) -> float:
    """Weighted Pearson r; 0 where either is constant."""
    total = weight.sum()
    if total <= 0:
        return 0.0
    x, y = prediction - weight @ prediction / total, truth - weight @ truth / total
    spread = float(np.sqrt((weight @ x**2) * (weight @ y**2)))
    return float(weight @ (x * y)) / spread if spread > 1e-12 else 0.0
