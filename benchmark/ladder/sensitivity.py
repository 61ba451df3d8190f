"""How much a score moves when a report says the same in other words: paraphrased, padded, or telegraphic.

A reader that grades prose should grade what is said. The exact report of a planted unit is rewritten without touching
its predicates, so its true agreement stays as it was, and whatever its score moves by is the reader's own. Beside it
stands what the same reader takes off for a real error, a concept left out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from benchmark.ladder.scores import Examined, Point, planted_units
from benchmark.readers.reader import Reader
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.suites.suite import Suite
from synthetic_neurons.ladder.rungs import Ladder, Rung
from synthetic_neurons.planted import report_text

# True of every claim, and of no use to predict anything: about three times the length of a claim.
PADDING = (
    "This has been seen again and again, in texts of many kinds, and it seems to hold quite generally, as far as that "
    "can be told; there may of course be more to it than this"
)
# Articles, copulas and the like: what a telegram leaves out and a claim can spare. No list of a reader's, which would
# make that reader blind to the change.
_SPARED = frozenset(
    ("a", "an", "the", "is", "are", "was", "were", "be", "been", "being", "that", "which", "it", "its", "their", "such")
)
KINDS = {
    "paraphrase": "three other wordings of the same claims",
    "longer": "each claim followed by a sentence that says nothing",
    "telegraphic": "articles, copulas and relative pronouns left out",
    "missing concept": "for comparison, a real error: one concept left out",
}
_OF_RUNG = {"paraphrase_1": "paraphrase", "paraphrase_2": "paraphrase", "paraphrase_3": "paraphrase"} | {
    "missing_concept": "missing concept",
    "longer": "longer",
    "telegraphic": "telegraphic",
}


@dataclass(frozen=True)
class Sensitivity:
    """One reader and metric under one kind of change.

    Attributes:
        reader, metric: what was examined.
        kind: one of `KINDS`.
        change: mean over units of the changed report's score less the exact report's.
        moved: mean over units of its absolute value.
    """

    reader: str
    metric: str
    kind: str
    change: Interval
    moved: Interval

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value."""
        return asdict(self)


def padded(text: str) -> str:
    """A claim with a sentence behind it that says nothing."""
    return f"{text}. {PADDING}"


def telegraphic(text: str) -> str:
    """A claim without its articles, copulas and relative pronouns; a word in quotation marks stays."""
    return " ".join(word for word in text.split() if word.strip(".,;:()").lower() not in _SPARED) or text


def reworded(exact: Rung) -> list[Rung]:
    """The exact rung said at length and in telegraphic words; its agreement is the exact one's."""
    changes: Mapping[str, Callable[[str], str]] = {"longer": padded, "telegraphic": telegraphic}
    return [_said(exact, name, change) for name, change in changes.items()]


def _said(exact: Rung, name: str, change: Callable[[str], str]) -> Rung:
    claims = tuple(replace(claim, text=change(claim.text)) for claim in exact.claims)
    return replace(exact, name=name, error="wording", claims=claims, text=report_text(claims))


def reworded_points(suite: Suite, readers: Sequence[Reader]) -> list[Point]:
    """Score the reworded rungs of every planted unit as `benchmark.ladder.points` scores the ladder."""
    units, pool = planted_units(suite), suite.pool("planted")
    ladder, examined = Ladder(units, pool.passages, pool.word_weight), Examined(suite, pool, units)
    exact = [(unit, ladder.rungs(unit)[0]) for unit in units]
    return [examined.point(unit, rung, readers) for unit, first in exact for rung in reworded(first)]


def sensitivities(found: Iterable[Point], seed: int) -> list[Sensitivity]:
    """Every reader, metric and kind of change.

    Args:
        found: points of the ladder and of the reworded rungs.
        seed: of the bootstrap over units.
    """
    by_unit: dict[str, dict[str, Point]] = {}
    for point in found:
        by_unit.setdefault(point.unit, {})[point.rung] = point
    units = list(by_unit.values())
    some = units[0]["exact"].scores if units else {}
    return [
        _sensitivity(units, reader, metric, kind, seed) for reader in some for metric in some[reader] for kind in KINDS
    ]


def _sensitivity(units: Sequence[Mapping[str, Point]], reader: str, metric: str, kind: str, seed: int) -> Sensitivity:
    changes = [found for rungs in units if (found := _changes(rungs, reader, metric, kind))]
    return Sensitivity(
        reader,
        metric,
        kind,
        interval([float(np.mean(each)) for each in changes], seed=seed),
        interval([float(np.mean(np.abs(each))) for each in changes], seed=seed),
    )


def _changes(rungs: Mapping[str, Point], reader: str, metric: str, kind: str) -> list[float]:
    """Of one unit: the changed scores less the exact report's; none where the unit has no such rung."""
    exact = rungs["exact"].scores[reader][metric]
    return [point.scores[reader][metric] - exact for name, point in rungs.items() if _OF_RUNG.get(name) == kind]
