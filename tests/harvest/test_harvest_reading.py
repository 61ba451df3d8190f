"""What a finished harvest says of a unit, and its near misses, each against the windows themselves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from harvest_world import RECIPE, LetterEncoder, job
from made_up_source import MadeUpSource
from plain_harvest import keyed

from benchmark.harvest.levels import Levels
from benchmark.harvest.near_misses import loud, percentile
from benchmark.harvest.reading import Harvest
from benchmark.harvest.store import HarvestStoreError
from benchmark.harvest.stream import harvest

SOURCE = MadeUpSource(width=9, rate=0.03, negative=0.3)
DENSE = MadeUpSource(width=3, rate=1.0, negative=0.5)


@pytest.fixture(scope="module", params=["sparse", "dense"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[MadeUpSource, Harvest]:
    source = {"sparse": SOURCE, "dense": DENSE}[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    harvest(job(source, tokens=None), folder)
    return source, Harvest(folder)


def test_exemplars_are_in_order_with_their_own_values(made: tuple[MadeUpSource, Harvest]) -> None:
    source, found = made
    for column, unit in enumerate(found.units):
        strongest, lowest = found.strongest(unit), found.most_negative(unit)
        assert [each.values.max() for each in strongest] == sorted((e.values.max() for e in strongest), reverse=True)
        assert [each.values.min() for each in lowest] == sorted(e.values.min() for e in lowest)
        assert len({each.window.text for each in strongest}) == len(strongest) <= RECIPE.keep.top
        for each in (*strongest, *lowest, *found.across(unit), *found.uniform(unit), *found.near_misses(unit)):
            np.testing.assert_array_equal(each.values, source.dense(each.window)[:, column])
            assert "".join(each.window.tokens) == each.window.text


def test_weights_add_up_to_the_windows_in_which_the_unit_is_on(made: tuple[MadeUpSource, Harvest]) -> None:
    source, found = made
    windows = [window for _, window in keyed(source, job().corpus.documents(), RECIPE.seed)]
    for column, unit in enumerate(found.units):
        on = sum(bool(source.dense(window)[:, column].any()) for window in windows)
        assert sum(each.weight for each in found.across(unit)) == pytest.approx(on)
        assert sum(each.weight for each in found.uniform(unit)) == pytest.approx(len(windows))


def test_rates_and_histograms_are_those_of_all_tokens(made: tuple[MadeUpSource, Harvest]) -> None:
    source, found = made
    values = np.concatenate([source.dense(w) for _, w in keyed(source, job().corpus.documents(), 1)])
    for column, unit in enumerate(found.units):
        if source is SOURCE:
            fires = values[:, column] > 0
        else:
            # The greatest edge with more than one value in a hundred at or above it.
            edges = found.levels.edges[[(values[:, column] >= e).mean() > 0.01 for e in found.levels.edges]]
            fires = values[:, column] >= edges.max()
        assert found.firing_rate(unit) == pytest.approx(fires.mean())
        assert source is SOURCE or 0.01 < found.firing_rate(unit) < 0.1
        histogram = found.histogram(unit)
        some = values[:, column][values[:, column] != 0]
        wanted = [
            int(((some >= a) & (some < b)).sum()) for a, b in zip(histogram.edges, histogram.edges[1:], strict=False)
        ]
        assert histogram.counts.tolist() == wanted


def test_near_misses_are_the_nearest_silent_windows(made: tuple[MadeUpSource, Harvest]) -> None:
    _, found = made
    encoder, checked = LetterEncoder(), 0
    on = loud(found.summary, found.levels)
    for column, unit in enumerate(found.units):
        centre = encoder.sentences([e.window.text for e in found.strongest(unit)[: RECIPE.near_exemplars]]).sum(0)
        texts = {e.window.text: i for i, e in reversed(list(enumerate(found.uniform(unit))))}
        silent = [text for text, index in texts.items() if not on[column, index]]
        near = [each.window.text for each in found.near_misses(unit)]
        assert len(near) == min(RECIPE.near, len(silent))
        assert set(near) <= set(silent)
        cosine = encoder.sentences([*near, *silent]) @ (centre / np.linalg.norm(centre))
        assert sorted(cosine[: len(near)], reverse=True) == pytest.approx(
            sorted(cosine[len(near) :], reverse=True)[: len(near)], abs=2e-4
        )
        checked += len(near)
    assert checked > 3


def test_a_sparse_unit_is_loud_wherever_it_is_on(made: tuple[MadeUpSource, Harvest]) -> None:
    source, found = made
    on = loud(found.summary, found.levels)
    for column, unit in enumerate(found.units):
        values = [each.values for each in found.uniform(unit)]
        if source is SOURCE:
            assert [bool(each.any()) for each in values] == on[column].tolist()
        else:
            limit = percentile(found.summary.values, found.levels, 0.99)[column]
            assert [bool((each >= limit).any()) for each in values] == on[column].tolist()
            assert 0 < np.mean(on[column]) < 1


def test_a_percentile_is_the_edge_below_it() -> None:
    levels = Levels(-3, 4, 1)
    values = np.exp(np.random.default_rng(0).normal(size=5000)).astype(np.float32)
    counts = np.bincount(levels.of(values), minlength=levels.count)[None]
    edge = percentile(counts, levels, 0.9)[0]
    assert (values >= edge).mean() > 0.1 >= (values >= 2 * edge).mean()
    assert percentile(np.zeros((1, levels.count), np.int64), levels, 0.9)[0] == -np.inf


def test_a_silent_unit_has_nothing(tmp_path: Path) -> None:
    harvest(job(MadeUpSource(rate=0.0)), tmp_path)
    found = Harvest(tmp_path)
    assert found.strongest("0") == found.across("0") == found.near_misses("0") == []
    assert found.firing_rate("0") == 0


def test_without_an_encoder_there_are_no_near_misses(tmp_path: Path) -> None:
    harvest(replace(job(), encoder=None), tmp_path)
    assert Harvest(tmp_path).near_misses("0") == []


def test_an_unknown_unit_is_named_with_the_nearest(made: tuple[MadeUpSource, Harvest]) -> None:
    with pytest.raises(HarvestStoreError, match=r"unknown unit '22': did you mean '2'\? choose from the"):
        made[1].strongest("22")


@pytest.mark.parametrize("text", ["", "{", "[]", "\u00e9".encode("latin-1")])
def test_a_damaged_line_beside_the_summary_is_said(tmp_path: Path, text: str | bytes) -> None:
    harvest(job(), tmp_path)
    (tmp_path / "summary.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(HarvestStoreError, match=r"damaged.*; mend: run the harvest again") as refused:
        Harvest(tmp_path)
    assert "\n" not in str(refused.value)


def test_an_unfinished_harvest_is_said(tmp_path: Path) -> None:
    harvest(job(), tmp_path)
    (tmp_path / "summary.json").unlink()
    with pytest.raises(HarvestStoreError, match="was stopped; mend: run it again"):
        Harvest(tmp_path)
    with pytest.raises(HarvestStoreError, match="is no harvest"):
        Harvest(tmp_path / "nowhere")
