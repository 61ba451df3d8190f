"""`subject=` and `sae=` against a hub on loopback: what is loaded, at which commit, and what is refused."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_client import HubClient
from hub_world import MODEL, SAE_REPOSITORY, TEXTS, World, latents
from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory
from safetensors.torch import save_file
from tiny_weights import (
    LATENTS,
    RESID_PRE,
    WIDTH,
    TinySae,
    make_sae,
    save_gpt2,
    save_old_sae,
    save_sae,
)
from tiny_world import TinyWorld, dense, local

from benchmark.subjects.loading.subject import boot_subject

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SUBJECT = f"hub:{MODEL}"
WEIGHTS = "sae_weights.safetensors"
NOBODY = "http://127.0.0.1:9"
GPT2, RELEASE = "openai-community/gpt2", "gpt2-small-res-jb"
CENTRED = TinySae("centred", "StandardTrainingSAE", RESID_PRE, "standard")


def on_disk(world: World, model: Path, sae: str, columns: list[int] | None = None) -> Any:
    """The same without a hub."""
    source = TinyWorld(boot_subject(local(model)), world.saes).source(sae, columns)
    return dense(source.activations(source.whole(TEXTS)), len(source.units))


def close(found: Any, expected: Any) -> bool:
    return bool(expected.any()) and np.allclose(found, expected, rtol=2e-5, atol=2e-5)


def publish_sae(world: World, home: Path, name: str, seed: int = 0) -> tuple[str, str]:
    """A repository of its own with one SAE; its name and its weights' SHA-256."""
    folder = save_sae(TinySae(name, "StandardTrainingSAE", RESID_PRE, "standard"), home, seed)
    world.hub.publish(f"viva-tests/{name}", home)
    return f"viva-tests/{name}", hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def refused(found: dict[str, Any], error: str, *words: str) -> None:
    """One line, of that kind, with these words."""
    assert found.get("error") == error, found
    assert "\n" not in found["message"]
    for word in (*words, "mend: "):
        assert word in found["message"]


@pytest.mark.parametrize("sae", ["topk-resid-post", "gated-resid-mid", "standard-hook-z", "skip-transcoder"])
def test_a_source_from_the_hub_is_the_one_on_disk(sae: str, world: World, client: HubClient) -> None:
    columns = [5, 41, 2]
    found = client.call("source", subject=SUBJECT, sae=f"{SAE_REPOSITORY}/{sae}", texts=TEXTS, columns=columns)
    assert close(latents(found), on_disk(world, world.model, sae, columns))
    assert found["facts"]["subject_commit"] == world.hub.commit(MODEL)
    assert found["facts"]["sae_commit"] == world.hub.commit(SAE_REPOSITORY)


def test_a_subjects_revision_is_honoured(world: World, client: HubClient) -> None:
    at = f"{SUBJECT}@{world.older_commit}"
    found = client.call("source", subject=at, sae=f"{SAE_REPOSITORY}/topk-resid-post", texts=TEXTS)
    assert close(latents(found), on_disk(world, world.older, "topk-resid-post"))
    assert found["facts"]["subject_commit"] == world.older_commit


def test_an_saes_revision_is_honoured(world: World, client: HubClient, tmp_path: Path) -> None:
    repository, old = publish_sae(world, tmp_path / "old", "revised")
    commit = world.hub.commit(repository)
    publish_sae(world, tmp_path / "new", "revised", seed=1)
    pinned = client.call("source", subject=SUBJECT, sae=f"{repository}/revised@{commit}", texts=TEXTS)
    main = client.call("source", subject=SUBJECT, sae=f"{repository}/revised", texts=TEXTS)
    assert pinned["facts"]["sae_commit"] == commit != main["facts"]["sae_commit"]
    assert pinned["facts"]["sae_sha256"] != main["facts"]["sae_sha256"]
    assert not close(latents(pinned), latents(main))
    again = TinyWorld(boot_subject(local(world.model)), tmp_path / "old").source("revised")
    assert close(latents(pinned), dense(again.activations(again.whole(TEXTS)), LATENTS))
    assert old


def publish_release(world: World, home: Path) -> None:
    """A tiny SAE under the name of a release that was made on a model with centred weights."""
    entry = get_pretrained_saes_directory()[RELEASE]
    folder = save_old_sae(CENTRED, home / "repository" / entry.saes_map[RESID_PRE])
    world.hub.publish(entry.repo_id, folder.parent)


def test_a_release_brings_its_centring(world: World, client: HubClient, tmp_path: Path) -> None:
    """The preset and the release by their real names."""
    publish_release(world, tmp_path)
    world.hub.publish(GPT2, world.model)
    found = client.call("source", subject="gpt2_small", sae=f"{RELEASE}/{RESID_PRE}", texts=TEXTS)
    subject = boot_subject(local(world.model))
    coded = subject.tokenizer(TEXTS, add_special_tokens=False).input_ids
    hidden = torch.cat([subject.hidden([[subject.bos or 0, *row]], RESID_PRE)[0, 1:] for row in coded])
    with torch.no_grad():
        right, wrong = (make_sae(CENTRED).encode(each) for each in (hidden - hidden.mean(-1, keepdim=True), hidden))
    assert found["facts"]["centred"] == "True"
    assert close(latents(found), right.numpy())
    assert not close(latents(found), wrong.numpy())


