"""Figures of each explainer over the units of a tier; intervals are over units."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmark.statistics.bootstrap import interval

Row = dict[str, Any]
PLANTED, FOUND = ("planted",), ("found", "own")
GROUPS = {
    "planted latents": PLANTED,
    "planted directions": PLANTED,
    "found": FOUND,
    "all but nulls": (*PLANTED, *FOUND),
}
SEED = 0


def _necessity(row: Row) -> float | None:
    value = row["necessity"]["zero"]
    return 0.0 if row["abstained"] else value


# What is averaged; None is left out, and the count says so. An abstention has necessity 0.
FIGURES: dict[str, Callable[[Row], float | None]] = {
    "ablation_r": lambda row: row["ablation"]["r"],
    "ablation_rank_r": lambda row: row["ablation"]["rank_r"],
    "ablation_r_without_strongest": lambda row: row["ablation"]["r_without_strongest"],
    "ablation_sign": lambda row: row["ablation"]["sign"],
    "steering_r": lambda row: row["steering"]["r"],
    "steering_rank_r": lambda row: row["steering"]["rank_r"],
    "steering_sign": lambda row: row["steering"]["sign"],
    "necessity": _necessity,
    "sufficiency": lambda row: row["sufficiency"],
    "spearman": lambda row: row["dose"] and abs(row["dose"]["spearman"]),
    "rise_ablation": lambda row: row["side_ablation"] and row["side_ablation"]["rise"]["mean"],
    "rise_steering": lambda row: row["side_steering"] and row["side_steering"]["rise"]["mean"],
    "ratio_ablation": lambda row: row["side_ablation"] and row["side_ablation"]["ratio"],
    "ratio_steering": lambda row: row["side_steering"] and row["side_steering"]["ratio"],
}


def in_group(unit: Row, group: str) -> bool:
    """Whether a unit is of a group of `GROUPS`."""
    if unit["tier"] not in GROUPS[group]:
        return False
    return not group.startswith("planted") or unit["planted"]["what"] in group


def summaries(units: Sequence[Row]) -> list[Row]:
    """A row a group and explainer."""
    found = []
    for group in GROUPS:
        mine = [unit for unit in units if in_group(unit, group)]
        for name in dict.fromkeys(row["explainer"] for unit in mine for row in unit["explainers"]):
            rows = [row for unit in mine for row in unit["explainers"] if row["explainer"] == name]
            found.append({"group": group, "explainer": name, "units": len(rows), **_figures(rows)})
    nulls = [unit for unit in units if unit["tier"] == "null"]
    for name in dict.fromkeys(row["explainer"] for unit in nulls for row in unit["explainers"]):
        rows = [row for unit in nulls for row in unit["explainers"] if row["explainer"] == name]
        found.append(
            {"group": "nulls", "explainer": name, "units": len(rows), "abstained": sum(r["abstained"] for r in rows)}
        )
    return found


def _figures(rows: Sequence[Row]) -> Row:
    told: Row = {"abstained": sum(row["abstained"] for row in rows)}
    if all("hit" in row for row in rows):
        told |= {
            "hits": sum(row["hit"] for row in rows),
            "first": sum(row["place"] == 1 for row in rows),
            "decoys_named": sum(row["decoy_named"] for row in rows),
        }
    for name, value in FIGURES.items():
        values = [float(each) for row in rows if (each := value(row)) is not None]
        told[name] = asdict(interval(np.array(values), seed=SEED)) if values else None
    return told
