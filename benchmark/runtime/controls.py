"""Reports of the controls that know the truth: the swapped one, and the strangers that bury the right one."""

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from benchmark.exam.cross_examination import STRANGER_LIMIT, quantise, report_features
from benchmark.explainers.neighbourhood import Neighbourhood, Swapping
from benchmark.explainers.report import Report
from benchmark.explainers.saboteur import sabotaged
from benchmark.explainers.top_tokens import words_text
from benchmark.statistics.weighted import rows_r
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Predicate, Word
from synthetic_neurons.prose.english import describe

if TYPE_CHECKING:
    from benchmark.runtime.workshop import Workshop

STRANGERS = 40
# How far a swap goes when what it gives correlates with the unit after all.
TRIES = 4


def right_report(shop: "Workshop", unit: Unit) -> Report:
    """The truth's own report; of units whose truth is not known, and of null ones, the report of the top tokens."""
    return Report.from_json(unit.report) if unit.report is not None else shop.top_tokens(unit)


def saboteur(shop: "Workshop", unit: Unit) -> Report:
    """The right report with its concepts swapped for the nearest neighbours that have nothing to do with the unit.

    What it says correlates with the unit below 0.1, as a placebo does. A report without a concept to swap, and one
    whose neighbours all correlate, gives way to the placebo.
    """
    right, shut, say = right_report(shop, unit), _fired_on(shop, unit), _words if unit.report is None else _described
    for further in range(TRIES):
        found = sabotaged(right, Swapping(neighbourhood(shop), shut, further), say)
        if found is not None and _r(shop, unit, found) < STRANGER_LIMIT:
            return found
    return shop.placebo(unit)


def strangers(shop: "Workshop", unit: Unit, right: Report) -> list[Report]:
    """The 40 reports of the suite's null bank that fire about as often as the right one does, each of another source.

    So the two together are some forty times too broad, whatever the unit; only reports with predicates that may stand
    as strangers to the unit (METHOD.md section 1) serve.
    """
    bank, row = shop.suite.bank, shop.suite.order[unit.identifier]
    kind = "natural" if unit.pool == "natural" else "planted"
    far = np.abs(bank.features[f"executable/{kind}"][:, 0] - _log_rate(shop, unit, right))
    chosen: dict[str, Report] = {}
    for place in np.argsort(far, kind="stable"):
        each = bank.reports[place]
        if bank.mask[row, place] and each.report.has_predicates:
            chosen.setdefault(each.source, each.report)
    return list(chosen.values())[:STRANGERS]


@lru_cache(maxsize=4)
def neighbourhood(shop: "Workshop") -> Neighbourhood:
    """Over the words of a suite's teach windows."""
    passages = Passages.of([text for text, part in shop.suite.parts() if part == "teach"])
    assert shop.examiner.encoder is not None
    return Neighbourhood(Counter(word.lower() for word in passages.words), shop.examiner.encoder)


def _described(predicate: Predicate, level: float) -> str:
    return describe(predicate)


def _words(predicate: Predicate, level: float) -> str:
    assert isinstance(predicate, Word)
    return words_text(predicate.words, level)


def _fired_on(shop: "Workshop", unit: Unit) -> set[str]:
    """Lower-cased words on which the unit fires, once at least, on the pool or in its teach windows."""
    pool = shop.suite.pool(unit.pool)
    seen = {pool.passages.words[i].lower() for i in pool.rows[unit.identifier].active}
    for each in shop.suite.exemplars(unit):
        seen |= {word.lower() for word, value in zip(each.words, each.values, strict=True) if value > 0}
    return seen


def _levels(shop: "Workshop", unit: Unit, report: Report) -> Floats:
    """float64 [words of the unit's pool]: what the report's predicates say."""
    levels = shop.examiner.readers["executable"].read(report, shop.suite.pool(unit.pool).passages)
    assert levels is not None
    return levels


def _r(shop: "Workshop", unit: Unit, report: Report) -> float:
    pool = shop.suite.pool(unit.pool)
    return rows_r(pool.rows[unit.identifier], _levels(shop, unit, report), pool.word_weight)


def _log_rate(shop: "Workshop", unit: Unit, report: Report) -> float:
    """The log of how often a report fires; an abstention as a report that never does."""
    pool, threshold = shop.suite.pool(unit.pool), shop.examiner.readers["executable"].threshold
    levels = np.zeros(len(pool.passages.words)) if report.abstained else _levels(shop, unit, report)
    return float(report_features(quantise(levels), pool.word_weight, threshold, report.text)[0])
