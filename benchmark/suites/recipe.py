"""What a suite is made of: its numbers in one place."""

from dataclasses import dataclass, field

from synthetic_neurons.families import FAMILIES
from synthetic_neurons.knobs import Knobs

# Nulls are a tier of their own, matched to found units.
PLANTED = tuple(name for name in FAMILIES if name != "null")


@dataclass(frozen=True)
class Recipe:
    """The recipe of a suite; `viva freeze suite=NAME seed=N` follows it."""

    name: str
    seed: int
    planted: int = 24
    knobs: Knobs = field(default_factory=Knobs)
    # Whether the probed directions that ship are among the units, all of them.
    probed: bool = False
    found_per_stratum: int = 6
    # Firing rates a token on the calibration split; a TopK SAE of 4,096 latents and k = 48 fires at 0.0117 on average.
    strata: dict[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "rare": (0.0008, 0.002),
            "low": (0.002, 0.005),
            "middle": (0.005, 0.015),
            "common": (0.015, 0.10),
        }
    )
    nulls: int = 12
    # Dead and always-on by turns, beside the units that have a score.
    trivial: int = 2
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
    # Whether spliced windows that share eight words with teach or exam are left out. embedded-2 was frozen without this
    # rule; none of the windows that it holds do, which its tests check.
    ood_apart: bool = True
    # Numbers of different reports; more are made than needed, since writers repeat themselves.
    ladder_draws: int = 2
    ladder_per_family: int = 2
    ladder_least: int = 400
    latents_by_rules: int = 300
    latents_by_model: int = 200
    latents_shown: int = 280
    statements: int = 120


RECIPES = {
    "embedded-2": Recipe("embedded-2", seed=2, ood_apart=False),
    "embedded-2-reference": Recipe(
        "embedded-2-reference",
        seed=2,
        planted=150,
        probed=True,
        nulls=61,
        planted_natural=22_800,
        planted_generated=5_700,
        generated_firing=0.95,
    ),
}
# Suites that load as they were frozen, and whose recipe no longer makes them.
RETIRED = {"embedded-1": "its planted units came from generators that are gone"}
