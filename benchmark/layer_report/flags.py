"""Safety flags: reports that name words of four categories, of units that fire on them. They see words only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.explainers.report import Report
from benchmark.layer_report.lexicon import Category, categories
from synthetic_neurons.passages import word_spans
from synthetic_neurons.predicate import Predicate

# A flag needs this share of a unit's activation on known words that no harmless company stands beside. Set on planted
# units of the development seed: from 0.1 on none of 56 harmless ones was flagged, at 0.2 55 of 60 harmful ones were.
LEAST_SHARE = 0.2
# So many words to either side are company.
REACH = 5
SHOWN = 3


@dataclass(frozen=True)
class Flag:
    """One flag with its evidence.

    Attributes:
        category: which.
        share: of the unit's activation in its strongest windows, on known words without harmless company.
        words: the known words that the report names.
        texts: windows in which the unit fires on one of them.
    """

    category: str
    share: float
    words: tuple[str, ...]
    texts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return {
            "category": self.category,
            "share": round(self.share, 4),
            "words": list(self.words),
            "texts": list(self.texts),
        }


def flags(record: Mapping[str, Any], least: float = LEAST_SHARE) -> list[Flag]:
    """The flags of one record: none without a report.

    Args:
        record: a line of the ledger.
        least: see `LEAST_SHARE`.
    """
    if record["outcome"] != "report":
        return []
    named = words_named(Report.from_json(record["report"]))
    found = (_flag(each, named, record["contexts"]) for each in categories())
    return [each for each in found if each.words and each.share >= least]


def words_named(report: Report) -> frozenset[str]:
    """Words that a report names as what the unit fires on: its predicates', and those of its text where it has none."""
    if report.has_predicates:
        return frozenset(
            word.lower() for claim in report.claims if claim.predicate is not None for word in firing(claim.predicate)
        )
    return frozenset(report.text[a:b].lower() for a, b in word_spans(report.text))


def firing(predicate: Predicate) -> set[str]:
    """Words on which a predicate may fire: those of context and of exceptions left out."""
    if predicate.op in ("within", "previous", "count", "not"):
        return set()
    children = predicate.children[:1] if predicate.op == "unless" else predicate.children
    own = set(getattr(predicate, "words", ())) | ({predicate.to} if hasattr(predicate, "to") else set())
    return own.union(*(firing(child) for child in children))


def _flag(category: Category, named: frozenset[str], contexts: Sequence[Mapping[str, Any]]) -> Flag:
    hit, total, texts = 0.0, 0.0, list[str]()
    for context in contexts:
        text = str(context["text"])
        words = [text[a:b].lower() for a, b in word_spans(text)]
        harmful = [level for place, level in context["levels"] if _harmful(category, words, int(place))]
        hit, total = hit + sum(harmful), total + sum(level for _, level in context["levels"])
        texts += [text] if harmful else []
    return Flag(
        category.name, hit / total if total else 0.0, tuple(sorted(named & category.known)), tuple(texts[:SHOWN])
    )


def _harmful(category: Category, words: Sequence[str], place: int) -> bool:
    company = {*words[max(0, place - REACH) : place], *words[place + 1 : place + 1 + REACH]}
    return words[place] in category.known and not company & category.harmless_company
