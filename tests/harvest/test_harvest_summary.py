"""A summary against the plainest possible one, whatever the stream is cut into and whatever order it is joined in."""

from collections.abc import Sequence
from dataclasses import asdict
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_source import MadeUpSource, made_up_documents
from plain_harvest import as_plain, keyed, plainly

from benchmark.harvest.collect import Chunk, Collector, join
from benchmark.harvest.levels import Levels
from benchmark.harvest.source import Activations, Window
from benchmark.harvest.store import pack, unpack
from benchmark.harvest.summary import LEVEL, Keep, Summary, cells, merge

KEEP = Keep(top=3, per_level=2, uniform=5, levels=Levels(-3, 4, 1))
Keyed = Sequence[tuple[int, Window]]


def summary_of(source: MadeUpSource, windows: Keyed, keep: Keep, cut: int, batch: int) -> Summary:
    """In chunks of `cut` windows, batches of `batch`."""
    collector = Collector(source.width, keep)
    for start in range(0, len(windows), cut):
        some = windows[start : start + cut]
        groups = [[window for _, window in some[at : at + batch]] for at in range(0, len(some), batch)]
        key = np.array([key for key, _ in some], np.uint64)
        collector.add(Chunk.of([(group, source.activations(group)) for group in groups], key))
    return collector.summary


def same(one: Summary, other: Summary) -> bool:
    a, b = pack(one), pack(other)
    return a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and a[name].tobytes() == b[name].tobytes() for name in a
    )


SOURCES = st.builds(
    MadeUpSource,
    width=st.integers(1, 7),
    rate=st.sampled_from([0.0, 0.05, 0.3, 1.0]),
    negative=st.sampled_from([0.0, 0.5, 1.0]),
    bos=st.booleans(),
    length=st.integers(1, 9),
    # Few values make many ties.
    steps=st.sampled_from([(), (0.5, 1.0, 3.0)]),
)


@settings(max_examples=40)
@given(
    source=SOURCES,
    count=st.integers(1, 12),
    repeats=st.sampled_from([0, 2]),
    seed=st.integers(0, 99),
    cut=st.integers(1, 40),
    batch=st.integers(1, 9),
)
def test_the_summary_is_that_of_the_plain_way(
    source: MadeUpSource, count: int, repeats: int, seed: int, cut: int, batch: int
) -> None:
    windows = keyed(source, made_up_documents(count, seed=seed, repeats=repeats), seed)
    found = as_plain(summary_of(source, windows, KEEP, cut, batch))
    assert asdict(found) == asdict(plainly(source, windows, KEEP))


@settings(max_examples=40)
@given(source=SOURCES, seed=st.integers(0, 99), parts=st.integers(2, 5), repeats=st.sampled_from([0, 3]))
def test_parts_join_in_any_order_and_grouping_to_the_same_bytes(
    source: MadeUpSource, seed: int, parts: int, repeats: int
) -> None:
    windows = keyed(source, made_up_documents(10, seed=seed, repeats=repeats), seed)
    whole = summary_of(source, windows, KEEP, 7, 3)
    cut = [summary_of(source, windows[part::parts], KEEP, 5, 2) for part in range(parts)]
    Random(seed).shuffle(cut)
    assert same(merge(cut, KEEP), whole)
    assert same(join(cut, KEEP), whole)
    joined = cut[0]
    for part in cut[1:]:
        joined = merge([part, joined], KEEP)
    assert same(joined, whole)
    assert same(unpack(pack(whole)), whole)


def test_a_sample_below_a_ceiling_is_the_whole_sample_if_enough_are_below_it() -> None:
    source, keep = MadeUpSource(), KEEP
    windows = keyed(source, made_up_documents(20), 1)
    half = np.uint64(2**63)
    collector = Collector(source.width, keep, half)
    group = [window for _, window in windows]
    collector.add(Chunk.of([(group, source.activations(group))], np.array([key for key, _ in windows], np.uint64)))
    assert sum(key < half for key, _ in windows) > keep.uniform
    assert same(collector.summary, summary_of(source, windows, keep, 50, 50))


