"""Top tokens: the words with the greatest mean activation over the teach exemplars. A strong rival on found units."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from benchmark.exam.items import STRATA
from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Laboratory
from synthetic_neurons.predicate import parse

MOST_WORDS = 30
LEAST_MEAN = 0.5


def word_means(laboratory: Laboratory) -> dict[str, float]:
    """Mean activation (0 to 10) of each lower-cased word over all teach exemplars of the unit."""
    values: dict[str, list[float]] = defaultdict(list)
    for stratum in STRATA:
        for exemplar in laboratory.exemplars(stratum):
            for word, value in zip(exemplar.words, exemplar.values, strict=True):
                values[word.lower()].append(float(value))
    return {word: float(np.mean(each)) for word, each in values.items()}


def named_words(means: Mapping[str, float], limit: int = MOST_WORDS) -> list[str]:
    """The words of greatest mean, at most `limit`, each of 0.5 or more; ties in order of the alphabet."""
    return sorted((word for word in means if means[word] >= LEAST_MEAN), key=lambda word: (-means[word], word))[:limit]


def words_text(words: Sequence[str], level: float) -> str:
    """A claim about a list of words, in prose."""
    return f"the words {', '.join(words)} (level {level:.0f})"


class TopTokens:
    """A table of words and levels, nothing else: what context adds above it is an explainer's earnings.

    Args:
        limit: the most words to name.
    """

    name: str = "top_tokens"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, limit: int = MOST_WORDS) -> None:
        self._limit = limit

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One claim for each group of words of equal rounded level; an abstention where no word reaches 0.5."""
        means = word_means(laboratory)
        ranked = named_words(means, len(means))
        top = ranked[: self._limit]
        journal.note("observation", f"{len(ranked)} of {len(means)} words have a mean of {LEAST_MEAN} or more", top=top)
        if not top:
            return Report.abstain("no word has a mean activation worth naming")
        claims = tuple(
            self._claim(list(group), level) for level, group in groupby(top, lambda w: self._level(means[w]))
        )
        report = Report("; ".join(claim.text for claim in claims), claims)
        journal.note("submission", report.text, report=report.to_json())
        return report

    @staticmethod
    def _level(mean: float) -> float:
        return max(1.0, float(round(mean)))

    @staticmethod
    def _claim(words: list[str], level: float) -> Claim:
        return Claim(words_text(words, level), parse({"op": "word", "words": words}), level)
