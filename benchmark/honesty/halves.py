"""Halves of the units: thresholds are of the one and rates of the other, so both must be draws from the same units."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
# Kind and theme of a unit: what the halves are to have alike.
Cell = tuple[str, str]


def test_half(cells: Mapping[int, Cell], seed: int) -> Bools:
    """Bool [units]: which units are measured, dealt at random within each kind and theme.

    Turns would follow the themes, which go by turns themselves: whole themes would then be in one half alone, and a
    rank p holds only for exchangeable units. The odd units of a kind's themes go to the two halves in equal numbers.

    Args:
        cells: by unit's place, its kind and theme.
        seed: of the deal.
    """
    rng, half = np.random.default_rng([seed, len(cells)]), np.zeros(max(cells) + 1, dtype=bool)
    by_cell = _places(cells)
    for kind in sorted({cell[0] for cell in by_cell}):
        mine = [places for cell, places in sorted(by_cell.items()) if cell[0] == kind]
        extra = bool(rng.integers(2))
        for index in rng.permutation(len(mine)):
            places = rng.permutation(mine[index])
            measured = len(places) // 2 + (extra and len(places) % 2)
            extra ^= bool(len(places) % 2)
            half[places[:measured]] = True
    assert is_balanced(cells, half)
    return half


def is_balanced(cells: Mapping[int, Cell], half: Bools) -> bool:
    """Whether no kind, and no theme of a kind, has more than one unit more in one half than in the other."""
    kinds = _places({place: (kind, "") for place, (kind, _) in cells.items()})
    return all(
        abs(2 * int(half[places].sum()) - len(places)) <= 1 for places in [*kinds.values(), *_places(cells).values()]
    )


def _places(cells: Mapping[int, Cell]) -> dict[Cell, list[int]]:
    found = defaultdict[Cell, list[int]](list)
    for place in sorted(cells):
        found[cells[place]].append(place)
    return dict(found)
