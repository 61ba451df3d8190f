"""The command on the embedded subject: a behaviour from a file, and again from its part."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from benchmark.behaviours import command
from benchmark.behaviours.command import Study, key_of_parts, main
from benchmark.behaviours.shipped import planted
from benchmark.behaviours.unit import BehaviourError

MINE = {
    "name": "mine",
    "question": "Does it prefer 'are' to 'is' after plural nouns?",
    "x": "are",
    "y": "is",
    "teach": {"templates": ["The {} here"], "fillers": [["keys", "key"], ["dogs", "dog"], ["chairs", "chair"]]},
    "exam": {"templates": ["My old {}"], "fillers": [["books", "book"], ["cups", "cup"], ["lamps", "lamp"]]},
}


def test_a_behaviour_of_one_s_own_from_a_file(tmp_path: Path) -> None:
    path, out, said = tmp_path / "mine.yaml", tmp_path / "out", list[str]()
    path.write_text(yaml.safe_dump(MINE), "utf-8")
    main(["--file", str(path), "--out", str(out), "--quick"], said.append)
    assert {each.name for each in out.iterdir()} == {
        "behaviours.json",
        "behaviours.md",
        "behaviours.svg",
        "foresight.svg",
        "parts",
    }
    told = json.loads((out / "behaviours.json").read_text("utf-8"))
    (unit,) = told["units"]
    assert unit["teach"]["mean"] > 1
    assert unit["exam"]["mean"] > 1
    named = {row["explainer"]: row["abstained"] for row in unit["explainers"]}
    # Three pairs are too few for 3σ unless they are much alike; the floor never abstains.
    assert not named["random"]
    assert told["provenance"]["subject"]["subject"] == "embedded"
    again = list[str]()
    main(["--file", str(path), "--out", str(out), "--quick"], again.append)
    assert "mine: known" in again
    assert json.loads((out / "behaviours.json").read_text("utf-8"))["units"] == told["units"]

    assert told["not_run"] == []
    main(["--file", str(path), "--out", str(tmp_path / "late"), "--minutes", "0"], said.append)
    late = json.loads((tmp_path / "late" / "behaviours.json").read_text("utf-8"))
    assert (late["units"], late["not_run"]) == ([], ["mine"])

    path.write_text(yaml.safe_dump({**MINE, "x": "antidisestablishmentarianism"}), "utf-8")
    with pytest.raises(BehaviourError, match="tokens of this subject"):
        main(["--file", str(path), "--out", str(out)], said.append)


def test_a_moved_sae_is_the_same_and_another_one_is_not() -> None:
    facts = {"subject": "embedded", "subject_sha256": "s", "units": "latents of /here/sae", "sae_sha256": "a"}
    moved, other = {**facts, "units": "latents of /there/sae"}, {**facts, "sae_sha256": "b"}
    assert key_of_parts(moved, False) == key_of_parts(facts, False)
    assert len({key_of_parts(each, False) for each in (facts, other)} | {key_of_parts(facts, True)}) == 3
    # What has no hash is known by its name alone.
    nameless = [{**each, "sae_sha256": ""} for each in (facts, moved)]
    assert key_of_parts(nameless[0], False) != key_of_parts(nameless[1], False)


def test_a_part_is_kept_for_all_that_was_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, wanted = object.__new__(Study), planted()[0]
    study.quick, study.parts, study.key, study.say = True, tmp_path, "k", lambda line: None
    study.end, study.not_run = float("inf"), []
    monkeypatch.setattr(study, "_planted", lambda each: {"after": each.after, "what": each.what, "seed": each.seed})
    for name in ("nulls", "candidates"):
        monkeypatch.setattr(command, name, list)
    others = (replace(wanted, seed=99), replace(wanted, after=("x",)), replace(wanted, what="direction"))
    for each in (wanted, *others):
        monkeypatch.setattr(command, "planted", lambda each=each: [each])
        (row,), _ = study.shipped()
        assert (row["seed"], list(row["after"]), row["what"]) == (each.seed, list(each.after), each.what)
    # What units are wanted, with which condition, is code too.
    assert "benchmark/behaviours/shipped.py" in command.CODE
