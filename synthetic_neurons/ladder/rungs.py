"""The ladder: explanations of known quality for a planted unit, to examine readers and metrics with.

Every rung is made from the unit's predicate and claims alone, by tree surgery, and its true agreement with the unit is
computed on given texts: of the steps that could make a rung, the first that makes a difference there is taken.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons import lexicons
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.ladder.agreement import claimed, firing_f1, standardised
from synthetic_neurons.ladder.surgery import broader, narrower, without_a_part, word_lists
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedClaim, PlantedUnit, report_text
from synthetic_neurons.predicate import Always, Not, Predicate, Shape, Word
from synthetic_neurons.prose.paraphrase import REGISTERS

Claims = tuple[PlantedClaim, ...]

# Names in order, with the type of error of each.
ERRORS = {
    "exact": "none",
    "paraphrase_1": "wording",
    "paraphrase_2": "wording",
    "paraphrase_3": "wording",
    "too_broad_1": "over-broad",
    "too_broad_2": "over-broad",
    "too_broad_3": "over-broad",
    "too_narrow_1": "over-narrow",
    "too_narrow_2": "over-narrow",
    "missing_concept": "missing concept",
    "extra_concept": "extra concept",
    "sibling": "sibling",
    "placebo": "unrelated",
    "constant": "vacuous",
}
# Rungs that are another unit's exact report.
BORROWED = ("sibling", "placebo")
# Steps tried for a rung; a step makes a difference if the agreement falls by this much, and ruins it below the floor.
TRIED = 12
FALL = 0.05
FLOOR = 0.2
# Agreement of a placebo: any unit within this of the least related one serves, so that one dull unit is not all's.
UNRELATED = 0.01
WIDER = 4


@dataclass(frozen=True)
class Rung:
    """One explanation of known quality.

    Attributes:
        name: one of `ERRORS`.
        error: its type of error, such as "over-broad"; "none" for the exact one, "wording" for a paraphrase.
        text: the whole report in prose.
        claims: its claims, each with a predicate.
        agreement: true agreement with the unit, r on the ladder's texts; None where there were none.
        f1: agreement on where the unit fires.
    """

    name: str
    error: str
    text: str
    claims: Claims
    agreement: float | None = None
    f1: float | None = None

    @classmethod
    def of(cls, name: str, claims: Claims, text: str | None = None) -> "Rung":
        """A rung with the prose of its claims."""
        return cls(name, ERRORS[name], report_text(claims) if text is None else text, claims)


class _Truth:
    """One unit's values, with what has been measured against them."""

    def __init__(self, unit: PlantedUnit, passages: Passages, weights: Floats | None) -> None:
        self.truth, self.passages, self.weights = unit.truth, passages, weights
        self._values = unit.values(passages)
        self._standardised = standardised(self._values, weights)
        self._known: dict[tuple[tuple[Predicate, float], ...], tuple[float, float]] = {}

    def measures(self, claims: Claims) -> tuple[float, float]:
        """Agreement and F1 of what the claims say; wording does not matter."""
        key = tuple((claim.predicate, claim.level) for claim in claims)
        if key not in self._known:
            said = claimed(claims, self.passages)
            r = float(np.clip(standardised(said, self.weights) @ self._standardised, -1.0, 1.0))
            self._known[key] = r, firing_f1(said, self._values, self.weights)
        return self._known[key]


