"""What a suite is made of: its numbers in one place."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """The recipe of a suite; `viva freeze suite=NAME seed=N` follows it."""

    name: str
    seed: int
    planted_per_family: int = 4
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
    floor: float = 0.05
    expect: int = 40
    items: int = 20
    minimum_positives: int = 30
    teach: dict[str, int] = field(default_factory=lambda: {"firing": 40, "near_miss": 40, "silent": 120})
    planted_natural: int = 12_000
    planted_generated: int = 3_000
    generated_teach: int = 60
    generated_practice: int = 120
    # Numbers of different reports; more are made than needed, since writers repeat themselves.
    ladder_draws: int = 4
    ladder_per_family: int = 8
    ladder_least: int = 400
    latents_by_rules: int = 300
    latents_by_model: int = 200
    latents_shown: int = 280
    statements: int = 120


RECIPES = {"embedded-1": Recipe("embedded-1", seed=1)}
