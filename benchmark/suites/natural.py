"""The natural side of a suite: its text, read by every home, and the units that are measured on it."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from benchmark.subjects.probe_directions import Directions, shipped_probes
from benchmark.suites.fields import Field
from benchmark.suites.homes import Dwelling
from benchmark.suites.probed import probed_units, with_probes
from benchmark.suites.recipe import Recipe
from benchmark.suites.selection import (
    Candidates,
    FoundTier,
    choose_found,
    choose_randomised,
    null_units,
    trivial_found,
)
from benchmark.suites.sources import natural_fields, natural_windows
from benchmark.suites.survey import candidates, stated, survey
from benchmark.suites.tables import SuiteError
from benchmark.units.unit import Unit

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Reading:
    """Natural text as every home of a suite has read it, before any unit is chosen.

    Attributes:
        dwelling: the found units' home.
        fields: by part, read for every tier.
        candidates: by tier, the units that may be chosen.
        counts: by tier, how many units there are of each kind.
        dwellings: by tier, the home.
        directions: the probed directions; None where the suite has none.
    """

    dwelling: Dwelling
    fields: dict[str, Field]
    candidates: Mapping[FoundTier, Candidates]
    counts: Mapping[FoundTier, dict[str, Any]]
    dwellings: Mapping[FoundTier, Dwelling]
    directions: Directions | None


@dataclass(frozen=True, eq=False)
class Natural:
    """What a suite takes from natural text.

    Attributes:
        dwelling: the found units' home.
        fields: by part, read for every tier.
        units: probed, found, randomised and null units, in this order.
        trivial: dead and always-on units of the home.
        rest: units of the home that the suite does not hold, in the order in which the null bank takes them.
        sources: by tier, what the manifest says of its home.
        selection: by tier, how its units were chosen, with all counts.
        offsets: the value above which each unit of the home fires.
        probes_sha256: of the probed directions; empty where there are none.
    """

    dwelling: Dwelling
    fields: dict[str, Field]
    units: Sequence[Unit]
    trivial: Sequence[Unit]
    rest: Sequence[int]
    sources: Mapping[str, Any]
    selection: Mapping[str, Any]
    offsets: Mapping[int, float]
    probes_sha256: str = ""


def read_natural(recipe: Recipe, say: Say = lambda line: None) -> Reading:
    """Cut the text and read it in every home."""
    for home in (recipe.home, recipe.randomised_home):
        # What a name does not mean is said before the text is read.
        _ = home and home.specs
    dwelling = Dwelling(recipe.home, say)
    fields = natural_fields(natural_windows(dwelling.tokenizer))
    directions = Directions.load(shipped_probes()) if recipe.probed else None
    if directions is not None:
        fields = with_probes(fields, directions, say)
    dwellings: dict[FoundTier, Dwelling] = {"found": dwelling}
    if recipe.randomised_home is not None and recipe.randomised:
        dwellings["randomised"] = Dwelling(recipe.randomised_home, say)
    chosen_from: dict[FoundTier, Candidates] = {}
    counts: dict[FoundTier, dict[str, Any]] = {}
    for tier, home_of_tier in dwellings.items():
        fields, chosen_from[tier], counts[tier] = _with_tier(tier, recipe, home_of_tier, fields)
    return Reading(dwelling, fields, chosen_from, counts, dwellings, directions)


def choose_natural(
    recipe: Recipe, reading: Reading, without: Set[str] = frozenset(), say: Say = lambda line: None
) -> Natural:
    """Choose the units.

    Args:
        recipe: how many.
        reading: what they are chosen from.
        without: identifiers of found and randomised units that a pool held too few positive windows of, so that others
            take their places (METHOD.md section 1).
        say: told how many of each cell were chosen.
    """
    dwelling, fields, first = reading.dwelling, reading.fields, reading.candidates["found"]
    found, rest = choose_found(recipe, first, without)
    chosen: dict[FoundTier, list[Unit]] = {"found": found}
    if (second := reading.candidates.get("randomised")) is not None:
        chosen["randomised"] = choose_randomised(recipe, found, second, without)
    selection: dict[str, Any] = {
        tier: {
            **reading.counts[tier],
            "redrawn": sum(name.startswith(f"{tier}-") for name in without),
            **_told(reading.candidates[tier], units, say),
        }
        for tier, units in chosen.items()
    }
    directions = reading.directions
    probed = probed_units(directions, fields["teach"]) if directions is not None else []
    nulls = null_units(recipe, found, fields["calibration"])
    homely = [unit for tier, units in chosen.items() for unit in _promoted(units, reading.dwellings[tier])]
    return Natural(
        dwelling,
        fields,
        [*probed, *homely, *nulls],
        trivial_found(recipe, first.survey, fields),
        rest,
        {tier: home.to_json() for tier, home in reading.dwellings.items()},
        selection,
        {column: first.survey.offset(column) for column in first.survey.columns},
        directions.sha256 if directions is not None else "",
    )


def _with_tier(
    tier: FoundTier, recipe: Recipe, dwelling: Dwelling, fields: dict[str, Field]
) -> tuple[dict[str, Field], Candidates, dict[str, Any]]:
    """The fields with a home's values on them, the units that may be chosen, and the counts of all."""
    every = survey(dwelling, recipe, list(fields["calibration"].passages.texts))
    counts = every.counts(recipe)
    dwelling.say(f"{tier}: {stated(counts)}")
    some = candidates(every, recipe)
    read = {
        part: replace(
            field,
            readings={
                **field.readings,
                tier: dwelling.read(list(field.passages.texts), list(some.columns), some.offsets),
            },
        )
        for part, field in fields.items()
    }
    for part, field in read.items():
        if any(not np.array_equal(each.word_of, field.word_of) for each in field.readings.values()):
            raise SuiteError(
                f"{dwelling.home.subject} cuts {part} into other tokens than {recipe.home.subject}, so their units "
                "cannot share windows; mend: a randomised subject with the same tokenizer"
            )
    return read, Candidates.of(tier, recipe, some, read), counts


def _told(chosen_from: Candidates, units: Sequence[Unit], say: Say) -> dict[str, Any]:
    """How units were chosen: of each cell its limits, candidates and units."""
    cells: dict[str, Any] = {}
    for (stratum, difficulty), numbers in chosen_from.cells().items():
        mine = [unit for unit in units if unit.family == stratum and unit.notes["group"] == difficulty]
        middle = round(chosen_from.split(stratum), 4)
        cells[f"{stratum}/{difficulty}"] = {"split_at": middle, "candidates": len(numbers), "chosen": len(mine)}
        line = f"{chosen_from.tier}, {stratum}, {difficulty}: {len(mine)} of {len(numbers):,}"
        say(f"{line} (words alone reach r {middle:.2f} at the median)")
    if dense := len(chosen_from.dense):
        say(f"{chosen_from.tier}: {dense} fire in nearly all windows, and were not chosen")
    return {"passed_over": chosen_from.passed_over, "dense": dense, "cells": cells}


def _promoted(units: Sequence[Unit], dwelling: Dwelling) -> list[Unit]:
    """The units with the tokens that their directions promote, where there are any."""
    told = [dwelling.promoted(int(unit.truth["latent"])) for unit in units]
    return [
        replace(unit, notes={**unit.notes, **({"promoted": tokens} if tokens else {})})
        for unit, tokens in zip(units, told, strict=True)
    ]