class Ladder:
    """The ladders of some units over the same texts; what they share is computed once.

    Args:
        units: all of them; a unit's sibling and placebo come from the others that have claims.
        passages: the texts that agreement is measured on. Without them the first possible step makes each rung,
            sibling and placebo go by shared words, and no agreement is stated.
        weights: float64 [words], such as a pool's weights that restore the base rate; None if all weigh the same.
    """

    def __init__(
        self, units: Sequence[PlantedUnit], passages: Passages | None = None, weights: Floats | None = None
    ) -> None:
        # What nothing explains has no report that could stand on another unit's ladder.
        self.units, self.passages, self.weights = tuple(unit for unit in units if unit.claims), passages, weights
        self._last: _Truth | None = None

    def agreement(self, claims: Claims, unit: PlantedUnit) -> float:
        """True agreement of some claims with a unit: weighted r, 0 where either is constant."""
        return self._measures(claims, unit)[0]

    def _measures(self, claims: Claims, unit: PlantedUnit) -> tuple[float, float]:
        """Agreement and F1 of some claims; those of the unit examined last are kept."""
        if self._last is None or self._last.truth != unit.truth:
            assert self.passages is not None
            self._last = _Truth(unit, self.passages, self.weights)
        return self._last.measures(claims)

    @cached_property
    def _row(self) -> dict[Predicate, int]:
        return {predicate: i for i, predicate in enumerate(dict.fromkeys(unit.predicate for unit in self.units))}

    @cached_property
    def _standardised(self) -> NDArray[np.float32]:
        """float32 [different predicates, words]; the product of two rows is their r."""
        assert self.passages is not None
        rows = np.empty((len(self._row), len(self.passages.words)), dtype=np.float32)
        for predicate, i in self._row.items():
            rows[i] = standardised(evaluate(predicate, self.passages), self.weights)
        return rows

    def rungs(self, unit: PlantedUnit) -> list[Rung]:
        """The unit's ladder in the order of `ERRORS`; rungs that do not exist for it are left out."""
        made = [each for each in _Making(self, unit).all() if each is not None]
        if self.passages is None:
            return made
        measures = [self._measures(rung.claims, unit) for rung in made]
        return [replace(rung, agreement=r, f1=f1) for rung, (r, f1) in zip(made, measures, strict=True)]

    def related(self, unit: PlantedUnit) -> list[tuple[float, PlantedUnit]]:
        """How far each other unit's truth is this unit's: r on the texts, or the share of words in common."""
        others = [other for other in self.units if other.predicate != unit.predicate]
        if self.passages is not None:
            r = self._standardised @ self._standardised[self._row[unit.predicate]]
            return [(float(r[self._row[other.predicate]]), other) for other in others]
        own = word_lists(unit.predicate)
        return [(_overlap(own, word_lists(other.predicate)), other) for other in others]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def rungs(
    unit: PlantedUnit,
    others: Sequence[PlantedUnit] = (),
    passages: Passages | None = None,
    weights: Floats | None = None,
) -> list[Rung]:
    """Explanations of one unit, the exact one first; see `Ladder`, which is quicker for many units.

    Args:
        unit: the unit explained.
        others: units to take the sibling's and the placebo's report from (`unit` may be among them).
        passages: as for `Ladder`.
        weights: as for `Ladder`.
    """
    return Ladder((unit, *others), passages, weights).rungs(unit)


def agreement(rung: Rung, unit: PlantedUnit, passages: Passages, weights: Floats | None = None) -> float:
    """True agreement of a rung with a unit: weighted Pearson r of what its claims say with the truth.

    Returns:
        r in [-1, 1]; 0 where either side is constant.
    """
    return Ladder((), passages, weights).agreement(rung.claims, unit)


def _first(pair: tuple[float, Claims | None]) -> float:
    return pair[0]


