"""The layer's own null units: they fire as often, as strongly and in such runs as its latents do, by a keyed hash."""

from dataclasses import dataclass

from benchmark.calibration.teaching import LEAST_FIRING
from benchmark.layer_report.layer import Layer
from benchmark.units.null import NullUnit, fit_null

# Keys that are tried with one latent, and latents that are tried for one null unit.
KEYS, MATCHES = 20, 5


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


class NoNull(Exception):
    """No null unit could be made that fires often enough to be taught."""


def layer_null(layer: Layer, number: int, matched: int, seed: int) -> LayerNull:
    """Null unit `number`, matched to a latent on the teach windows alone, so that nothing of the exam reaches it.

    A rare latent's null may fire in too few windows whatever its key: then the next latent that can be explained is
    its match.

    Raises:
        NoNull: none of five latents in a row gave one.
    """
    able = layer.explainable
    first = able.index(matched) if matched in able else 0
    for step in range(min(MATCHES, len(able))):
        latent = matched if not step else able[(first + step) % len(able)]
        if (found := _matched(layer, number, latent, seed)) is not None:
            return found
    raise NoNull(f"null {number}, like latent {matched}, fires in fewer than {LEAST_FIRING} teach windows")


def _matched(layer: Layer, number: int, latent: int, seed: int) -> LayerNull | None:
    values = layer.readings["teach"].words(latent)
    for attempt in range(KEYS):
        key = f"layer-report/{layer.facts.get('sae_sha256', '')}/{seed}/{number}/{attempt}"
        try:
            unit = fit_null(key, values, layer.teach)
        except ValueError:
            # It fires on first words alone, where null units are silent.
            return None
        if (layer.teach.per_text_max(unit.on(layer.teach)) > 0).sum() >= LEAST_FIRING:
            return LayerNull(number, latent, unit)
    return None
