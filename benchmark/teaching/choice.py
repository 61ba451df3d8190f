"""Which units are taught: of the planted ones at least two in five lie outside rule induction's language."""

from collections.abc import Sequence

from benchmark.errors import UserError
from benchmark.units.unit import Unit

TIERS = ("planted", "found", "null")
# METHOD.md section 7.
OUTSIDE_SHARE = 0.4


def chosen_units(units: Sequence[Unit], per_tier: int | None = None) -> list[Unit]:
    """Units of each tier, in the suite's order.

    Of the planted ones inside the language only so many are kept that those outside it are 40% of all; which, is spread
    over the families. A suite without any outside keeps all.

    Args:
        units: of a suite.
        per_tier: so many of each tier at most; planted ones inside and outside alike, by the same share.

    Raises:
        UserError: fewer than one unit a tier.
    """
    if per_tier is not None and per_tier < 1:
        raise UserError(f"{per_tier} units a tier are none; give 1 or more")
    found = []
    for tier in TIERS:
        own = [unit for unit in units if unit.tier == tier]
        found += _planted(own, per_tier) if tier == "planted" else own[:per_tier]
    return found


def _planted(planted: Sequence[Unit], most: int | None) -> list[Unit]:
    outside = [unit for unit in planted if unit.notes.get("group") == "outside"]
    inside = [unit for unit in planted if unit.notes.get("group") != "outside"]
    if not outside:
        return list(planted[:most])
    if most is not None:
        outside = outside[: max(1, -int(-most * OUTSIDE_SHARE // 1))]
        inside = _spread(inside, most - len(outside))
    kept = {unit.identifier for unit in (*outside, *_spread(inside, int(len(outside) * (1 / OUTSIDE_SHARE - 1))))}
    return [unit for unit in planted if unit.identifier in kept]


def _spread(units: Sequence[Unit], most: int) -> list[Unit]:
    """So many, one of each family before a second of any."""
    seen: dict[str, int] = {}
    ranked = []
    for place, unit in enumerate(units):
        seen[unit.family] = seen.get(unit.family, -1) + 1
        ranked.append((seen[unit.family], place, unit))
    return [unit for _, _, unit in sorted(ranked, key=lambda each: each[:2])[: max(0, most)]]
