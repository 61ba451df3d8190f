"""The hub routes, as a user walks them: real clients, real file layouts, a hub on loopback."""

import hashlib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_client import HubClient
from hub_world import MODEL, SAE_REPOSITORY, World
from sae_lens import SAE
from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory
from tiny_weights import (
    ATTN_OUT,
    HOOK_Z,
    LAYER,
    MLP_OUT,
    NEURONS,
    RESID_POST,
    RESID_PRE,
    SAES,
    TinySae,
    make_sae,
    save_old_sae,
    save_sae,
)

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TEXT = "A hub on loopback, é."
HOOKS = [RESID_PRE, RESID_POST, MLP_OUT, ATTN_OUT, HOOK_Z, NEURONS]
RELEASE = "gpt2-small-res-jb"
WEIGHTS = "sae_weights.safetensors"
# Discard: reserved, below what a server of ours could be given.
NOBODY = "http://127.0.0.1:9"


@cache
def local_activations(folder: Path) -> dict[str, torch.Tensor]:
    """Activations of the model in a folder, at every hook."""
    from transformer_lens.model_bridge import TransformerBridge

    caught: Any = TransformerBridge.boot_transformers(str(folder), device="cpu").run_with_cache(TEXT)[1]
    return dict(caught.items())


def close(found: Any, expected: torch.Tensor) -> bool:
    values = np.array(found)
    return bool(np.isfinite(values).all()) and np.allclose(values, expected.detach().numpy(), rtol=1e-5, atol=1e-5)


def publish_one(world: World, home: Path, name: str, seed: int = 0) -> tuple[str, str]:
    """A repository of its own with one SAE, so that its file is in no cache; its name and its weights' SHA-256."""
    folder = save_sae(TinySae(name, "StandardTrainingSAE", RESID_PRE, "standard"), home, seed)
    world.hub.publish(f"viva-tests/{name}", home)
    return f"viva-tests/{name}", hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()


def test_the_model_from_the_hub_is_the_one_on_disk(world: World, client: HubClient) -> None:
    found = client.call("activations", model=MODEL, text=TEXT, hooks=HOOKS)
    assert all(close(found[hook], local_activations(world.model)[hook]) for hook in HOOKS)
    assert world.hub.requests("GET", server="store")


def test_its_residual_stream_is_what_transformers_computes(world: World, client: HubClient) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(world.model)
    ids = torch.tensor([[tokens.bos_token_id, *tokens(TEXT).input_ids]])
    with torch.no_grad():
        states = AutoModelForCausalLM.from_pretrained(world.model, attn_implementation="eager")(
            ids, output_hidden_states=True
        ).hidden_states
    found = client.call("activations", model=MODEL, text=TEXT, hooks=[RESID_PRE, RESID_POST])
    assert close(found[RESID_PRE], states[LAYER])
    assert close(found[RESID_POST], states[LAYER + 1])


@pytest.mark.parametrize("tiny", SAES, ids=lambda tiny: tiny.name)
def test_an_sae_from_the_hub_is_the_one_on_disk(tiny: TinySae, world: World, client: HubClient) -> None:
    found = client.call("latents", release=SAE_REPOSITORY, sae_id=tiny.name, model=MODEL, text=TEXT)
    local: Any = SAE.load_from_disk(str(world.saes / tiny.name))
    with torch.no_grad():
        expected = local.encode(local_activations(world.model)[tiny.hook])
    assert 0 < (expected != 0).float().mean() < 1
    assert close(found["latents"], expected)
    assert (found["class"], found["cfg"]) == (type(local).__name__, local.cfg.to_dict())
    assert found["cfg"]["architecture"] == tiny.saved


def test_a_release_is_known_by_its_name_and_an_old_configuration_is_read(
    world: World, client: HubClient, tmp_path: Path
) -> None:
    """SAELens' list leads from release and id to a repository and a folder, and adds how its model was loaded."""
    entry = get_pretrained_saes_directory()[RELEASE]
    tiny = TinySae("old", "StandardTrainingSAE", RESID_PRE, "standard")
    folder = save_old_sae(tiny, tmp_path / "repository" / entry.saes_map[RESID_PRE])
    world.hub.publish(entry.repo_id, folder.parent)
    found = client.call("latents", release=RELEASE, sae_id=RESID_PRE, model=MODEL, text=TEXT)
    expected = make_sae(tiny).encode(local_activations(world.model)[RESID_PRE])
    assert close(found["latents"], expected)
    kept = {name: found["cfg"]["metadata"][name] for name in ("hook_name", "prepend_bos", "context_size")}
    assert kept == {"hook_name": RESID_PRE, "prepend_bos": True, "context_size": 128}
    assert found["cfg"]["metadata"]["model_from_pretrained_kwargs"] == {"center_writing_weights": True}


def test_a_pinned_revision_is_honoured(world: World, client: HubClient) -> None:
    pinned = client.call("activations", model=MODEL, text=TEXT, hooks=HOOKS, revision=world.older_commit)
    assert all(close(pinned[hook], local_activations(world.older)[hook]) for hook in HOOKS)
    assert not close(pinned[RESID_POST], local_activations(world.model)[RESID_POST])


