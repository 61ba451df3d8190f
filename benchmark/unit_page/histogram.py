"""A histogram of a unit's activations where it is not silent, and its bars on a page."""

from dataclasses import dataclass

import numpy as np

from synthetic_neurons.passages import Floats

BINS = 24
WIDTH, HEIGHT = 640.0, 150.0
GAP = 2.0
# A bar that stands for anything at all can be seen.
LEAST = 1.5


@dataclass(frozen=True)
class Histogram:
    """Activations where the unit is not silent.

    Attributes:
        edges: float [bins + 1], ascending, in the unit's raw activation.
        shares: float [bins], the share of firing positions in each bin, at the base rate; they add up to 1.
        silent: the share of all positions on which the unit is silent, at the base rate.
        counted: how many firing positions were counted, before weights.
        kind: what a position is: "tokens" or "words".
        counted_in: where they were counted.
        axis: what the bins are of.
        fires: whether a position that is not 0 counts as one on which the unit fires.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    silent: float
    counted: int
    kind: str
    counted_in: str = "of the windows drawn, weighted to the base rate"
    axis: str = "activation"
    fires: bool = True


@dataclass(frozen=True)
class Bar:
    """One bin as drawn, in units of the drawing's box; `low`, `high` and `share` are what it stands for."""

    x: float
    y: float
    width: float
    height: float
    low: float
    high: float
    share: float


def histogram_of(values: Floats, weight: Floats, kind: str, bins: int = BINS) -> Histogram | None:
    """The histogram of some positions; None where the unit never fires.

    Args:
        values: float64 [positions], raw activations.
        weight: float64 [positions], what restores the base rate.
        kind: "tokens" or "words".
        bins: of equal width, from 0 (or the least activation, if that is below) to the greatest (or 0).
    """
    fires = values != 0
    if not fires.any():
        return None
    span = (min(0.0, float(values.min())), max(0.0, float(values.max())))
    mass, edges = np.histogram(values[fires], bins, range=span, weights=weight[fires])
    silent = float(weight[~fires].sum() / weight.sum())
    shares = tuple(float(each) for each in mass / mass.sum())
    return Histogram(tuple(float(each) for each in edges), shares, silent, int(fires.sum()), kind)


def bars(histogram: Histogram) -> list[Bar]:
    """Bars in a box of WIDTH by HEIGHT, the tallest filling it; empty bins have height 0."""
    step, most = WIDTH / len(histogram.shares), max(histogram.shares)
    drawn = []
    for index, share in enumerate(histogram.shares):
        height = max(LEAST, HEIGHT * share / most) if share else 0.0
        low, high = histogram.edges[index : index + 2]
        x, y = index * step + GAP / 2, HEIGHT - height
        drawn.append(Bar(round(x, 2), round(y, 2), round(step - GAP, 2), round(height, 2), low, high, share))
    return drawn
