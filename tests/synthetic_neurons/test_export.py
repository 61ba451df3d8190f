"""The command line and what it writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from datasets import load_dataset
from jsonschema import Draft202012Validator

from synthetic_neurons import Knobs, suite
from synthetic_neurons.__main__ import main
from synthetic_neurons.export import DATASHEET, LINES, SCHEMA, export, ladder_of, rung_rows
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import truth_values
from synthetic_neurons.predicate import parse
from synthetic_neurons.reference import reference

CHOSEN = suite(families=["confounded", "graded", "semi_null", "null", "trivial"], per_family=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "new"
    assert [path.name for path in export(CHOSEN, folder, texts=6)] == [LINES, SCHEMA, DATASHEET]
    return folder


def test_lines_fit_the_schema(folder: Path) -> None:
    schema = json.loads((folder / SCHEMA).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    lines = (folder / LINES).read_text("utf-8").splitlines()
    assert len(lines) == len(CHOSEN) == 6
    for line in lines:
        Draft202012Validator(schema).validate(json.loads(line))


def test_lines_load_as_a_dataset_and_give_the_units_back(folder: Path, tmp_path: Path) -> None:
    loaded = load_dataset("json", data_files=str(folder / LINES), split="train", cache_dir=str(tmp_path))
    for row, unit in zip(loaded, CHOSEN, strict=True):
        assert row["identifier"] == unit.identifier
        assert json.loads(row["truth"]) == unit.truth
        assert [parse(json.loads(each["predicate"])) for each in row["claims"]] == [
            claim.predicate for claim in unit.claims
        ]
        assert set(row["held_out_words"]) == unit.held_out_words
        assert len(row["teach"]) == len(row["exam"]) == (6 if unit.claims else 0)


def test_the_kinds_of_texts_are_true(folder: Path) -> None:
    for line in (folder / LINES).read_text("utf-8").splitlines():
        row = json.loads(line)
        for each in (*row["teach"], *row["exam"]):
            fires = truth_values(json.loads(row["truth"]), Passages.of([each["text"]])).any()
            assert bool(fires) == (each["kind"] == "positive")


def test_agreement_in_the_ladder_is_with_the_truth_chance_and_all(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / LINES).read_text("utf-8").splitlines()]
    assert [bool(row["ladder"]) for row in rows] == [row["family"] not in ("null", "trivial") for row in rows]
    for row in rows:
        if row["family"] in ("graded", "confounded"):
            rungs = {rung["name"]: rung["r"] for rung in row["ladder"]}
            assert rungs["exact"] == 1
            assert rungs["constant"] == 0
            assert min(rungs.values()) < 0.5
        elif row["ladder"]:
            unit = CHOSEN[row["identifier"]]
            clean = truth_values({"predicate": unit.predicate.to_json()}, reference())
            r = np.corrcoef(clean, unit.values(reference()))[0, 1]
            assert r < 0.9
            exact = next(rung for rung in row["ladder"] if rung["name"] == "exact")
            assert exact["r"] == pytest.approx(r, abs=1e-6)


def test_the_datasheet_names_what_it_describes(folder: Path) -> None:
    text = (folder / DATASHEET).read_text("utf-8")
    assert CHOSEN.hash in text
    assert "{" not in text.replace(json.dumps(Knobs().to_json()), "")
    for unit in CHOSEN:
        assert f"| {unit.family} | " in text


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--family", "rare", "--family", "graded"]) == 0
    shown = capsys.readouterr().out
    both = suite(families=["rare", "graded"])
    assert all(f"  {unit.identifier}\n" in shown for unit in both)
    assert "graded: 20 units; responses in degrees: magnitude, intensity, likeness [outside" in shown
    assert f"40 units; suite hash {both.hash}" in shown


def test_show(capsys: pytest.CaptureFixture[str]) -> None:
    unit = suite().by_family()["confounded"][0]
    assert main(["show", unit.identifier]) == 0
    shown = capsys.readouterr().out
    assert unit.text in shown
    assert json.dumps(unit.truth) in shown
    assert all(f"\n{kind}:\n" in shown for kind in ("positive", "near_miss", "background"))
    assert "cue in teach texts (100%)" in shown
    assert "1.000  exact (none)" in shown


def test_show_says_what_a_null_or_trivial_unit_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "trivial-01-always-on"]) == 0
    assert "no ladder: it has no correlation" in capsys.readouterr().out
    assert main(["show", suite().by_family()["null"][0].identifier]) == 0
    assert "nothing explains it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "rare-00"], "error: no unit 'rare-00' among the 322 of this suite; the nearest is 'rare-00-"),
        (["list", "--family", "raer"], "error: no family 'raer'; the nearest is 'rare'"),
        (["list", "--split", "test"], "error: split 'test' needs a seed"),
        (["list", "--seed", "7"], "error: dev is public and has one seed, not '7'"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(message)
    assert shown.err.count("\n") == 1
    assert not shown.out


def test_the_ladder_s_steps_are_chosen_by_computed_agreement() -> None:
    units = suite(families=["morphological", "positional"]).units
    ladder = ladder_of(units)
    for unit in units[::8]:
        rows = rung_rows(unit, ladder)
        r = {row["name"]: row["r"] for row in rows}
        assert r["sibling"] > r["placebo"], unit.identifier
        assert max(r["too_broad_1"], r["too_narrow_1"]) < 0.96, unit.identifier
        assert r["too_broad_1"] > r["too_broad_2"] > r["too_broad_3"], unit.identifier
        assert r["too_narrow_1"] >= r["too_narrow_2"], unit.identifier
        assert len({row["text"] for row in rows}) == len(rows), unit.identifier


@pytest.mark.parametrize("command", [["export", "{file}/deep"], ["survey", "--out", "{file}/deep.json"]])
def test_a_folder_that_cannot_be_written_is_one_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("synthetic_neurons.__main__.survey", lambda chosen: {})
    assert main([each.format(file=tmp_path / "file") for each in command]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "mend: name a folder that can be written" in said