def test_an_sae_of_another_model_is_refused(world: World, client: HubClient, tmp_path: Path) -> None:
    publish_release(world, tmp_path)
    found = client.call("source", subject=SUBJECT, sae=f"{RELEASE}/{RESID_PRE}", texts=TEXTS)
    refused(found, "UnitsError", "'gpt2-small'", f"'{MODEL}'")


def test_a_changed_sae_is_refused_until_it_is_replaced(world: World, client: HubClient, tmp_path: Path) -> None:
    repository, digest = publish_sae(world, tmp_path, "spoilt")
    world.hub.faults[digest] = "changed"
    asked = {"subject": SUBJECT, "sae": f"{repository}/spoilt", "texts": TEXTS}
    refused(client.call("source", **asked), "DamagedFile", WEIGHTS, digest[:12], "force_download")
    del world.hub.faults[digest]
    refused(client.call("source", **asked), "DamagedFile")
    client.call("download", repository=repository, name=f"spoilt/{WEIGHTS}", force=True)
    assert latents(client.call("source", **asked)).any()


def test_a_changed_subject_is_refused(world: World, client: HubClient, tmp_path: Path) -> None:
    model = save_gpt2(tmp_path / "model", seed=7)
    world.hub.publish("viva-tests/spoilt-gpt2", model)
    digest = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    world.hub.faults[digest] = "changed"
    found = client.call("source", subject="hub:viva-tests/spoilt-gpt2", sae="neurons:1", texts=TEXTS)
    refused(found, "DamagedFile", "model.safetensors")


def test_changed_settings_of_a_tokenizer_are_refused(world: World, client: HubClient, tmp_path: Path) -> None:
    """They decide BOS. The hub serves them whole, and the cache's copy is spoilt afterwards."""
    model = save_gpt2(tmp_path / "model", seed=8)
    world.hub.publish("viva-tests/settings-gpt2", model)
    asked = {"subject": "hub:viva-tests/settings-gpt2", "sae": "neurons:1", "texts": TEXTS}
    assert latents(client.call("source", **asked)).any()
    home = world.client_home / "hub" / "models--viva-tests--settings-gpt2"
    (settings,) = home.rglob("tokenizer_config.json")
    content = settings.read_bytes()
    settings.resolve().write_bytes(content.replace(b"{", b"{ ", 1))
    refused(client.call("source", **asked), "DamagedFile", "tokenizer_config.json")


def test_a_subject_without_safetensors_is_refused(world: World, client: HubClient, tmp_path: Path) -> None:
    model = shutil.copytree(world.model, tmp_path / "model")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    world.hub.publish("viva-tests/pickled-gpt2", model)
    found = client.call("source", subject="hub:viva-tests/pickled-gpt2", sae="neurons:1", texts=TEXTS)
    refused(found, "SubjectError", "safetensors")
    assert not world.hub.requests("GET", "pytorch_model.bin")


def test_neurons_of_a_subject_on_the_hub(world: World, client: HubClient) -> None:
    found = client.call("source", subject=SUBJECT, sae="neurons:1", texts=TEXTS, columns=[127, 0])
    assert found["units"] == ["n127", "n0"]
    assert (latents(found) < 0).any()


@pytest.mark.parametrize(
    ("subject", "sae", "error", "words"),
    [
        ("hub:viva-tests/nothing", "neurons:1", "HubError", ["viva-tests/nothing"]),
        (f"{SUBJECT}@{'0' * 40}", "neurons:1", "HubError", ["no revision", "0" * 40]),
        (SUBJECT, "viva-tests/nothing/sae", "HubError", ["viva-tests/nothing"]),
        (SUBJECT, f"{SAE_REPOSITORY}/nothing", "UnitsError", ["no SAE 'nothing'"]),
        (SUBJECT, f"{SAE_REPOSITORY}/transcoder@{'0' * 40}", "HubError", ["no revision"]),
    ],
)
def test_what_is_missing_is_one_line(subject: str, sae: str, error: str, words: list[str], client: HubClient) -> None:
    refused(client.call("source", subject=subject, sae=sae, texts=TEXTS), error, *words)


def publish_other_layout(world: World, home: Path, seed: int) -> str:
    """A transcoder as Michael Hanna lays them out, under the name of a release; its commit."""
    draw = torch.Generator().manual_seed(seed)
    shapes = {"W_enc": (LATENTS, WIDTH), "b_enc": (LATENTS,), "W_dec": (LATENTS, WIDTH), "b_dec": (WIDTH,)}
    home.mkdir()
    save_file(
        {name: torch.randn(shape, generator=draw) for name, shape in shapes.items()}, home / "layer_1.safetensors"
    )
    sizes = {"d_model": WIDTH, "d_feature": LATENTS, "batch_size": 32}
    (home / "wandb-config.yaml").write_text("".join(f"{name}:\n  value: {n}\n" for name, n in sizes.items()), "utf-8")
    (home / "config.yaml").write_text(f"model_name: {MODEL}\n", "utf-8")
    return world.hub.publish("mwhanna/qwen3-4b-transcoders", home)


