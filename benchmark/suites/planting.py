"""A suite's planted units: those that fire often enough for its items, and what a suite holds of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.explainers.rule_language import outside_rule_language
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.suites.sources import planted_fields
from benchmark.suites.suite import PRACTICE
from benchmark.suites.tables import SuiteError
from benchmark.units.unit import Unit
from synthetic_neurons.assembly import planted_total, turned_apart
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families import TRIVIAL
from synthetic_neurons.passages import Ints
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.texts.generate import GenerationError, generate

# Candidates per slot: the first, and what may take its place.
RESERVE = 5
# Texts of each split that show whether a unit can be written about.
TRIAL_TEXTS = 20

Candidate = Sequence[PlantedUnit]  # a unit, with its sibling where the knobs ask for one


def _reserve(recipe: Recipe) -> list[list[Candidate]]:
    """Candidates by slot, family by family: the suite's own, then what replaces a unit that is too rare."""
    deep = planted_total(recipe.seed, RESERVE * recipe.planted, recipe.families)
    slots: list[list[Candidate]] = []
    for family in dict.fromkeys(unit.family for unit in deep):
        mine = [unit for unit in deep if unit.family == family]
        units: list[Candidate] = list(turned_apart(mine, recipe.knobs, recipe.seed))
        own = sum(unit.family == family for unit in deep[: recipe.planted])
        slots += [units[place::own] for place in range(own)]
    return slots


def _writable(unit: PlantedUnit) -> bool:
    try:
        return bool(generate(unit, "teach", TRIAL_TEXTS, 0) and generate(unit, "exam", TRIAL_TEXTS, 0))
    except GenerationError:
        return False


def _positives(source: Field, unit: PlantedUnit) -> int:
    return int((source.passages.per_text_max(unit.values(source.passages)) > 0).sum())


def choose_planted(recipe: Recipe, natural: dict[str, Field]) -> tuple[list[PlantedUnit], dict[str, Field], int]:
    """The first candidate of each slot that fires often enough, its population, and how many were passed over.

    Often enough: in the practice text for all its slices, in the out-of-distribution text for the one that comes from
    there, in the exam for what a pool expects.

    Raises:
        SuiteError: no candidate of a slot does.
    """
    slots, redrawn = _reserve(recipe), 0
    least = {"practice": recipe.items * (len(PRACTICE) - 1), "ood": recipe.items, "exam": recipe.expect}
    while all(slots):
        unfit = [not all(map(_writable, slot[0])) for slot in slots]
        if not any(unfit):
            population = planted_fields(recipe, natural, [unit for slot in slots for unit in slot[0]])
            unfit = [
                any(_positives(population[part], unit) < least[part] for part in least for unit in slot[0])
                for slot in slots
            ]
            if not any(unfit):
                return [unit for slot in slots for unit in slot[0]], population, redrawn
        redrawn += sum(unfit)
        slots = [slot[is_unfit:] for slot, is_unfit in zip(slots, unfit, strict=True)]
    raise SuiteError("a slot has no unit that fires often enough; mend: another seed")


def teachable(source: Field, unit: PlantedUnit) -> Ints:
    """Teach windows of a planted unit: none with a held-out word; a confounded concept only as often uncued as said."""
    passages = source.passages
    held = np.array([word.lower() in unit.held_out_words for word in passages.vocabulary], dtype=float)
    bad = passages.per_text_max(held[passages.type_of]) > 0
    if unit.cue is not None:
        fires, cued = unit.values(passages) > 0, evaluate(unit.cue, passages) > 0
        alone = (passages.per_text_max((fires & ~cued).astype(float)) > 0) & ~bad
        together = int(((passages.per_text_max((fires & cued).astype(float)) > 0) & ~bad & ~alone).sum())
        spared = round(together * (1 - unit.cue_strength) / max(unit.cue_strength, 1e-9))
        bad[np.flatnonzero(alone)[spared:]] = True
    return np.flatnonzero(~bad)


def trivial_units(recipe: Recipe) -> list[Unit]:
    """Dead and always-on units by turns, as a suite holds them."""
    made = [TRIVIAL.make(np.random.default_rng(recipe.seed), index) for index in range(recipe.trivial)]
    return [replace(planted(unit), tier="trivial", identifier=unit.identifier, notes={}) for unit in made]


def planted(unit: PlantedUnit) -> Unit:
    """A planted unit as a suite holds it, with the oracle's report."""
    claims = [{"text": c.text, "predicate": c.predicate.to_json(), "level": c.level} for c in unit.claims]
    report = {"text": "; ".join(c.text for c in unit.claims), "claims": claims, "confidence": 1.0, "abstained": False}
    return Unit(
        identifier=f"planted-{unit.identifier}",
        tier="planted",
        family=unit.family,
        truth=unit.truth,
        report=report,
        notes={"group": "outside" if outside_rule_language(unit.predicate) else "inside"},
    )
