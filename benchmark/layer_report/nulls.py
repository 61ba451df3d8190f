"""The layer's own null units: they fire as often, as strongly and in such runs as its latents do, by a keyed hash."""

from dataclasses import dataclass

from benchmark.calibration.nulls import TRIES
from benchmark.calibration.teaching import LEAST_FIRING
from benchmark.layer_report.layer import Layer
from benchmark.units.null import NullUnit, fit_null


@dataclass(frozen=True)
class LayerNull:
    """One null unit with the latent that it is matched to."""

    number: int
    matched: int
    unit: NullUnit

    @property
    def key(self) -> str:
        """Its name in the ledger."""
        return f"null/{self.number}"


def layer_null(layer: Layer, number: int, matched: int, seed: int) -> LayerNull:
    """Null unit `number`, matched to a latent on the teach windows alone, so that nothing of the exam reaches it.

    Raises:
        ValueError: five keys in a row fire in fewer than ten teach windows.
    """
    values = layer.readings["teach"].words(matched)
    for attempt in range(TRIES):
        key = f"layer-report/{layer.facts.get('sae_sha256', '')}/{seed}/{number}/{attempt}"
        unit = fit_null(key, values, layer.teach)
        if (layer.teach.per_text_max(unit.on(layer.teach)) > 0).sum() >= LEAST_FIRING:
            return LayerNull(number, matched, unit)
    raise ValueError(f"null {number}, like latent {matched}, fires in fewer than {LEAST_FIRING} teach windows")