def test_another_layout_is_read_and_its_commit_compared(world: World, client: HubClient, tmp_path: Path) -> None:
    commit = publish_other_layout(world, tmp_path / "old", seed=0)
    name = "mwhanna-qwen3-4b-transcoders/layer_1"
    found = client.call("source", subject=SUBJECT, sae=f"{name}@{commit}", texts=TEXTS)
    assert latents(found).any()
    assert found["facts"]["sae_commit"] == commit
    assert found["facts"]["units"].startswith("latents (transcoder)")
    newer = publish_other_layout(world, tmp_path / "new", seed=1)
    found = client.call("source", subject=SUBJECT, sae=f"{name}@{commit}", texts=TEXTS)
    refused(found, "UnitsError", commit, newer)


def spoil(world: World, repository: str, name: str, change: bytes) -> Path:
    """Put other bytes at the beginning of a cached file; returns it."""
    home = world.client_home / "hub" / f"models--{repository.replace('/', '--')}"
    (head,) = (home / "refs").glob("main")
    file = home / "snapshots" / head.read_text("utf-8") / name
    content = file.read_bytes()
    file.resolve().write_bytes(change + content[len(change) :])
    return file


@pytest.mark.parametrize(("file", "change"), [("config.yaml", b"#"), ("layer_1.safetensors", b"\0" * 8)])
def test_another_layout_is_verified_before_it_is_read(
    file: str, change: bytes, world: World, client: HubClient, tmp_path: Path
) -> None:
    """A commented line would lose the model's name, and a zeroed header breaks whoever reads it."""
    publish_other_layout(world, tmp_path / "layout", seed=len(file))
    asked = {"subject": SUBJECT, "sae": "mwhanna-qwen3-4b-transcoders/layer_1", "texts": TEXTS}
    assert latents(client.call("source", **asked)).any()
    spoilt = spoil(world, "mwhanna/qwen3-4b-transcoders", file, change)
    refused(client.call("source", **asked), "DamagedFile", file)
    spoilt.resolve().unlink()


def publish_layers(world: World, home: Path, seeds: dict[int, int]) -> None:
    """Layers of a cross-layer transcoder, whose ids on SAELens' list are no paths; a seed a layer."""
    home.mkdir()
    hooks = "feature_input_hook: hook_resid_mid\nfeature_output_hook: hook_mlp_out\n"
    (home / "config.yaml").write_text(f"model_name: {MODEL}\n{hooks}", "utf-8")
    for layer, seed in seeds.items():
        draw = torch.Generator().manual_seed(seed)
        shapes = {"W_enc": (LATENTS, WIDTH), "b_enc": (LATENTS,), "b_dec": (WIDTH,)}
        encoder = {f"{name}_{layer}": torch.randn(shape, generator=draw) for name, shape in shapes.items()}
        save_file(encoder, home / f"W_enc_{layer}.safetensors")
        decoder = {f"W_dec_{layer}": torch.randn(LATENTS, 2, WIDTH, generator=draw)}
        save_file(decoder, home / f"W_dec_{layer}.safetensors")
    world.hub.publish("mntss/clt-gemma-2-2b-2.5M", home)


def test_an_sae_is_known_by_its_own_files_alone(world: World, client: HubClient, tmp_path: Path) -> None:
    def found(layer: int) -> dict[str, Any]:
        name = f"mntss-gemma-2-2b-2.5m-clt-as-per-layer/layer_{layer}"
        answer = client.call("source", subject=SUBJECT, sae=name, texts=TEXTS)
        assert latents(answer).any()
        facts: dict[str, Any] = answer["facts"]
        return facts

    publish_layers(world, tmp_path / "old", {0: 0, 1: 1})
    first, other = found(0), found(1)
    assert first["sae_sha256"] != other["sae_sha256"]
    assert found(0)["sae_sha256"] == first["sae_sha256"]
    publish_layers(world, tmp_path / "new", {0: 0, 1: 2})
    again = found(0)
    assert again["sae_sha256"] == first["sae_sha256"]
    assert again["sae_commit"] != first["sae_commit"]
    assert found(1)["sae_sha256"] != other["sae_sha256"]


@pytest.mark.slow
def test_offline_what_is_cached_loads_and_what_is_not_is_one_line(world: World, client: HubClient) -> None:
    asked = {"subject": SUBJECT, "sae": f"{SAE_REPOSITORY}/topk-resid-post", "texts": TEXTS}
    first = client.call("source", **asked)
    second = HubClient(NOBODY, world.client_home, offline=True)
    try:
        assert second.call("source", **asked) == first
        assert second.call("hosts") == []
        found = second.call("source", subject="gemma_2_2b", sae="neurons:1", texts=TEXTS)
        refused(found, "HubError", "google/gemma-2-2b", "HF_HUB_OFFLINE")
    finally:
        second.close()


def test_no_request_of_ours_left_loopback(client: HubClient) -> None:
    client.call("download", repository=MODEL, name="config.json")
    assert client.call("hosts") == ["127.0.0.1"]