@pytest.mark.parametrize("negative", [0.0, 0.5])
def test_weights_are_unbiased(negative: float) -> None:
    """Over 600 seeds, the weighted mean of a unit's window peaks is within 4 standard errors of the true mean."""
    source = MadeUpSource(width=3, rate=0.15, negative=negative)
    documents = made_up_documents(16)
    keep = Keep(top=2, per_level=2, uniform=4, levels=Levels(-3, 4, 1))
    weighted: list[list[float]] = []
    base: list[float] = []
    for seed in range(600):
        windows = keyed(source, documents, seed)
        found = summary_of(source, windows, keep, 200, 200)
        weighted.append([_total(found, keep, unit) for unit in range(source.width)])
        base.append(_base_rate(found))
    truth = [sum(_extreme(source.dense(w)[:, unit]) ** 2 for _, w in windows) for unit in range(source.width)]
    mean, error = np.mean(weighted, axis=0), np.std(weighted, axis=0) / np.sqrt(len(weighted))
    assert (np.abs(mean - truth) <= 4 * error + 1e-6).all()
    assert (error > 0).any()
    share = np.mean([source.dense(window)[:, 0].any() for _, window in windows])
    assert abs(np.mean(base) - share) <= 4 * np.std(base) / np.sqrt(len(base))


def _extreme(values: Any) -> float:
    return float(max(values, key=lambda value: abs(value)))


def _total(summary: Summary, keep: Keep, unit: int) -> float:
    """Sum of squared peaks by weights; windows in which the unit is silent add nothing."""
    entries = summary.entries
    some = (entries.unit == unit) & (entries.role & LEVEL > 0)
    cell = cells(entries, keep.levels)[some]
    seen = summary.peaks.reshape(-1)[cell]
    kept = np.bincount(cell, minlength=summary.peaks.size)[cell]
    return float((entries.extreme[some].astype(float) ** 2 * seen / kept).sum())


def _base_rate(summary: Summary) -> float:
    """Share of sampled windows in which unit 0 is on."""
    return float(np.mean([0 in summary.on.row("unit", row) for row in range(len(summary.on))]))


@pytest.mark.parametrize("values", [[0.1], [-0.1], [1e-9, -1e-9, 3.0, -3.0, 1e9, -1e9], list(Levels(-3, 4, 1).edges)])
def test_levels_are_half_open_from_below(values: list[float]) -> None:
    levels = Levels(-3, 4, 1)
    edges = [-np.inf, *levels.edges, np.inf]
    for value, level in zip(values, levels.of(np.array(values, np.float32)), strict=True):
        assert edges[level] <= np.float32(value) < edges[level + 1]
        assert value == 0 or (level >= levels.positive) == (value > 0)


@pytest.mark.parametrize("levels", [Levels(), Levels(-3, 2, 1), Levels(-10, 14, 64)])
def test_levels_are_those_of_a_search(levels: Levels) -> None:
    bits = np.random.default_rng(3).integers(0, 2**32, 500_000, dtype=np.uint32).view(np.float32)
    sides = [np.nextafter(levels.edges, np.float32(to)) for to in (-np.inf, np.inf)]
    values = np.concatenate([bits[~np.isnan(bits)], levels.edges, *sides, np.array([np.inf, -np.inf], np.float32)])
    values = values[values != 0]
    assert np.array_equal(levels.of(values), np.searchsorted(levels.edges, values, side="right"))
    assert np.array_equal(levels.of(values[::3]), levels.of(values)[::3])
    assert len(levels.of(values[:0])) == 0


def test_levels_finer_than_can_be_told_apart_are_refused() -> None:
    with pytest.raises(ValueError, match="65 levels an octave; mend: from 1 to 64"):
        Levels(steps=65)


class Broken(MadeUpSource):
    """Breaks one promise of a source."""

    how = ""

    def activations(self, windows: Sequence[Window]) -> Activations:
        found = super().activations(windows)
        if self.how == "positions":
            return Activations(found.kept[1:], found.token, found.unit, found.value)
        if self.how == "order":
            return Activations(found.kept, found.token[::-1], found.unit, found.value)
        return Activations(found.kept, found.token, found.unit, np.where(found.unit == 1, np.nan, found.value))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("positions", "positions for"),
        ("order", "not in order"),
        ("nan", "column 1 has an activation that is not finite"),
    ],
)
def test_a_source_that_breaks_its_promise_is_named(how: str, said: str) -> None:
    source = Broken(rate=1.0)
    source.how = how
    with pytest.raises(ValueError, match=said):
        summary_of(source, keyed(source, made_up_documents(2), 1), KEEP, 9, 3)
