"""Vocabulary projection: the tokens that a unit's decoder direction promotes, named as what it fires on."""

from collections.abc import Sequence

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Laboratory
from synthetic_neurons.passages import word_spans
from synthetic_neurons.predicate import parse

MOST_TOKENS = 20


def whole_words(tokens: Sequence[str], limit: int = MOST_TOKENS) -> tuple[str, ...]:
    """The tokens that are one whole word of two letters or more, lower-cased, first come first, without repeats."""
    kept: dict[str, None] = {}
    for token in (raw.replace("\u0120", " ").replace("\u2581", " ").strip().lower() for raw in tokens):
        if len(token) > 1 and token.isalnum() and word_spans(token) == [(0, len(token))]:
            kept.setdefault(token)
    return tuple(kept)[:limit]


class Vocabulary:
    """Reads the decoder direction through the unembedding and never looks at an activation.

    Args:
        tokens: tokens by falling logit of the decoder direction, as text; injected, since only the subject has them.

    Source: the logit lens of nostalgebraist (2020), applied to SAE decoders as in Bricken et al. (2023).
    """

    name: str = "vocabulary"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tuple(tokens)

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """One claim, "words such as …"; an abstention where no promoted token is a whole word. Spends nothing."""
        words = whole_words(self._tokens)
        journal.note("observation", f"{len(words)} promoted tokens are whole words", words=list(words))
        if not words:
            return Report.abstain("no token that this direction promotes is a whole word")
        text = "words such as " + ", ".join(words)
        report = Report(text, (Claim(text, parse({"op": "word", "words": list(words)})),))
        journal.note("submission", text, report=report.to_json())
        return report
