"""`viva harvest`: options, and the whole way on a tiny subject and SAE on disk."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))
from tiny_weights import SAES, save_gpt2, save_sae

from benchmark import cli
from benchmark.errors import UserError
from benchmark.harvest import command
from benchmark.harvest.reading import Harvest


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["folder=x", "token=5"], "no option 'token=5'; did you mean tokens="),
        (["folder=x", "tokens="], "tokens has no value"),
        (["folder=x", "tokens=some"], "tokens=some is no count; give a whole number, 1 or above"),
        (["folder=x", "tokens=0"], "tokens=0 is no count"),
        (["folder=x", "near=-1"], "near=-1 is no count; give a whole number, 0 or above"),
        (["folder=x", "bench=yes"], "bench=yes has no meaning"),
        (["folder=x", "folder=y"], "folder= is given twice"),
        (["folder=x", "corpus=shiped"], "did you mean 'shipped'"),
        (["folder=x", "subject=embeded"], "did you mean 'embedded'"),
        (["folder=x", "units=3-"], "'3-' is no column"),
        (["folder=x", "units=3,3"], "names a column twice"),
        (["folder=pyproject.toml"], "is not a folder"),
        (["folder=pyproject.toml/x"], "is not a folder"),
        (["folder=x", "report=nowhere/report.json"], "is in no folder"),
        (["folder=x", "report=tests"], "tests is a folder; mend: report=tests/report.json"),
        (["folder=x", "report=~/nowhere/report.json"], "/nowhere/report.json is in no folder"),
    ],
)
def test_what_is_wrong_is_one_line(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "argv", ["viva", "harvest", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.startswith("viva: ")
    assert err.count("\n") == 1
    assert "~" not in err
    assert not (root / "x").exists()


def test_options_become_a_recipe() -> None:
    found = command.recipe_of(command.options(["folder=x", "tokens=2_000", "top=7", "near=0", "seed=3"]))
    assert (found.tokens, found.keep.top, found.near, found.seed) == (2000, 7, 0, 3)
    assert command.recipe_of({}).tokens == 2_000_000
    assert command.recipe_of({}).window_tokens == 32
    assert command.recipe_of({"window_tokens": "128"}).window_tokens == 128
    assert command.recipe_of({"tokens": "all"}).tokens is None
    assert command.columns_of("3,17,20-22") == [3, 17, 20, 21, 22]
    assert command.columns_of(None) is None


def test_help_names_every_option(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["viva", "harvest", "--help"])
    cli.main()
    out = capsys.readouterr().out
    assert all(f"{name}=" in out for name in command.OPTIONS)


HARVESTED = ("topk-resid-post", "abstopk-attn-out", "standard-hook-z")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, two SAEs and a corpus."""
    folder = tmp_path_factory.mktemp("world")
    save_gpt2(folder / "model")
    for tiny in SAES:
        if tiny.name in HARVESTED:
            save_sae(tiny, folder)
    draw = np.random.default_rng(0)
    words = ["".join(draw.choice([*"abcdefghij"], int(size))) for size in draw.integers(1, 6, 3000)]
    lines = [" ".join(words[at : at + 50]) for at in range(0, len(words), 50)]
    (folder / "corpus.txt").write_text("\n\n".join(lines))
    return folder


def _arguments(world: Path, store: Path, sae: str, *more: str) -> list[str]:
    model = f"subject=local:{world / 'model'}@viva-tests/tiny-gpt2"
    given = [f"sae={world / sae}", f"corpus={world / 'corpus.txt'}", "tokens=3000", "window_tokens=60", "near=0"]
    # A processor with bfloat16 would harvest in it: what is compared here is the same on all machines.
    return [model, "device=cpu", "dtype=float32", *given, f"folder={store}", *more]


@pytest.mark.parametrize("sae", HARVESTED)
def test_a_subject_and_an_sae_on_disk_are_harvested(world: Path, tmp_path: Path, sae: str) -> None:
    said: list[str] = []
    report = tmp_path / "report.json"
    command.run(_arguments(world, tmp_path / "store", sae, "bench=true", f"report={report}"), said.append)
    found = Harvest(tmp_path / "store")
    assert found.counts["tokens"] >= 3000
    told = json.loads(report.read_text())
    assert told["fresh"] == told["tokens"] == found.counts["tokens"]
    assert told["ratio"] == pytest.approx(told["rate"] / told["limit"])
    assert said[-1].startswith(str(tmp_path / "store"))
    assert "ratio" in said[-1]
    assert "peak memory" in said[-1]
    rates = found.firing_rates
    assert 0 < rates.max() <= 1
    unit = found.units[int(rates.argmax())]
    for each in (*found.strongest(unit), *found.across(unit), *found.uniform(unit)):
        assert "".join(each.window.tokens) == each.window.text
        assert len(each.values) == len(each.window.ids) <= 60
    assert found.strongest(unit)[0].values.max() > 0
    assert any(found.most_negative(each) for each in found.units) == (sae == "abstopk-attn-out")


def test_neurons_need_no_sae(world: Path, tmp_path: Path) -> None:
    arguments = [each for each in _arguments(world, tmp_path / "store", "") if not each.startswith("sae=")]
    command.run([*arguments, "sae=neurons:1", "units=0-7"], lambda line: None)
    found = Harvest(tmp_path / "store")
    assert found.units == tuple(f"n{column}" for column in range(8))
    assert found.most_negative("n0")


def test_bfloat16_is_for_processors_that_have_it() -> None:
    assert command.dtype_of({}, has_bfloat16=True) == command.dtype_of({"dtype": "auto"}, True) == "bfloat16"
    assert command.dtype_of({}, has_bfloat16=False) is None
    assert command.dtype_of({"dtype": "float32"}, has_bfloat16=True) == "float32"


def test_a_store_has_a_place_of_its_own() -> None:
    assert command.options([])["folder"] == "harvests/embedded-shipped"
    given = ["subject=local:/a/model", "sae=gpt2-small-res-jb/blocks.8.hook_resid_pre"]
    assert command.options(given)["folder"] == "harvests/local_a_model-gpt2-small-res-jb_blocks.8.hook_resid_pre"
    assert command.options(["folder=x"])["folder"] == "x"


def test_the_saes_dtype_is_an_option(world: Path, tmp_path: Path) -> None:
    found = command.options(_arguments(world, tmp_path, "topk-resid-post", "sae_dtype=bfloat16"))
    assert command.job_of(found, lambda line: None).source.facts["sae_dtype"] == "bfloat16"


def test_another_sae_does_not_go_into_the_same_store(world: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    command.run(_arguments(world, store, HARVESTED[0]), lambda line: None)
    with pytest.raises(UserError, match=r"source\.\w+ .*and this is"):
        command.run(_arguments(world, store, HARVESTED[1]), lambda line: None)
