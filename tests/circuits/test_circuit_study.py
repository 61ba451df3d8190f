"""The study of planted circuits: one real model throughout, and what its tables, gates and predictions make of it."""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.circuits.__main__ import main
from benchmark.circuits.catalog import EXPLAINERS
from benchmark.circuits.edge_laboratory import EdgeLaboratory
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.planted import EACH, LAYERS, plant
from benchmark.circuits.runner import Runner
from benchmark.circuits.study import command
from benchmark.circuits.study import models as study_models
from benchmark.circuits.study.command import hold_study
from benchmark.circuits.study.expected import outcomes
from benchmark.circuits.study.findings import CircuitGate, gates, standings
from benchmark.circuits.study.models import Asked, OnModel, on_model
from benchmark.circuits.study.publish import measured, publish, read
from benchmark.errors import USAGE_ERROR, UserError
from benchmark.subjects.native import NativeMachine


@pytest.fixture(scope="module")
def model() -> OnModel:
    return on_model(("previous_token", 6))


@pytest.fixture(scope="module")
def twelve(model: OnModel) -> list[OnModel]:
    """The one model in the clothes of all kinds."""
    return [
        replace(model, kind=kind, seed=seed, trained=made.trained) for kind, made in KINDS.items() for seed in (1, 2)
    ]


def of(model: OnModel, name: str) -> Asked:
    return next(each for each in model.asked if each.explainer == name)


def changed(model: OnModel, name: str, **fields: Any) -> OnModel:
    asked = (replace(each, **fields) if each.explainer == name else each for each in model.asked)
    return replace(model, asked=tuple(asked))


def test_every_explainer_is_asked_and_graded(model: OnModel) -> None:
    assert [each.explainer for each in model.asked] == [*EXPLAINERS, "oracle"]
    assert not [each.failure for each in model.asked if each.failure]
    exact = of(model, "patching").grade
    assert exact
    assert exact["heads"]["f1"] == 1.0
    assert exact["p"] < 0.00135
    assert exact["roles"] == {"looks": 1.0, "writes": 1.0}
    assert (of(model, "acdc").grade or {})["edges"]["f1"] == 1.0
    assert (of(model, "attention_score").grade or {})["named"]["imitator"] > 0
    assert (of(model, "copying_score").grade or {})["named"]["dormant"] == 2


def test_on_nulls_whoever_intervenes_says_that_there_is_nothing(model: OnModel) -> None:
    assert of(model, "patching").claims == {"shuffled": 0, "hollow": 0}
    assert of(model, "acdc").claims == {"shuffled": 0, "hollow": 0}
    assert min(of(model, "attention_score").claims.values()) > 0
    assert of(model, "oracle").claims == {}


def test_all_gates_are_passed_by_models_as_they_should_be(twelve: list[OnModel]) -> None:
    assert [each.name for each in gates(twelve, standings(twelve)) if not each.passed] == []


def grade(model: OnModel, name: str) -> dict[str, Any]:
    return dict(of(model, name).grade or {})


BREAKS: dict[str, Callable[[OnModel], OnModel]] = {
    "models": lambda model: replace(model, trained=False),
    "behaviour": lambda model: replace(model, accuracy=0.9),
    "heads of a model": lambda model: replace(model, circuit=20),
    "random circuits that match": lambda model: replace(model, recovered=0.3),
    "hollow": lambda model: replace(model, hollow=-0.3),
    "oracle: sufficiency": lambda model: changed(model, "oracle", grade=grade(model, "random")),
    "oracle: each head": lambda model: changed(model, "oracle", grade=grade(model, "attention_score")),
    "oracle: incompleteness": lambda model: changed(model, "oracle", grade=grade(model, "random")),
    "oracle: foresight": lambda model: changed(model, "oracle", grade=grade(model, "random")),
    "oracle: beats chance": lambda model: changed(model, "oracle", grade=grade(model, "oracle") | {"p": 0.01}),
    "random: mean sufficiency": lambda model: changed(model, "random", grade=grade(model, "oracle")),
    "random: mean AUROC": lambda model: changed(model, "random", grade=grade(model, "oracle")),
    "random: beats chance": lambda model: changed(model, "random", grade=grade(model, "oracle")),
}


@pytest.mark.parametrize("name", BREAKS)
def test_every_gate_fails_where_it_should(name: str, twelve: list[OnModel]) -> None:
    found = [BREAKS[name](each) for each in twelve]
    failed = [each.name for each in gates(found, standings(found)) if not each.passed]
    assert any(each.startswith(name) for each in failed), failed


def test_predictions_are_judged_by_the_figures(twelve: list[OnModel], model: OnModel) -> None:
    told = outcomes(twelve, standings(twelve))
    assert len(told) == 13
    assert outcomes([model], standings([model])) == []
    decoys = next(each for each in told if "imitator or a dormant head" in each.expected)
    assert decoys.held
    fallen = [changed(each, "acdc", grade=of(model, "attention_score").grade) for each in twelve]
    decoys = next(each for each in outcomes(fallen, standings(fallen)) if "imitator or a dormant head" in each.expected)
    assert not decoys.held
    assert "acdc" in decoys.seen


