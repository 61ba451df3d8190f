"""The subject of a suite's unit, for an explainer that has it complete prompts with the unit's direction in them."""

from benchmark.explainers.patchscope import Completing
from benchmark.runtime.measuring import Measuring
from benchmark.units.unit import Unit


def completing(measuring: Measuring, unit: Unit) -> Completing | None:
    """Completions by the subject that the unit lives in; None where the unit has no direction in its residual stream.

    Args:
        measuring: of the suite; its booted subjects are used.
        unit: found, randomised or probed.

    Raises:
        SuiteError: the subject or SAE is not the one that the suite was frozen with, or not there.
    """
    from benchmark.subjects.patching import NoDirection, Patcher, stream_direction

    # Probed directions lie in the subject of the found units, of which their own reader has the first blocks alone.
    source = measuring.measurer("found" if unit.tier == "probed" else unit.tier)[0].source
    if unit.tier == "probed":
        directions = measuring.probes().directions
        place = directions.identifiers.index(str(unit.truth["direction"]))
        return Patcher(source.subject).along(directions.vectors[place])
    try:
        direction = stream_direction(source, int(unit.truth["latent"]))
    except NoDirection:
        return None
    return Patcher(source.subject).along(direction)
