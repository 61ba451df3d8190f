"""The natural side of a suite: its text, read by every home, and the units that are measured on it."""

from collections.abc import Callable, Mapping, Sequence
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


def natural(recipe: Recipe, say: Say = lambda line: None) -> Natural:
    """Cut the text, read it, and choose the units."""
    for home in (recipe.home, recipe.randomised_home):
        # What a name does not mean is said before the text is read.
        _ = home and home.specs
    dwelling = Dwelling(recipe.home, say)
    fields = natural_fields(natural_windows(dwelling.tokenizer))
    directions = Directions.load(shipped_probes()) if recipe.probed else None
    if directions is not None:
        fields = with_probes(fields, directions, say)
    fields, first, counts = _with_tier("found", recipe, dwelling, fields)
    found, rest = choose_found(recipe, first)
    selection = {"found": _told(first, counts, found, say)}
    sources = {"found": dwelling.to_json()}
    randomised: list[Unit] = []
    if recipe.randomised_home is not None and recipe.randomised:
        other = Dwelling(recipe.randomised_home, say)
        fields, second, counts = _with_tier("randomised", recipe, other, fields)
        randomised = choose_randomised(recipe, found, second)
        selection["randomised"] = _told(second, counts, randomised, say)
        sources["randomised"] = other.to_json()
        randomised = _promoted(randomised, other)
    probed = probed_units(directions, fields["teach"]) if directions is not None else []
    nulls = null_units(recipe, found, fields["calibration"])
    trivial = trivial_found(recipe, first.survey, fields)
    units = [*probed, *_promoted(found, dwelling), *randomised, *nulls]
    sha256 = directions.sha256 if directions is not None else ""
    offsets = {column: first.survey.offset(column) for column in first.survey.columns}
    return Natural(dwelling, fields, units, trivial, rest, sources, selection, offsets, sha256)


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


def _told(chosen_from: Candidates, counts: dict[str, Any], units: Sequence[Unit], say: Say) -> dict[str, Any]:
    """How units were chosen: the home's counts, and of each cell its limits, candidates and units."""
    cells: dict[str, Any] = {}
    for (stratum, difficulty), numbers in chosen_from.cells().items():
        mine = [unit for unit in units if unit.family == stratum and unit.notes["group"] == difficulty]
        middle = round(chosen_from.split(stratum), 4)
        cells[f"{stratum}/{difficulty}"] = {"split_at": middle, "candidates": len(numbers), "chosen": len(mine)}
        line = f"{chosen_from.tier}, {stratum}, {difficulty}: {len(mine)} of {len(numbers):,}"
        say(f"{line} (words alone reach r {middle:.2f} at the median)")
    return {**counts, "passed_over": chosen_from.passed_over, "cells": cells}


def _promoted(units: Sequence[Unit], dwelling: Dwelling) -> list[Unit]:
    """The units with the tokens that their directions promote, where there are any."""
    told = [dwelling.promoted(int(unit.truth["latent"])) for unit in units]
    return [
        replace(unit, notes={**unit.notes, **({"promoted": tokens} if tokens else {})})
        for unit, tokens in zip(units, told, strict=True)
    ]
