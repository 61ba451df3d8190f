"""Shares with their intervals: none under ten units, and units of one concept count as one (METHOD.md section 3)."""

from collections.abc import Hashable, Sequence
from typing import Any

from statsmodels.stats.proportion import proportion_confint

from benchmark.statistics.bootstrap import FEWEST_UNITS


def share(hits: int, of: int, clusters: int | None = None) -> dict[str, Any]:
    """A share with Wilson's 95% interval.

    Args:
        hits: how many.
        of: of how many; the share of nothing is None.
        clusters: what they are worth where several stand for one thing, as if those were always alike; None: `of`.

    Returns:
        no interval where there are fewer than ten units, or fewer than ten clusters.
    """
    worth = of if clusters is None else min(of, clusters)
    told: dict[str, Any] = {"hits": hits, "of": of, "clusters": worth, "share": hits / of if of else None}
    if worth < FEWEST_UNITS:
        return {**told, "low": None, "high": None}
    low, high = proportion_confint(hits / of * worth, worth, method="wilson")
    return {**told, "low": float(low), "high": float(high)}


def share_of(units: Sequence[tuple[Hashable, bool]]) -> dict[str, Any]:
    """The share of units that hit, each with the cluster it belongs to."""
    return share(sum(hit for _, hit in units), len(units), len({cluster for cluster, _ in units}))
