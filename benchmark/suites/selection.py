"""Choosing a suite's found units, by strata of firing rate, and nulls matched to them."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.units.null import fit_null
from benchmark.units.unit import Unit

PRACTICE_FIRING = 100
OOD_FIRING = 20


def found_candidates(recipe: Recipe, fields: dict[str, Field], width: int) -> dict[str, list[int]]:
    """Latents by stratum in random order, from firing rates on calibration; never picked by hand.

    A latent must fire in enough practice and out-of-distribution windows to fill the practice slices.
    """
    calibration = fields["calibration"].latents
    assert calibration is not None
    rate = calibration.firing_rate(width)
    rng = np.random.default_rng(recipe.seed + 7)
    order = rng.permutation(width)
    return {name: [int(i) for i in order if low <= rate[i] < high] for name, (low, high) in recipe.strata.items()}


def enough_practice(fields: dict[str, Field], latent: int) -> bool:
    """Whether a latent can fill its practice slices."""
    unit = Unit("candidate", "found", "", {"latent": latent})
    return bool(
        (fields["practice"].peak(unit) > 0).sum() >= PRACTICE_FIRING
        and (fields["ood"].peak(unit) > 0).sum() >= OOD_FIRING
    )


def found_units(
    recipe: Recipe, fields: dict[str, Field], by_stratum: dict[str, list[int]]
) -> Iterator[tuple[str, Unit]]:
    """Found units, stratum by stratum, endless as far as latents reach; the caller takes what it needs."""
    for stratum, latents in by_stratum.items():
        for latent in latents:
            if enough_practice(fields, latent):
                unit = Unit(f"found-{latent:04d}", "found", stratum, {"latent": latent})
                scale = float(np.round(fields["teach"].words(unit).max(), 2))
                yield stratum, Unit(unit.identifier, "found", stratum, unit.truth, scale=max(scale, 0.01))


def choose_found(recipe: Recipe, fields: dict[str, Field], width: int) -> tuple[list[Unit], list[int]]:
    """The suite's found units, and the latents left over for the bank."""
    by_stratum = found_candidates(recipe, fields, width)
    chosen: list[Unit] = []
    for stratum in recipe.strata:
        stream = found_units(recipe, fields, {stratum: by_stratum[stratum]})
        chosen += [unit for _, (_, unit) in zip(range(recipe.found_per_stratum), stream, strict=False)]
    taken = {unit.truth["latent"] for unit in chosen}
    rng = np.random.default_rng(recipe.seed + 8)
    rest = [latent for latents in by_stratum.values() for latent in latents if latent not in taken]
    return chosen, [int(i) for i in rng.permutation(rest)]


def null_units(recipe: Recipe, found: Sequence[Unit], calibration: Field) -> list[Unit]:
    """Nulls matched in marginal and burstiness to found units, spread over the strata, in turn if there are more."""
    step = max(1, len(found) // recipe.nulls)
    matches = found[::step]
    made = []
    for index in range(recipe.nulls):
        match = matches[index % len(matches)]
        values = np.round(calibration.words(match), 2)
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
