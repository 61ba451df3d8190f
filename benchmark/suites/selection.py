"""Choosing a suite's found and randomised units, and nulls matched to them; never by hand."""

from collections import deque
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from benchmark.suites.fields import Field, as_shipped
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import NEAR_MISS_WINDOWS
from benchmark.suites.survey import Lexicon, Survey
from benchmark.suites.tables import SuiteError
from benchmark.units.null import fit_null
from benchmark.units.unit import Unit
from synthetic_neurons.predicate import Always, Never, Predicate

PRACTICE_FIRING = 100
OOD_FIRING = 20
# Fewer silent windows than this, and near misses would be most of what is silent.
SILENT_WINDOWS = 2 * NEAR_MISS_WINDOWS
SEEN_PARTS = ("teach", "practice", "ood")
# Below and above the median of a stratum's candidates in what words alone predict.
Difficulty = Literal["lexical", "contextual"]
DIFFICULTIES: tuple[Difficulty, ...] = ("lexical", "contextual")
FoundTier = Literal["found", "randomised"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Units of one home that fire often enough for a suite's items, with their stratum and difficulty.

    A unit that fires in too few exam windows is passed over and counted (METHOD.md section 1); nothing else of the exam
    decides.

    Attributes:
        tier: what they will be.
        survey: their rates.
        fields: the natural parts, read for this tier.
        order: numbers by stratum, in random order.
        lexical_r: what words alone predict of each (`Lexicon`).
        passed_over: how many fire often enough in practice, and in too few windows of teach or the exam.
        dense: those that are silent in too few windows of teach or practice, and are not chosen; the null bank may be
            about them.
    """

    tier: FoundTier
    survey: Survey
    fields: Mapping[str, Field]
    order: Mapping[str, Sequence[int]]
    lexical_r: Mapping[int, float] = field(default_factory=dict)
    passed_over: int = 0
    dense: frozenset[int] = frozenset()

    @classmethod
    def of(cls, tier: FoundTier, recipe: Recipe, survey: Survey, fields: Mapping[str, Field]) -> "Candidates":
        """All units of `survey` in the recipe's strata that can fill their practice slices."""
        rng = np.random.default_rng(recipe.seed + 7)
        places = rng.permutation(len(survey.columns))
        lexicon = Lexicon(fields["teach"].passages, fields["calibration"].passages)
        order: dict[str, list[int]] = {}
        lexical: dict[int, float] = {}
        passed_over = 0
        for name, (low, high) in recipe.strata.items():
            mine = [survey.columns[place] for place in places if low <= survey.rates[place] < high]
            able = [each for each in mine if enough_practice(fields, _probe(tier, each))]
            order[name] = [each for each in able if _enough_elsewhere(recipe, fields, _probe(tier, each))]
            passed_over += len(able) - len(order[name])
            for each in order[name]:
                unit = _probe(tier, each)
                lexical[each] = lexicon.r(fields["teach"].words(unit), fields["calibration"].words(unit))
        dense = frozenset(each for each in lexical if not _enough_silence(fields, _probe(tier, each)))
        return cls(tier, survey, fields, order, lexical, passed_over, dense)

    def may_be_chosen(self, number: int, without: Set[str]) -> bool:
        """Whether a candidate has the silent windows that its items need, and is not among `without`."""
        return number not in self.dense and self.identifier(number) not in without

    def split(self, stratum: str) -> float:
        """The median of what words alone predict, over one stratum."""
        return float(np.median([self.lexical_r[each] for each in self.order[stratum]] or [0.0]))

    def cells(self) -> dict[tuple[str, Difficulty], list[int]]:
        """Numbers by stratum and difficulty, in random order."""
        found: dict[tuple[str, Difficulty], list[int]] = {}
        for stratum, numbers in self.order.items():
            middle = self.split(stratum)
            for difficulty in DIFFICULTIES:
                lexical = difficulty == "lexical"
                found[stratum, difficulty] = [each for each in numbers if (self.lexical_r[each] >= middle) == lexical]
        return found

    def identifier(self, number: int) -> str:
        """What a unit is called in a suite."""
        return f"{self.tier}-{number:04d}"

    def unit(self, number: int, stratum: str, **notes: Any) -> Unit:
        """A unit as a suite holds it."""
        difficulty = "lexical" if self.lexical_r[number] >= self.split(stratum) else "contextual"
        offset = self.survey.offset(number)
        made = Unit(
            identifier=self.identifier(number),
            tier=self.tier,
            family=stratum,
            truth={"latent": number, **({"offset": offset} if offset else {})},
            notes={
                "group": difficulty,
                "lexical_r": round(self.lexical_r[number], 4),
                "rate": round(self.survey.rate(number), 6),
                **notes,
            },
        )
        return replace(made, scale=float(f"{self.fields['teach'].words(made).max():.4g}"))


def _probe(tier: FoundTier, number: int) -> Unit:
    return Unit("candidate", tier, "", {"latent": number})


def enough_practice(fields: Mapping[str, Field], unit: Unit) -> bool:
    """Whether a unit can fill its practice slices."""
    return bool(
        (fields["practice"].peak(unit) > 0).sum() >= PRACTICE_FIRING
        and (fields["ood"].peak(unit) > 0).sum() >= OOD_FIRING
    )


def _enough_elsewhere(recipe: Recipe, fields: Mapping[str, Field], unit: Unit) -> bool:
    """Whether a unit has the exemplars that it is taught with, and the positives that the pool expects."""
    return bool(
        (fields["teach"].peak(unit) > 0).sum() >= recipe.items
        and (fields["exam"].peak(unit) > 0).sum() >= recipe.expect
    )


def _enough_silence(fields: Mapping[str, Field], unit: Unit) -> bool:
    """Whether near misses and silent windows can be told apart; the exam is not looked at."""
    return all((fields[part].peak(unit) <= 0).sum() >= SILENT_WINDOWS for part in SEEN_PARTS)


def choose_found(
    recipe: Recipe, chosen_from: Candidates, without: Set[str] = frozenset()
) -> tuple[list[Unit], list[int]]:
    """The suite's found units, the cells in turn, and the numbers left over for the bank.

    Args:
        recipe: how many.
        chosen_from: the candidates.
        without: identifiers that are not chosen.

    Raises:
        SuiteError: there are too few.
    """
    cells = chosen_from.cells()
    queues = {
        cell: iter([each for each in numbers if chosen_from.may_be_chosen(each, without)])
        for cell, numbers in cells.items()
    }
    taken: dict[int, str] = {}
    while len(taken) < recipe.found:
        before = len(taken)
        for (stratum, _), queue in queues.items():
            if len(taken) < recipe.found and (number := next(queue, None)) is not None:
                taken[number] = stratum
        if len(taken) == before:
            raise SuiteError(
                f"only {len(taken)} units fire often enough in every part, and {recipe.found} are wanted; "
                "mend: another SAE, or fewer units"
            )
    rank = {stratum: place for place, stratum in enumerate(recipe.strata)}
    units = [chosen_from.unit(number, stratum) for number, stratum in taken.items()]
    every = [number for numbers in chosen_from.order.values() for number in numbers]
    rng = np.random.default_rng(recipe.seed + 8)
    rest = [int(number) for number in rng.permutation(every) if number not in taken]
    return sorted(units, key=lambda unit: rank[unit.family]), rest


def choose_randomised(
    recipe: Recipe, found: Sequence[Unit], chosen_from: Candidates, without: Set[str] = frozenset()
) -> list[Unit]:
    """Units of the randomised subject, each of nearly the firing rate of a found one (METHOD.md section 1).

    Args:
        recipe: how many.
        found: the units that they are matched to.
        chosen_from: the candidates.
        without: identifiers that are not chosen.

    Raises:
        SuiteError: there are too few.
    """
    free = {
        number: stratum
        for stratum, numbers in chosen_from.order.items()
        for number in numbers
        if chosen_from.may_be_chosen(number, without)
    }
    if len(free) < recipe.randomised:
        raise SuiteError(
            f"only {len(free)} units of the randomised subject fire often enough, and {recipe.randomised} are wanted; "
            "mend: another seed, or fewer units"
        )
    made = []
    for match in spread(found, recipe.randomised):
        rate = float(match.notes["rate"])
        number = min(free, key=lambda each: (abs(np.log(chosen_from.survey.rate(each) / rate)), each))
        made.append(chosen_from.unit(number, free.pop(number), matched=match.identifier))
    return made


def spread(units: Sequence[Unit], count: int) -> list[Unit]:
    """So many of some units, in turn if there are fewer, spread over their strata and difficulties alike.

    Strata come by turns, and their halves by turns too, so that any few in a row hold as many of each.
    """
    strata = list(dict.fromkeys(unit.family for unit in units))
    order = [(stratum, DIFFICULTIES[(place + turn) % 2]) for turn in range(2) for place, stratum in enumerate(strata)]
    queues = [deque(unit for unit in units if (unit.family, unit.notes["group"]) == cell) for cell in order]
    taken: list[Unit] = []
    while any(queues):
        taken += [queue.popleft() for queue in queues if queue]
    return [taken[place % len(taken)] for place in range(count)]


def trivial_found(recipe: Recipe, survey: Survey, fields: Mapping[str, Field]) -> list[Unit]:
    """A dead and a near-always-on unit of the home, where it has such: what is right to say of them is known.

    A unit counts as dead if it is silent on calibration and on all other text that was read, the exam included: as for
    every unit with a known truth, the truth is a fact about the text, and nobody has chosen the unit by a score.
    """
    rng = np.random.default_rng(recipe.seed + 15)
    kinds: tuple[tuple[str, list[int], Predicate, str, float], ...] = (
        ("dead", survey.dead, Never(), "never fires", 0.0),
        ("always-on", survey.always_on(recipe.always_on), Always(), "fires on every word", 10.0),
    )
    made = []
    for name, numbers, predicate, text, level in kinds:
        known = [int(n) for n in rng.permutation(numbers) if _is_always(fields, int(n), bool(level))]
        if known[: recipe.trivial_found]:
            claim = {"text": text, "predicate": predicate.to_json(), "level": level}
            report = {"text": text, "claims": [claim], "confidence": 1.0, "abstained": False}
            truth = {"predicate": predicate.to_json(), "latent": known[0]}
            notes = {"latent": known[0], "rate": round(survey.rate(known[0]), 6)}
            made.append(Unit(f"trivial-{name}-{known[0]:04d}", "trivial", "trivial", truth, report, notes=notes))
    return made


def _is_always(fields: Mapping[str, Field], number: int, on: bool) -> bool:
    """Whether a unit is on, or silent, wherever it was read."""
    if on:
        return True
    return not any(len(field_.reading("found").on(number)[0]) for field_ in fields.values())


def null_units(recipe: Recipe, found: Sequence[Unit], calibration: Field) -> list[Unit]:
    """Nulls matched in marginal and burstiness to found units, spread over the strata, in turn if there are more."""
    made = []
    for index, match in enumerate(spread(found, recipe.nulls)):
        values = as_shipped(calibration.words(match), match)
        null = fit_null(f"{recipe.name}/{recipe.seed}/null-{index}", values, calibration.passages)
        made.append(
            Unit(
                identifier=f"null-{index:02d}",
                tier="null",
                family="null",
                truth=null.to_json(),
                scale=match.scale,
                notes={"matched": match.identifier},
            )
        )
    return made
