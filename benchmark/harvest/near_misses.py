"""Near misses: windows that are like a unit's exemplars to a text encoder, and leave the unit silent."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.harvest.levels import Levels
from benchmark.harvest.source import Bools
from benchmark.harvest.summary import TOP, Summary
from synthetic_neurons.passages import Floats, Ints

# Cosines are rounded, so that no difference in the last bits decides an order.
DECIMALS = 4
# A unit that is on this often is never silent in a window: what is quiet is taken from its own distribution instead.
DENSE = 0.5
LOUD = 0.99
# Units that are ranked at a time: a table of all units and sampled windows would be most of a harvest's memory.
BLOCK = 256


class Encoder(Protocol):
    """Texts to vectors of length 1; `benchmark.subjects.embeddings.MiniLM` is one."""

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 [texts, width]."""
        ...


def near_misses(
    summary: Summary, encoder: Encoder, most: int, exemplars: int, levels: Levels
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """For each unit, the sampled windows nearest to its exemplars among those in which it is silent.

    Args:
        summary: of the whole corpus.
        encoder: embeds windows.
        most: how many a unit.
        exemplars: how many of its strongest windows their centre is taken from.
        levels: the edges of the summary's counts.

    Returns:
        int32 [units, most], rows of `summary.windows`, nearest first, -1 where there are no more; and the cosines.
    """
    unit, window = strongest(summary, exemplars)
    sampled = _once(summary)
    rows, place = np.unique(np.concatenate([window, summary.sampled[sampled]]), return_inverse=True)
    vectors = encoder.sentences([summary.windows.text.text(int(row)) for row in rows])
    centre = _centres(vectors[place[: len(unit)]], unit, len(summary.values))
    # A unit without exemplars has no centre, and so no near misses.
    able = np.logical_not(loud(summary, levels)[:, sampled]) & centre.any(axis=1, keepdims=True)
    near = np.full((len(centre), most), -1, np.int32)
    cosine = np.zeros((len(centre), most), np.float32)
    for start in range(0, len(centre), BLOCK):
        some = slice(start, start + BLOCK)
        order, best = _nearest(centre[some], vectors[place[len(unit) :]], able[some], most)
        there = best > -np.inf
        near[some, : order.shape[1]] = np.where(there, summary.sampled[sampled][order], -1)
        cosine[some, : order.shape[1]] = np.where(there, best, 0)
    return near, cosine


def _nearest(
    centre: NDArray[np.float32], vectors: NDArray[np.float32], able: Bools, most: int
) -> tuple[Ints, NDArray[np.float32]]:
    """The vectors nearest to each centre, nearest first, and their cosines; -infinity for one that is not able."""
    cosine = np.round(centre @ vectors.T, DECIMALS)
    cosine[~able] = -np.inf
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :most]
    return order, np.take_along_axis(cosine, order, axis=1)


def strongest(summary: Summary, most: int) -> tuple[Ints, Ints]:
    """Units and rows of windows: each unit's `most` strongest."""
    entries = summary.entries
    some = np.flatnonzero(entries.role & TOP)
    some = some[np.lexsort((entries.window[some], -entries.high[some], entries.unit[some]))]
    unit = entries.unit[some].astype(np.int64)
    first = np.searchsorted(unit, unit)
    chosen = np.arange(len(unit)) - first < most
    return unit[chosen], entries.window[some][chosen].astype(np.int64)


def _once(summary: Summary) -> Ints:
    """Places in the sample of different texts."""
    return np.sort(np.unique(summary.windows.text_key[summary.sampled], return_index=True)[1])


def _centres(vectors: NDArray[np.float32], unit: Ints, units: int) -> NDArray[np.float32]:
    """float32 [units, width], of length 1; 0 for a unit without a vector."""
    total = np.zeros((units, vectors.shape[1] if vectors.ndim == 2 else 0), np.float32)
    np.add.at(total, unit, vectors)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    np.divide(total, length, out=total, where=length > 0)
    return total


def loud(summary: Summary, levels: Levels) -> Bools:
    """Whether a unit is on in a sampled window, bool [units, sample].

    On is any value but 0, and for dense units a value from `firing_level` up.
    """
    dense, limit = firing_level(summary, levels)
    unit, value = summary.on["unit"], summary.on["value"]
    window = np.repeat(np.arange(len(summary.on)), summary.on.counts)
    on = np.where(dense[unit], value >= limit[unit], True)
    found = np.zeros((len(summary.values), len(summary.on)), bool)
    found[unit[on], window[on]] = True
    return found


def firing_level(summary: Summary, levels: Levels) -> tuple[Bools, Floats]:
    """Which units are dense, bool [units], and from which value up a unit fires, float64 [units].

    A latent fires above 0. Neurons and directions have a value on every token; they fire above their 99th percentile,
    as found units that are no latents do (METHOD.md section 1).
    """
    dense = summary.values.sum(1) > DENSE * max(summary.kept, 1)
    return dense, np.where(dense, percentile(summary.values, levels, LOUD), 0.0)


def firing_rates(summary: Summary, levels: Levels) -> Floats:
    """float64 [units]: the share of the tokens that count on which each unit fires."""
    _, limit = firing_level(summary, levels)
    lower = np.concatenate([[-np.inf], levels.edges.astype(np.float64)])
    fired = np.where(lower >= limit[:, None], summary.values, 0).sum(1)
    return np.asarray(fired / max(summary.kept, 1), np.float64)


def percentile(values: Ints, levels: Levels, share: float) -> Floats:
    """float64 [units]: the greatest edge with more than 1 - `share` of a unit's counted values at or above it.

    Levels are coarse, so somewhat more of them may lie there; -infinity where all edges are above.
    """
    above = np.cumsum(values[:, ::-1], axis=1)[:, ::-1]
    enough = above > (1 - share) * above[:, :1]
    edges = np.concatenate([[-np.inf], levels.edges.astype(np.float64)])
    return np.asarray(edges[np.where(enough, np.arange(levels.count), 0).max(axis=1)])
