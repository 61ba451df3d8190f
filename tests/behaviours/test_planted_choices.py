"""What is planted is data: chosen for these prompts, this subject and this SAE, and checked when it is planted."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_speaker import speaker

from benchmark.behaviours.chosen import keep, key, known
from benchmark.behaviours.shipped import ToPlant, planted
from benchmark.behaviours.unit import BehaviourUnit, Pair
from benchmark.subjects import planting
from benchmark.subjects.planting import NotPlanted, Planter
from benchmark.subjects.rewriting import Rewriter
from benchmark.subjects.steering import SteeredSubject, usual_norm

FACTS = json.loads(Path("results/behaviours/behaviours.json").read_text("utf-8"))["provenance"]["subject"]


@pytest.mark.parametrize("wanted", planted(), ids=lambda each: each.unit.identifier)
def test_every_shipped_unit_has_its_choice(wanted: ToPlant) -> None:
    found = known(wanted, FACTS)
    assert found is not None, "the prompts changed; mend: python -m benchmark.behaviours --plant"
    assert (found["latent"] is None) == (found["decoy"] is None) == (wanted.what == "direction")


def test_a_choice_for_something_else_is_not_taken(tmp_path: Path) -> None:
    wanted, path = planted()[0], tmp_path / "planted.json"
    keep({wanted.unit.identifier: {"latent": 7, "key": key(wanted, FACTS)}}, path)
    assert (known(wanted, FACTS, path) or {})["latent"] == 7
    assert known(replace(wanted, seed=99), FACTS, path) is None
    assert known(wanted, {**FACTS, "sae_sha256": "another"}, path) is None
    assert known(planted()[1], FACTS, path) is None


def test_a_choice_is_planted_again_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewriter = Rewriter(speaker(tmp_path))
    subject = SteeredSubject(rewriter, usual_norm(rewriter, ["the nurse said that she ran"]))
    # Three pairs of an untrained model reach no 3 sigma.
    monkeypatch.setattr(planting, "ALPHA", 1.1)
    monkeypatch.setattr(planting, "LEAST", 0.02)
    texts = ("the nurse said that", "the plumber ran and", "the old market said")
    pairs = tuple(Pair(each, None, "she", "he") for each in texts)
    exam = tuple(replace(each, prompt=f"he ran and {each.prompt}") for each in pairs)
    planter = Planter(subject, BehaviourUnit("one", "planted", "own", "?", pairs, exam), (), 0)
    truth = planter.direction()
    chosen = json.loads(json.dumps(truth.kept()))
    again = planter.again(chosen)
    assert (again.latent, again.strength) == (None, truth.strength)
    assert again.exam == pytest.approx(truth.exam, abs=1e-4)
    with pytest.raises(NotPlanted, match="no longer moves it"):
        planter.again({**chosen, "direction": [-each for each in chosen["direction"]]})
