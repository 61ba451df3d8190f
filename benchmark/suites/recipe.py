"""What a suite is made of: its numbers in one place."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from benchmark.suites.homes import Home
from benchmark.suites.tables import SuiteError
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.knobs import KnobError, Knobs

# Named where a recipe's units of a randomised subject are not wanted.
NO_HOME = Home("none", "none")
HOME, RANDOMISED_HOME = Home(), Home("randomised", "shipped_randomised")
# Nulls are a tier of their own, matched to found units.
PLANTED = tuple(name for name in FAMILIES if name != "null")


@dataclass(frozen=True)
class Recipe:
    """The recipe of a suite; `viva freeze suite=NAME seed=N` follows it."""

    name: str
    seed: int
    planted: int = 24
    # The families that planted units come from, in turn.
    families: tuple[str, ...] = PLANTED
    knobs: Knobs = field(default_factory=Knobs)
    # Whether the probed directions that ship are among the units, all of them; they are the embedded subject's.
    probed: bool = False
    # Where found units live, and how many there are: as many of each stratum, half of them lexical, half contextual.
    home: Home = HOME
    found: int = 24
    # Where units of a subject with random weights live; None: the suite has none.
    randomised_home: Home | None = RANDOMISED_HOME
    randomised: int = 12
    # Firing rates a token on the calibration split; a TopK SAE of 4,096 latents and k = 48 fires at 0.0117 on average.
    strata: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "rare": (0.0008, 0.002),
            "low": (0.002, 0.005),
            "middle": (0.005, 0.015),
            "common": (0.015, 0.10),
        }
    )
    # A unit that fires on at least this share of tokens is always on: trivial.
    always_on: float = 0.99
    nulls: int = 12
    # Dead and always-on by turns, beside the units that have a score.
    trivial: int = 2
    # Of the home's own dead and always-on units, of each where there are any.
    trivial_found: int = 1
    floor: float = 0.05
    expect: int = 40
    items: int = 20
    minimum_positives: int = 30
    teach: dict[str, int] = field(default_factory=lambda: {"firing": 40, "near_miss": 40, "silent": 120})
    planted_natural: int = 12_000
    planted_generated: int = 3_000
    # The share of a unit's generated exam texts in which it fires.
    generated_firing: float = 0.5
    generated_teach: int = 60
    generated_practice: int = 240
    # Out-of-distribution windows into which a text of the unit's is set: few units fire often enough there by nature.
    generated_ood: int = 60
    # Numbers of different reports; more are made than needed, since writers repeat themselves.
    ladder_draws: int = 2
    ladder_per_family: int = 2
    ladder_least: int = 400
    latents_by_rules: int = 300
    latents_by_model: int = 200
    latents_shown: int = 280
    statements: int = 120


RECIPES = {
    "embedded-2": Recipe("embedded-2", seed=2),
    "embedded-2-reference": Recipe(
        "embedded-2-reference",
        seed=2,
        planted=150,
        probed=True,
        found=128,
        randomised=128,
        nulls=120,
        planted_natural=22_800,
        planted_generated=5_700,
        generated_firing=0.95,
    ),
    # For hypotheses about looped explainers (METHOD.md section 5): where a single look misleads, and nulls beside it.
    "embedded-2-misleading": Recipe(
        "embedded-2-misleading",
        seed=2,
        planted=128,
        families=("confounded", "adversarial", "polysemantic"),
        found=32,
        randomised_home=None,
        nulls=32,
        trivial=0,
        trivial_found=0,
    ),
}
# Suites that load as they were frozen, and whose recipe no longer makes them.
RETIRED = {"embedded-1": "its planted units came from generators that are gone"}


def recipe_for(
    name: str,
    seed: int | None,
    knobs: Mapping[str, Any] | None = None,
    home: Home | None = None,
    randomised_home: Home | None = None,
) -> Recipe:
    """A known recipe, with another seed, home or knobs if they are given; all but the seed then stand in its name.

    Args:
        name: of the recipe.
        seed: None: the recipe's own.
        knobs: of planted units.
        home: where found units live; None: the recipe's.
        randomised_home: where units of a subject with random weights live; `NO_HOME`: there are none. With another
            `home` there are none unless this is given, since they are the control of the home that was trained alike.

    Raises:
        SuiteError: no such recipe, or a knob out of its range.
    """
    if name in RETIRED:
        raise SuiteError(f"{name} loads as it was frozen, but {RETIRED[name]}; freeze one of: {', '.join(RECIPES)}")
    if name not in RECIPES:
        raise SuiteError(f"no recipe {name!r}; there are: {', '.join(RECIPES)}")
    recipe = RECIPES[name] if seed is None else replace(RECIPES[name], seed=seed)
    if home is not None and home != recipe.home:
        recipe = _elsewhere(recipe, home)
    if randomised_home is not None and randomised_home != recipe.randomised_home:
        told = "without-randomised" if randomised_home == NO_HOME else f"control-{_told(randomised_home)}"
        there = None if randomised_home == NO_HOME else randomised_home
        recipe = replace(recipe, name=f"{recipe.name}-{told}", randomised_home=there)
    if not knobs:
        return recipe
    try:
        turned = Knobs.from_json(knobs)
    except KnobError as error:
        raise SuiteError(str(error)) from None
    told = "-".join(f"{key}-{json.dumps(value, separators=(',', ':'))}" for key, value in knobs.items())
    return replace(recipe, name=f"{recipe.name}-{told}", knobs=turned)


def _elsewhere(recipe: Recipe, home: Home) -> Recipe:
    """A recipe whose found units live in another subject or SAE; probed directions are the embedded subject's alone."""
    probed = recipe.probed and home.subject == recipe.home.subject
    return replace(recipe, name=f"{recipe.name}-{_told(home)}", home=home, probed=probed, randomised_home=None)


def _told(home: Home) -> str:
    """A home in a suite's name: the ends of its two words, and a few digits that tell it from its namesakes."""
    ends = "-".join(re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-")[-24:] for word in (home.subject, home.sae))
    return f"{ends.strip('-')}-{hashlib.sha256(repr(home).encode()).hexdigest()[:6]}"
