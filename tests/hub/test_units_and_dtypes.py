"""Which directions are chosen, in which dtype an SAE runs, and activations that are not finite."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tiny_weights import RESID_POST, WIDTH, save_gpt2, save_saes
from tiny_world import TinyWorld, local

from benchmark.subjects.catalog import Directions, FolderSae, Neurons, UnitsError, parse_subject
from benchmark.subjects.embedded import SubjectError
from benchmark.subjects.features import feature_source, measured
from benchmark.subjects.loading.saes import load_sae
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.selected.latents import Latents
from benchmark.subjects.selected.measured import OverflowingActivation

STANDARD = "standard-resid-pre"
IDS = [256, 40, 41, 99, 3, 200, 17]


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("units")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


def test_columns_choose_directions_by_sorted_name(tiny_world: TinyWorld, tmp_path: Path) -> None:
    file = tmp_path / "some.safetensors"
    save_file({name: torch.eye(WIDTH)[i] for i, name in enumerate(("up", "down", "across"))}, file)
    spec = Directions(file, RESID_POST)
    chosen = measured(spec, tiny_world.subject, columns=[2, 0])
    assert chosen.units == ("d:up", "d:across")
    hidden = tiny_world.subject.hidden([IDS], RESID_POST)
    assert torch.equal(chosen.encode(hidden), hidden[..., [0, 2]])
    assert measured(spec, tiny_world.subject, columns=[1], names=["down", "up"]).units == ("d:up",)
    with pytest.raises(UnitsError, match="no direction 3; mend: choose from 0 to 2"):
        measured(spec, tiny_world.subject, columns=[0, 3])


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("sae", ["topk-resid-post", "abstopk-attn-out", STANDARD])
def test_an_activation_that_is_not_finite_is_not_taken_for_silence(
    sae: str, wrong: float, tiny_world: TinyWorld
) -> None:
    latents = tiny_world.latents(sae)
    hidden = tiny_world.subject.hidden([IDS], latents.hook)[0]
    latents.triples(hidden)
    hidden[2, 5] = wrong
    for way in (latents.triples, latents.encode):
        with pytest.raises(OverflowingActivation, match="not finite; mend: dtype=float32"):
            way(hidden)


def test_an_sae_that_overflows_in_half_precision_is_told(tiny_world: TinyWorld) -> None:
    folder = FolderSae(tiny_world.saes / "topk-resid-post")
    latents = Latents(load_sae(folder, dtype="float16"), tiny_world.subject)
    huge = torch.full((3, WIDTH), 6e4)
    assert torch.isfinite(huge.half()).all()
    with pytest.raises(OverflowingActivation, match="what the SAE makes"):
        latents.triples(huge)


@pytest.mark.parametrize(
    ("sae", "asked", "used"),
    [
        ("topk-resid-post", None, "bfloat16"),
        ("jumprelu-attn-out", None, "float32"),
        ("jumprelu-transcoder", None, "float32"),
        ("gated-resid-mid", None, "float32"),
        ("jumprelu-attn-out", "bfloat16", "bfloat16"),
        ("topk-resid-post", "float32", "float32"),
    ],
)
def test_an_sae_with_thresholds_stays_in_float32(sae: str, asked: str | None, used: str, tiny_world: TinyWorld) -> None:
    spec = parse_subject(f"local:{tiny_world.subject.spec.place}@viva-tests/tiny-gpt2", dtype="bfloat16")
    source = feature_source(spec, FolderSae(tiny_world.saes / sae), window_tokens=60, sae_dtype=asked)
    assert source.facts["sae_dtype"] == used
    assert len(source.activations(source.whole(["abc"])).value)


def test_an_sae_dtype_is_looked_at(tiny_world: TinyWorld) -> None:
    sae = FolderSae(tiny_world.saes / STANDARD)
    with pytest.raises(SubjectError, match="unknown sae_dtype 'bfloat6': did you mean 'bfloat16'"):
        measured(sae, tiny_world.subject, sae_dtype="bfloat6")
    with pytest.raises(UnitsError, match="sae_dtype=float32 is of an SAE, and these units have none"):
        measured(Neurons(1), tiny_world.subject, sae_dtype="float32")