class _Making:
    """The making of one unit's rungs."""

    def __init__(self, ladder: Ladder, unit: PlantedUnit) -> None:
        self.ladder, self.unit, self.claims = ladder, unit, unit.claims
        self._key = json.dumps(unit.predicate.to_json(), sort_keys=True)

    def all(self) -> Iterator[Rung | None]:
        """Every rung in order; None for one that does not exist."""
        yield Rung.of("exact", self.claims)
        yield from self._paraphrases()
        broad = self._broad()
        missing = self._missing(broad)
        yield from (Rung.of(f"too_broad_{i}", claims) for i, claims in enumerate(broad, start=1))
        yield from (Rung.of(f"too_narrow_{i}", claims) for i, claims in enumerate(self._narrow(missing), start=1))
        yield self._of("missing_concept", missing)
        extra = (claims for claims in self._more(self.claims) if claims not in broad)
        yield self._of("extra_concept", self._taken(extra, self.claims))
        yield from self._borrowed()
        constant = (PlantedClaim.of(Always()),)
        yield Rung.of("constant", constant) if constant != self.claims else None

    @staticmethod
    def _of(name: str, claims: Claims | None) -> Rung | None:
        return None if claims is None else Rung.of(name, claims)

    def _paraphrases(self) -> Iterator[Rung]:
        for i, register in enumerate(REGISTERS, start=1):
            claims = tuple(replace(claim, text=register.say(claim.predicate)) for claim in self.claims)
            yield Rung.of(f"paraphrase_{i}", claims, register.report([(each.text, each.level) for each in claims]))

    def _taken(self, options: Iterable[Claims], than: Claims, floor: float = FLOOR) -> Claims | None:
        """The first option that agrees less than `than` does, and not ruinously; else the one nearest to that."""
        if self.ladder.passages is None:
            return next(iter(options), None)
        limit = self.ladder.agreement(than, self.unit) - FALL
        scored: list[tuple[float, Claims]] = []
        for each in islice(options, TRIED):
            r = self.ladder.agreement(each, self.unit)
            scored.append((max(r - limit, floor - r, 0.0), each))
            if scored[-1][0] == 0.0:
                break
        return min(scored, key=_first, default=(0.0, None))[1]

    @staticmethod
    def _stepped(claims: Claims, step: Callable[[Predicate], Iterator[Predicate]]) -> Iterator[Claims]:
        """Every claim changed by its first step, then by its second, and so on as far as there are any."""
        steps = [list(islice(step(claim.predicate), TRIED)) for claim in claims]
        for i in range(max(map(len, steps))):
            chosen = (each[min(i, len(each) - 1)] if each else None for each in steps)
            yield tuple(_exchanged(claim, to) for claim, to in zip(claims, chosen, strict=True))

    def _strangers(self) -> list[Predicate]:
        """Lexicons that share no word with the unit, in an order of the unit's own."""
        own = word_lists(self.unit.predicate)
        found = [each for each in map(lexicons.load, lexicons.names()) if own.isdisjoint(each.words)]
        return [Word(each.words, each.description) for each in sorted(found, key=lambda each: self._order(each.name))]

    def _order(self, name: str) -> bytes:
        return hashlib.blake2b(f"{self._key}/{name}".encode(), digest_size=8).digest()

    def _more(self, claims: Claims, count: int = 1) -> Iterator[Claims]:
        """The claims with strangers added."""
        strangers = self._strangers()
        for at in range(0, len(strangers) - count + 1, count):
            yield (*claims, *map(PlantedClaim.of, strangers[at : at + count]))

    def _broad(self) -> list[Claims]:
        """1: the first step that matters. 2: a further one. 3: all plain words too; none where nothing is broader."""
        first = self._taken(chain(self._stepped(self.claims, broader), self._more(self.claims)), self.claims)
        if first is None or first == self.claims:
            return []
        second = self._taken(chain(self._stepped(first, broader), self._more(first, WIDER)), first, FLOOR / 2)
        assert second is not None
        plain = [(*second, PlantedClaim.of(each)) for each in (Shape("lower"), Not(Shape("punctuation")))]
        third = self._taken(plain, second, -1.0)
        assert third is not None
        return [first, second, third]

    def _narrow(self, missing: Claims | None) -> list[Claims]:
        """1: the first step that matters, other than the missing concept. 2: a further one."""
        first = self._taken((each for each in self._stepped(self.claims, narrower) if each != missing), self.claims)
        second = first and self._taken(self._stepped(first, narrower), first, FLOOR / 2)
        return [each for each in (first, second) if each is not None]

    def _missing(self, broad: Sequence[Claims]) -> Claims | None:
        """One claim less; for a unit of one claim, one joined part less, unless that is the broad rung already."""
        claims = self.claims
        if len(claims) > 1:
            options = [(*claims[:i], *claims[i + 1 :]) for i in reversed(range(len(claims)))]
        else:
            options = [(_exchanged(claims[0], each),) for each in without_a_part(claims[0].predicate)]
        return self._taken([each for each in options if each not in broad], self.claims)

    def _borrowed(self) -> Iterator[Rung]:
        """The reports of the nearest unit, and of one that has nothing to do with this one."""
        related = self.ladder.related(self.unit)
        if not related:
            return
        nearest = max(related, key=lambda pair: pair[0])[1]
        yield Rung.of("sibling", nearest.claims)
        others = [pair for pair in related if pair[1] is not nearest]
        if others:
            least = min(abs(r) for r, _ in others)
            fit = [other for r, other in others if abs(r) <= least + UNRELATED]
            yield Rung.of("placebo", min(fit, key=lambda other: self._order(other.identifier)).claims)


def _exchanged(claim: PlantedClaim, predicate: Predicate | None) -> PlantedClaim:
    return claim if predicate is None else PlantedClaim.of(predicate, claim.level)
