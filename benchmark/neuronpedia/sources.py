"""Which feature of the site a suite's unit is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.neuronpedia.key import FeatureKey
from benchmark.neuronpedia.line import NeuronpediaError, shown
from benchmark.units.unit import Unit

# The tier whose units are features of an SAE.
TIER = "found"
# What a home's `sae` begins with where its units are no features of an SAE.
NO_SAE = ("neurons:", "directions:")
_SUCH = "such as gpt2-small/6-res-jb"


@dataclass(frozen=True)
class Source:
    """The site's name for an SAE: `modelId` and `layer`.

    Raises:
        NeuronpediaError: a part is empty, or holds what no name on the site holds.
    """

    model: str
    layer: str

    def __post_init__(self) -> None:
        """Refuse what is no name."""
        FeatureKey(self.model, self.layer, "0")

    def __str__(self) -> str:
        """As in the site's addresses."""
        return f"{self.model}/{self.layer}"

    def feature_of(self, unit: Unit) -> FeatureKey | None:
        """The feature that a unit is; None for a unit that is no latent of an SAE."""
        latent = unit.truth.get("latent") if unit.tier == TIER else None
        return FeatureKey(self.model, self.layer, str(latent)) if latent is not None else None

    def features_of(self, units: Iterable[Unit]) -> dict[FeatureKey, str]:
        """Feature to unit's identifier, for the units that are features."""
        return {key: unit.identifier for unit in units if (key := self.feature_of(unit)) is not None}


def source_of(manifest: Mapping[str, Any], given: str | None, option: str) -> Source:
    """The source that a suite's found units are features of.

    Args:
        manifest: the suite's; its `sources` may say.
        given: what the user says; needed where the suite does not say.
        option: how the user says it, for messages.

    Raises:
        NeuronpediaError: the found units are of no SAE, neither says, they say different things, or what is said is no
            source.
    """
    refuse_other_than_an_sae(manifest)
    home = manifest.get("sources", {}).get(TIER, {})
    stated = str(home.get("neuronpedia") or "")
    if not stated and not given:
        raise NeuronpediaError(
            f"{manifest['name']} does not say which source its found units are of; mend: give "
            f"{option}<modelId>/<layer>, {_SUCH}"
        )
    if stated and given and stated != given:
        raise NeuronpediaError(
            f"{manifest['name']}'s found units are of {shown(stated)}, not of {shown(given)}; mend: leave "
            f"{option.rstrip(' =')} out"
        )
    parts = (stated or str(given)).split("/")
    if len(parts) != 2:
        whose = f"{manifest['name']}'s " if stated else option
        raise NeuronpediaError(f"{whose}{shown(stated or given)} is no source; mend: write <modelId>/<layer>, {_SUCH}")
    return Source(parts[0], parts[1])


def refuse_other_than_an_sae(manifest: Mapping[str, Any]) -> None:
    """Refuse neurons and directions: they have numbers as latents do, but features are an SAE's.

    Raises:
        NeuronpediaError: the suite's found units are such.
    """
    sae = str(manifest.get("sources", {}).get(TIER, {}).get("sae") or "")
    if sae.startswith(NO_SAE):
        raise NeuronpediaError(
            f"{manifest['name']}'s found units are no features of an SAE (sae={shown(sae)}); "
            "mend: a suite frozen with one"
        )
