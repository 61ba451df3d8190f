"""What a layer report took, and what a layer of 16,384 latents would take."""

from collections.abc import Mapping, Sequence
from typing import Any

PROJECTED = 16_384


def cost(
    records: Sequence[Mapping[str, Any]], sessions: Sequence[Mapping[str, Any]], width: int, explainable: int
) -> dict[str, Any]:
    """Seconds, tokens and measurements.

    Args:
        records: of the sampled latents and null units.
        sessions: of the ledger; of each run of the command what it opened, explained, and what else it did.
        width: latents of the layer.
        explainable: how many of them can be explained.
    """
    explained = [each for each in sessions if each.get("what", "explained") == "explained"]
    others = [each for each in sessions if each.get("what", "explained") != "explained"]
    units, seconds = sum(int(each["units"]) for each in explained), sum(float(each["seconds"]) for each in explained)
    opened = sum(float(each["opened_in"]) for each in explained)
    a_unit = seconds / units if units else 0.0
    rest = sum(float(each["seconds"]) for each in others)
    of_wide = explainable / width * PROJECTED
    return {
        "units": len(records),
        "wall_seconds": round(seconds + opened + rest, 1),
        "explained_seconds": round(seconds, 1),
        "opened_seconds": round(opened, 1),
        "examined_seconds": round(rest, 1),
        "seconds_a_unit": round(a_unit, 4),
        "explainer_seconds": round(sum(float(each["seconds"]) for each in records), 1),
        "grading_seconds": round(sum(float(each["graded_in"]) for each in records), 1),
        "tokens": sum(int(each["spend"]["tokens"]) for each in records),
        "calls": sum(int(each["spend"]["calls"]) for each in records),
        "measurements": sum(int(each["spend"]["unit_queries"]) for each in records),
        "peak_memory_bytes": max((int(each["peak_memory"]) for each in sessions), default=0),
        "workers": sorted({int(each["workers"]) for each in explained}),
        "load": [float(each["load"]) for each in explained],
        "runs": len(explained),
        "projection": {
            "latents": PROJECTED,
            "explainable": round(of_wide),
            "hours": round(of_wide * a_unit / 3600, 2),
            "assumption": "the same text, share of latents that can be explained, seconds a latent, and one process; "
            "reading the text with a wider SAE, null units and the cross-examination come on top",
        },
    }