def test_an_sae_is_pinned_by_its_folder(world: World, client: HubClient, tmp_path: Path) -> None:
    repository, _ = publish_one(world, tmp_path / "old", "pinned")
    old = world.hub.commit(repository)
    publish_one(world, tmp_path / "new", "pinned", seed=1)
    found = client.call("pinned", repository=repository, sae_id="pinned", revision=old)
    local: list[Any] = [SAE.load_from_disk(str(tmp_path / age / "pinned")) for age in ("old", "new")]
    assert found == {"revision": old, "b_enc": local[0].b_enc.tolist()}
    main = client.call("pinned", repository=repository, sae_id="pinned", revision="main")
    assert main == {"revision": world.hub.commit(repository), "b_enc": local[1].b_enc.tolist()}


@pytest.mark.parametrize(
    ("repository", "name", "revision", "error"),
    [
        ("viva-tests/nothing", "config.json", None, "RepositoryNotFoundError"),
        (MODEL, "config.json", "0" * 40, "RevisionNotFoundError"),
        (MODEL, "pytorch_model.bin", None, "RemoteEntryNotFoundError"),
    ],
)
def test_what_is_missing_is_named(
    repository: str, name: str, revision: str | None, error: str, client: HubClient
) -> None:
    assert client.call("download", repository=repository, name=name, revision=revision)["error"] == error


def test_a_shortened_file_is_noticed(world: World, client: HubClient, tmp_path: Path) -> None:
    repository, digest = publish_one(world, tmp_path, "shortened")
    world.hub.faults[digest] = "shortened"
    found = client.call("latents", release=repository, sae_id="shortened", model=MODEL, text=TEXT)
    assert found["error"] == "OSError"
    assert "Consistency check failed" in found["message"]


def test_a_broken_connection_is_tried_again(world: World, client: HubClient, tmp_path: Path) -> None:
    """From the start: the client goes on from a later byte only where a whole chunk of 10 MB had arrived."""
    repository, digest = publish_one(world, tmp_path, "broken")
    world.hub.faults[digest] = "broken off"
    assert client.call("download", repository=repository, name=f"broken/{WEIGHTS}")["sha256"] == digest
    assert [each.range for each in world.hub.requests("GET", digest)] == [None, None]


def test_the_store_sends_the_rest_of_a_file(world: World) -> None:
    whole = (world.saes / "transcoder" / WEIGHTS).read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    request = urllib.request.Request(f"{world.hub.store}/{digest}", headers={"Range": "bytes=100-"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as reply:
        assert (reply.status, reply.read()) == (206, whole[100:])
        assert reply.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"


def test_changed_bytes_are_noticed_by_nobody_but_the_checksum(world: World, client: HubClient, tmp_path: Path) -> None:
    """The client compares sizes alone; but the cache files a download under the checksum the hub announced."""
    repository, digest = publish_one(world, tmp_path, "changed")
    world.hub.faults[digest] = "changed"
    assert "error" not in client.call("latents", release=repository, sae_id="changed", model=MODEL, text=TEXT)
    found = client.call("download", repository=repository, name=f"changed/{WEIGHTS}")
    assert found["filed"] == digest != found["sha256"]
    assert client.call("verify", repository=repository)["mismatches"] == [f"changed/{WEIGHTS}"]
    del world.hub.faults[digest]
    mended = client.call("download", repository=repository, name=f"changed/{WEIGHTS}", force=True)
    assert mended == {"sha256": digest, "filed": digest}


def test_an_unspoilt_repository_is_verified(client: HubClient) -> None:
    client.call("download", repository=SAE_REPOSITORY, name=f"transcoder/{WEIGHTS}")
    found = client.call("verify", repository=SAE_REPOSITORY)
    assert not found["mismatches"]
    assert found["checked"] >= 1


def test_no_request_left_loopback(client: HubClient) -> None:
    """The last of the client's tests, and true of all before it; a download, should it run alone."""
    client.call("download", repository=MODEL, name="config.json")
    assert client.call("hosts") == ["127.0.0.1"]


@contextmanager
def without_a_hub(world: World, offline: bool) -> Iterator[HubClient]:
    """A second process with the first one's cache, and nobody where its hub should be."""
    second = HubClient(NOBODY, world.client_home, offline)
    try:
        yield second
    finally:
        second.close()


@pytest.mark.slow
def test_a_second_load_needs_no_hub(world: World, client: HubClient) -> None:
    arguments = {"release": SAE_REPOSITORY, "sae_id": "topk-resid-post", "model": MODEL, "text": TEXT}
    first = client.call("latents", **arguments)
    with without_a_hub(world, offline=True) as second:
        assert second.call("latents", **arguments) == first
        assert second.call("hosts") == []


def test_a_hub_that_is_down_is_asked_and_done_without(world: World, client: HubClient) -> None:
    file = {"repository": SAE_REPOSITORY, "name": f"transcoder/{WEIGHTS}"}
    first = client.call("download", **file)
    with without_a_hub(world, offline=False) as second:
        assert second.call("download", **file) == first
        assert second.call("hosts") == ["127.0.0.1"]
