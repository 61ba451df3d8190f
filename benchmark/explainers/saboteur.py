"""Control: sounds right and is wrong: each concept of the right report swapped for its neighbour."""

from collections.abc import Callable
from dataclasses import replace

from benchmark.explainers.explainer import Ask, Journal
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Laboratory
from synthetic_neurons.predicate import And, Count, Not, Or, Predicate, Previous, Scaled, Unless, Within

# A leaf's neighbour; None for a leaf that has none, which stays as it is.
Swap = Callable[[Predicate], Predicate | None]
# A claim in prose, from its predicate and its level.
Say = Callable[[Predicate, float], str]


def sabotaged(report: Report, swap: Swap, say: Say) -> Report | None:
    """The report with its concepts swapped: as many claims, levels and gates as before; or None if none could be.

    A condition on the context or an exception stays, unless the report's only words stand there.
    """
    for inner in (False, True):
        turned = [_turned(each.predicate, swap, inner) if each.predicate else None for each in report.claims]
        if any(predicate is not None for predicate in turned):
            claims = tuple(
                claim if predicate is None else Claim(say(predicate, claim.level), predicate, claim.level)
                for claim, predicate in zip(report.claims, turned, strict=True)
            )
            return replace(report, text="; ".join(claim.text for claim in claims), claims=claims)
    return None


def _turned(predicate: Predicate, swap: Swap, inner: bool) -> Predicate | None:
    """The tree with its concepts swapped; None where nothing in it was."""
    if isinstance(predicate, And | Or):
        parts = [_turned(each, swap, inner) for each in predicate.of]
        if all(part is None for part in parts):
            return None
        return replace(predicate, of=tuple(new or old for new, old in zip(parts, predicate.of, strict=True)))
    if isinstance(predicate, Scaled | Unless) or (inner and isinstance(predicate, Previous | Within | Count)):
        part = _turned(predicate.of, swap, inner)
        return None if part is None else replace(predicate, of=part)
    return None if isinstance(predicate, Not) else swap(predicate)


class Saboteur:
    """Hands in a report as fluent, as long and about as broad as the right one, about what lies next to it.

    A reader that goes by likeness alone believes it; one that reads what is said finds it wrong.

    Args:
        report: the right report with its concepts swapped (`sabotaged`); whoever builds the saboteur sees to it that
            what it says does not correlate with the unit.
    """

    name: str = "saboteur"
    needs_model: bool = False
    declares_predicates: bool = True

    def __init__(self, report: Report) -> None:
        self._report = report

    async def explain(self, laboratory: Laboratory, journal: Journal, ask: Ask | None = None) -> Report:
        """The swapped report, unchanged; spends nothing."""
        journal.note("submission", self._report.text, report=self._report.to_json())
        return self._report