def test_whoever_runs_out_of_its_budget_counts_as_a_failure_and_is_graded(
    model: OnModel,
) -> None:
    made = plant("previous_token", 6)
    shown = Runner(NativeMachine(made.weights, LAYERS, EACH), made.teach.part(0, 8))
    report, failure = study_models._report(EXPLAINERS["patching"](0), EdgeLaboratory(shown, 40))
    assert report.abstained
    assert "of 40 are left" in failure
    broke = [changed(model, "patching", failure=failure, claimed=False)]
    standing = next(each for each in standings(broke) if each.explainer == "patching")
    assert (standing.failures, standing.abstentions) == (1, 0)


def test_the_files_say_the_same_and_hold_no_script(twelve: list[OnModel], tmp_path: Path) -> None:
    written, passed = publish(measured(tuple(twelve), 12.0, 2), tmp_path / "out")
    assert passed
    assert [path.name for path in written] == ["circuits.json", "circuits.md", "circuits.html", "circuits.svg"]
    told = json.loads(written[0].read_text("utf-8"))
    assert len(told["models"]) == 12
    patching = next(each for each in told["standings"] if each["explainer"] == "patching")
    markdown, page = (path.read_text("utf-8") for path in written[1:3])
    line = next(line for line in markdown.splitlines() if line.startswith("| patching"))
    assert f"{patching['shares']['sufficiency']['mean']:.2f} (" in line
    assert "<script" not in page
    assert page.count("<table>") == markdown.count("\n| --- |") - 1
    assert "FAILED" not in page
    assert not re.search(r"[^\w]nan[^\w]", page)


def test_a_failed_gate_is_told(model: OnModel, tmp_path: Path) -> None:
    written, passed = publish(measured((replace(model, accuracy=0.5),), 1.0, 1), tmp_path)
    assert not passed
    assert "FAILED" in written[1].read_text("utf-8")
    assert isinstance(gates([model], standings([model]))[0], CircuitGate)


def test_an_unknown_kind_is_a_line_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="did you mean 'induction'"):
        hold(["inductoin"], [1], tmp_path)
    with pytest.raises(UserError, match="no model is left"):
        hold(["induction"], [], tmp_path)
    for seed in (-5, 10**19):
        with pytest.raises(UserError, match=f"seed {seed} is out of range"):
            hold(["induction"], [seed], tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        hold(["induction"], [1], tmp_path / "file")


def hold(kinds: list[str], seeds: list[int], out: Path) -> list[str]:
    said: list[str] = []
    hold_study(kinds, seeds, 1, out.parent / "parts", out, said.append)
    return said


def test_a_model_that_is_kept_is_not_measured_again(
    model: OnModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def measure(job: tuple[str, int]) -> OnModel:
        asked.append(job)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return replace(model, seed=job[1])

    monkeypatch.setattr(command, "on_model", measure)
    with pytest.raises(KeyboardInterrupt):
        hold(["previous_token"], [1, 2, 2], tmp_path / "out")
    assert asked == [("previous_token", 1), ("previous_token", 2)]
    said = hold(["previous_token"], [1, 2, 2], tmp_path / "out")
    assert asked[2:] == [("previous_token", 2)]
    assert len(said) == 2
    written = json.loads((tmp_path / "out/circuits.json").read_text("utf-8"))["models"]
    assert [each["seed"] for each in written] == [1, 2]


def test_a_study_is_written_again_from_its_file(twelve: list[OnModel], tmp_path: Path) -> None:
    first, _ = publish(measured(tuple(twelve), 12.0, 2), tmp_path / "one")
    again, _ = publish(read(first[0]), tmp_path / "other")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in first]
    damaged = tmp_path / "damaged.json"
    for text in ("", "{}", '{"models": [{}], "provenance": {}}', "[]"):
        damaged.write_text(text, "utf-8")
        with pytest.raises(UserError, match="no study of planted circuits"):
            read(damaged)


def test_a_damaged_part_is_named_with_its_mend(tmp_path: Path) -> None:
    for text in ("", "{}", "[]", "{"):
        (tmp_path / "induction-1.json").write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"induction-1\.json is damaged .* remove it"):
            command.kept_model(tmp_path, ("induction", 1))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "abc"], "invalid int value: 'abc'; --help lists"),
        (["--sedes", "1"], "unrecognized arguments: --sedes"),
        (["--again", "GOOD", "--out", "FILE"], "cannot be written"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(
    twelve: list[OnModel],
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written, _ = publish(measured(tuple(twelve), 12.0, 2), tmp_path)
    places = {"GOOD": str(written[0]), "FILE": str(written[1])}
    monkeypatch.setattr(sys, "argv", ["circuits", *(places.get(each, each) for each in arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    err = capsys.readouterr().err
    assert ended.value.code == USAGE_ERROR
    assert said in err
    assert err.count("\n") == 1
