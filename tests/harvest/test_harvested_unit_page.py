"""The page of a harvested unit: what the store holds of it, told as it is, and nothing twice."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harvest_world import job
from made_up_source import MadeUpSource

from benchmark import cli
from benchmark.harvest.reading import Harvest
from benchmark.harvest.stream import harvest
from benchmark.subjects.selected import promoted
from benchmark.unit_page import UnitPage, Window, to_html
from benchmark.unit_page.from_harvest import harvested_page, scale_of, silent
from benchmark.unit_page.write import PageError, harvested_lines, write_harvested_page

ATTACK = "</span><script>alert(1)</script>"
FACTS = {
    "subject": "/somewhere/else/tiny-model",
    "subject_sha256": "ab" * 32,
    "units": "latents (topk) of /somewhere/else/my-sae",
    "sae_sha256": "cd" * 32,
    "hook": "blocks.1.hook_out",
    "dtype": "float32",
    "device": "cpu",
}
SOURCES = {
    "latents": MadeUpSource(width=9, rate=0.03, told=FACTS),
    "signed": MadeUpSource(width=9, rate=0.03, negative=0.3, told=FACTS),
    "dense": MadeUpSource(width=3, rate=1.0, negative=0.5, told=FACTS),
}


@pytest.fixture(scope="module", params=SOURCES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, MadeUpSource, Harvest]:
    source, folder = SOURCES[request.param], tmp_path_factory.mktemp(request.param)
    harvest(job(source, tokens=None), folder)
    return request.param, source, Harvest(folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    harvest(job(MadeUpSource(told=FACTS)), folder)
    return folder


def groups(page: UnitPage) -> dict[str, tuple[Window, ...]]:
    return {group.title: group.windows for group in page.groups}


def values(window: Window) -> list[float]:
    return [piece.value or 0.0 for piece in window.pieces]


def test_every_window_shows_its_tokens_with_the_units_own_values(made: tuple[str, MadeUpSource, Harvest]) -> None:
    _, source, found = made
    seen = 0
    for column, unit in enumerate(found.units):
        for windows in groups(harvested_page(found, unit, "s")).values():
            for window in windows:
                (whole,) = source.windows("d", window.text)
                assert values(window) == pytest.approx(source.dense(whole)[:, column].tolist())
                seen += 1
    assert seen > 20


def test_groups_are_what_they_say(made: tuple[str, MadeUpSource, Harvest]) -> None:
    kind, _, found = made
    for unit in found.units:
        shown = groups(harvested_page(found, unit, "s", each=3))
        texts = [window.text for windows in shown.values() for window in windows]
        assert len(texts) == len(set(texts))
        assert all(len(windows) <= 3 for windows in shown.values())
        peaks = [window.peak for window in shown["Strongest"]]
        assert peaks == sorted((max(values(window)) for window in shown["Strongest"]), reverse=True)
        assert ("Most negative" in shown) == bool(found.most_negative(unit))
        lowest = [window.peak for window in shown.get("Most negative", ())]
        assert lowest == [min(values(window)) for window in shown.get("Most negative", ())] == sorted(lowest)
        level = found.firing_level(unit)
        assert (level is not None) == (kind == "dense")
        for window in (*shown["Silent"], *shown["Near misses"]):
            assert not any(values(window)) if level is None else max(values(window)) < level


def test_windows_across_the_range_say_how_many_they_stand_for(made: tuple[str, MadeUpSource, Harvest]) -> None:
    _, _, found = made
    for unit in found.units:
        weights = {each.window.text: each.weight for each in found.across(unit)}
        for window in groups(harvested_page(found, unit, "s", each=4))["Across the range"]:
            said = re.fullmatch(r"stands for ([\d.,]+)", window.note)
            assert said
            assert float(said[1]) == pytest.approx(weights[window.text], abs=0.05)


def test_the_histogram_is_of_all_tokens(made: tuple[str, MadeUpSource, Harvest]) -> None:
    kind, source, found = made
    page = harvested_page(found, "1", "s")
    assert page.histogram is not None
    tokens, counted = int(found.counts["kept"]), int(found.histogram("1").counts.sum())
    assert page.histogram.counted == counted
    assert page.histogram.silent == pytest.approx(1 - counted / tokens)
    assert sum(page.histogram.shares) == pytest.approx(1)
    assert page.histogram.shares[0]
    assert page.histogram.shares[-1]
    assert np.all(np.diff(page.histogram.edges) > 0)
    assert np.isfinite(page.histogram.edges).all()
    assert page.histogram.edges[-1] >= max(each.values.max() for each in found.strongest("1"))
    assert (page.histogram.edges[0] < 0) == (kind != "latents")
    text = to_html(page)
    assert ("where it fires" in text) == (kind != "dense")
    assert ("non-zero tokens of the whole corpus" in text) == (kind == "dense")
    assert page.scale == scale_of(found, "1") >= max(abs(v) for w in groups(page)["Strongest"] for v in values(w))
    assert source.width == len(found.units)


def test_facts_are_of_the_manifest_and_no_path_of_a_machine_is_among_them(store: Path) -> None:
    found = Harvest(store)
    told = dict(harvested_page(found, "1", "s").facts)
    assert told["subject"] == "tiny-model, sha256 abababababab"
    assert told["units"] == "latents (topk) of my-sae, sha256 cdcdcdcdcdcd"
    assert told["hook"] == "blocks.1.hook_out"
    assert told["corpus"].startswith("list, sha256 ")
    assert f"{found.counts['tokens']:,} tokens of {found.counts['documents']:,} documents" in told["corpus"]
    assert float(told["fires on"].split("%")[0]) == pytest.approx(100 * found.firing_rate("1"), rel=0.01)
    assert "promoted tokens" not in told
    assert "/somewhere" not in to_html(harvested_page(found, "1", "s"))


def test_without_weights_the_page_says_why_no_tokens_are_promoted(store: Path, tmp_path: Path) -> None:
    path = write_harvested_page(Harvest(store), "1", "s", str(tmp_path / "1.html"))
    text = path.read_text("utf-8")
    assert "not told: the SAE at /somewhere/else/my-sae is not on this machine as it was" in text
    assert "Promoted tokens" not in text


def test_with_weights_promoted_tokens_are_there(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(facts: dict[str, str], unit: str, **_: Any) -> list[str]:
        assert (facts["hook"], unit) == ("blocks.1.hook_out", "1")
        return [" first", "second", ATTACK]

    monkeypatch.setattr(promoted, "promoted", told)
    text = write_harvested_page(Harvest(store), "1", "s", str(tmp_path / "1.html")).read_text("utf-8")
    assert "<li>·first</li>" in text
    assert "<li>&lt;/span&gt;&lt;script&gt;" in text
    assert "not told" not in text


def test_a_dead_unit_has_a_page(tmp_path: Path) -> None:
    harvest(job(MadeUpSource(rate=0.0)), tmp_path)
    page = harvested_page(Harvest(tmp_path), "0", "s")
    assert page.histogram is None
    assert groups(page)["Strongest"] == ()
    assert groups(page)["Silent"]
    assert "fires on</dt><dd>0.00% of tokens" in to_html(page)


def test_a_unit_is_called_what_it_is(store: Path, tmp_path: Path) -> None:
    found = Harvest(store)
    for name, family in (("n1", "neuron"), ("d:up", "direction"), ("1", "latent")):
        found.units = ("0", name, "2", "3", "4", "5")
        found.__dict__.pop("_columns", None)
        assert harvested_page(found, name, "s").family == family
    found.units = ("0", "d:../../x y")
    found.__dict__.pop("_columns", None)
    with pytest.raises(PageError, match="is a folder"):
        write_harvested_page(found, "d:../../x y", "s", str(tmp_path))


def test_the_strongest_windows_as_text(store: Path) -> None:
    found = Harvest(store)
    first, *lines = harvested_lines(found, "1", 3)
    assert first == f"1: found, on {100 * found.firing_rate('1'):.1f}% of tokens"
    assert len(lines) == 3
    for line, each in zip(lines, found.strongest("1"), strict=False):
        assert line.startswith(f"{each.values.max():5.1f}  ")
        assert re.sub(r"\[(\S+) -?[\d.]+\]", r"\1", line[7:]) == each.window.text


def test_the_silent_are_those_of_the_uniform_sample(made: tuple[str, MadeUpSource, Harvest]) -> None:
    _, _, found = made
    for unit in found.units:
        level = found.firing_level(unit)
        quiet = [
            each.window.text
            for each in found.uniform(unit)
            if (each.values.max() < level if level else set(each.values.tolist()) == {0.0})
        ]
        assert [each.window.text for each in silent(found, unit)] == quiet
        assert quiet


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["viva", "unit", *arguments])
    try:
        cli.main()
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def test_the_command_reads_a_store(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "1", "--store", str(store), "--windows", "2") == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert run(monkeypatch, "1", "--store", str(store), "--html") == 0
    assert capsys.readouterr().out == "written: unit-1.html\n"
    assert (tmp_path / "unit-1.html").read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["11", "--store", "{store}"], "unknown unit '11': did you mean '1'?"),
        (["11", "--store", "{store}", "--html"], "unknown unit '11': did you mean '1'?"),
        (["1", "--store", "{store}", "--suite", "embedded-2"], "give --suite or --store, not both"),
        (["1", "--store", "{store}/shards"], "is no harvest"),
        (["1", "--store", "{strange}"], "has no units"),
        (["1", "--store", "{store}", "--windows", "0"], "give 1 or more"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str],
    told: str,
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"other": 1}), "utf-8")
    assert run(monkeypatch, *(each.format(store=store, strange=tmp_path) for each in arguments)) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
