"""What a layer report took, and what a layer of 16,384 latents would take.

Seconds of units come from their records, so that nothing is lost with a run that was killed; wall time is what the runs
that ended say, and is not known where units were explained by one that did not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

PROJECTED = 16_384
Record = Mapping[str, Any]


def cost(
    latents: Sequence[Record],
    nulls: Sequence[Record],
    kept: int,
    sessions: Sequence[Record],
    crossed: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """Seconds, tokens and measurements.

    Args:
        latents: records of the sampled latents.
        nulls: of the null units.
        kept: records in the ledger, those of a larger sample among them.
        sessions: of the ledger; of each run of the command what it opened, explained, and what else it did.
        crossed: by reader, seconds of reading all reports and of all their r; NaN where not known.
        sizes: "width" of the layer, how many are "explainable", "bank" reports, and "units" that were examined.
    """
    records = [*latents, *nulls]
    explained = [each for each in sessions if each.get("what", "explained") == "explained"]
    timed = sum(int(each["units"]) for each in explained)
    made, making_known = _making(records, explained, timed == kept)
    done = [_the_one(sessions, what, len(latents)) for what in ("flags", "examined")]
    walls = [sum(float(each["seconds"]) + float(each["opened_in"]) for each in explained)]
    walls += [float(each["seconds"]) for each in done if each]
    return {
        "units": len(records),
        "latents": len(latents),
        "nulls": len(nulls),
        "kept": kept,
        "timed_units": timed,
        "wall_seconds": round(sum(walls), 1) if timed == kept and all(done) else None,
        "explained_seconds": round(sum(float(each["seconds"]) for each in explained), 1) if timed == kept else None,
        "opened_seconds": round(sum(float(each["opened_in"]) for each in explained), 1),
        "flags_seconds": _seconds(done[0]),
        "examined_seconds": _seconds(done[1]),
        "explainer_seconds": _total(records, "seconds"),
        "grading_seconds": _total(records, "graded_in"),
        "making_seconds": round(made * len(records), 1) if making_known else None,
        "tokens": sum(int(each["spend"]["tokens"]) for each in records),
        "calls": sum(int(each["spend"]["calls"]) for each in records),
        "measurements": sum(int(each["spend"]["unit_queries"]) for each in records),
        "peak_memory_bytes": max((int(each["peak_memory"]) for each in sessions), default=0),
        "workers_peak_memory_bytes": max((int(each.get("workers_peak_memory", 0)) for each in sessions), default=0),
        "workers": sorted({int(each["workers"]) for each in explained}),
        "load": [float(each["load"]) for each in explained],
        "runs": len(explained),
        "projection": projection(latents, made, making_known, crossed, sizes),
    }


def projection(
    latents: Sequence[Record],
    made: float,
    making_known: bool,
    crossed: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, int],
) -> dict[str, Any]:
    """Process-hours for 16,384 latents: explaining, which is linear in them, and cross-examination, which is not.

    Every report is read once, and compared with every unit: reports grow with the latents, and so do units.

    Args:
        latents: records of the sampled latents; null units take no part.
        made: seconds in which a unit's exemplars are chosen.
        making_known: whether that was measured.
        crossed: as `cost` has it.
        sizes: as `cost` has it.
    """
    wide = round(sizes["explainable"] / sizes["width"] * PROJECTED)
    a_latent = (_total(latents, "seconds") + _total(latents, "graded_in")) / len(latents) + made if latents else None
    spoke = sum(each["outcome"] == "report" for each in latents)
    told: dict[str, Any] = {
        "latents": PROJECTED,
        "explainable": wide,
        "seconds_a_latent": None if a_latent is None else round(a_latent, 4),
        "choice_of_exemplars_known": making_known,
        "explaining_hours": None if a_latent is None else round(wide * a_latent / 3600, 4),
    }
    reading, comparing = (sum(each[i] for each in crossed.values()) for i in (0, 1))
    examined = sizes["bank"] + spoke
    if latents and examined and sizes["units"] and not np.isnan(reading + comparing):
        reports = sizes["bank"] + spoke / len(latents) * wide
        seconds = reports / examined * (reading + comparing * wide / sizes["units"])
        told |= {"reports": round(reports), "examining_hours": round(seconds / 3600, 4)}
    else:
        told |= {"reports": None, "examining_hours": None}
    both = (told["explaining_hours"], told["examining_hours"])
    return {**told, "hours": None if None in both else round(sum(both), 4)}


def _making(records: Sequence[Record], explained: Sequence[Record], all_timed: bool) -> tuple[float, bool]:
    """Seconds a unit in which its exemplars were chosen, and whether that is known.

    Older records do not say it; there it is what one process took besides explaining and grading.
    """
    if records and all("made_in" in each for each in records):
        return _total(records, "made_in") / len(records), True
    units = sum(int(each["units"]) for each in explained)
    if not records or not all_timed or units != len(records) or {int(each["workers"]) for each in explained} != {1}:
        return 0.0, False
    rest = sum(float(each["seconds"]) for each in explained) - _total(records, "seconds")
    return max(0.0, rest - _total(records, "graded_in")) / units, True


def _the_one(sessions: Sequence[Record], what: str, sample: int) -> Record | None:
    """The longest piece of this work for this sample: later ones find it done. Older ones do not say their sample."""
    some = [each for each in sessions if each.get("what") == what]
    mine = [each for each in some if each.get("sample") == sample] or [each for each in some if "sample" not in each]
    return max(mine, key=lambda each: float(each["seconds"]), default=None)


def _seconds(session: Record | None) -> float | None:
    return None if session is None else float(session["seconds"])


def _total(records: Sequence[Record], name: str) -> float:
    return round(sum(float(each[name]) for each in records), 1)
