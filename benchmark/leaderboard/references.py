"""Floors and ceilings of every cell (METHOD section 3), with the name of what set them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benchmark.leaderboard.results import UnitResult

Kind = Literal["floor", "ceiling"]
FALLBACKS: Mapping[str, Mapping[Kind, str]] = {
    "planted": {"floor": "placebo", "ceiling": "oracle"},
    "probed": {"floor": "placebo", "ceiling": "oracle"},
    "found": {"floor": "placebo"},
    "randomised": {"floor": "placebo"},
}


@dataclass(frozen=True)
class Reference:
    """What a cell's scores stand between.

    Attributes:
        tier: the cell's tier.
        family: the cell's family, or "all".
        reader: the cell's reader.
        kind: "floor" or "ceiling".
        source: what set it, such as "placebo", "lookup reader", "oracle" or "supervised ceiling".
        r: mean weighted Pearson r, None where not given.
        simulation_accuracy: mean balanced accuracy, None where not given.
    """

    tier: str
    family: str
    reader: str
    kind: Kind
    source: str
    r: float | None
    simulation_accuracy: float | None


def reference(
    cell: tuple[str, str, str],
    kind: Kind,
    given: Mapping[str, Mapping[str, Any]],
    members: Sequence[UnitResult],
) -> Reference | None:
    """The floor or ceiling of one cell, or None where METHOD gives none.

    Args:
        cell: tier, family (or "all") and reader.
        kind: "floor" or "ceiling".
        given: "tier/family/reader", with "*" for any family or reader, to {"r", "simulation_accuracy", "source"}; the
            most specific key wins. Where none fits, the placebo's (or oracle's) own mean in the cell serves.
        members: all settled results of the cell.
    """
    tier, family, reader = cell
    for key in (f"{tier}/{family}/{reader}", f"{tier}/{family}/*", f"{tier}/*/{reader}", f"{tier}/*/*"):
        if key in given:
            value = given[key]
            source = str(value.get("source", kind))
            return Reference(*cell, kind, source, value.get("r"), value.get("simulation_accuracy"))
    return _measured(cell, kind, members)


def _measured(cell: tuple[str, str, str], kind: Kind, members: Sequence[UnitResult]) -> Reference | None:
    source = FALLBACKS.get(cell[0], {}).get(kind)
    own = [result for result in members if result.explainer == source]
    r = [result.r for result in own if result.r is not None]
    if source is None or not r or len(r) < len(own):
        return None
    accuracy = [result.simulation_accuracy for result in own if result.simulation_accuracy is not None]
    return Reference(*cell, kind, source, sum(r) / len(r), sum(accuracy) / len(accuracy) if accuracy else None)
