"""The doctor against a hub on loopback and against the cache that the real client leaves."""

import time
from pathlib import Path

import pytest
from hub_client import HubClient
from hub_world import MODEL, World

from benchmark.doctor.hub_cache import hub_cache
from benchmark.doctor.online import PATIENCE
from benchmark.subjects.catalog import SubjectSpec

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def test_online_tells_exact_sizes_and_downloads_nothing(world: World, client: HubClient) -> None:
    exact = sum(
        path.stat().st_size for path in world.model.iterdir() if path.suffix in (".safetensors", ".json", ".txt")
    )
    before = world.hub.requests(path="/resolve/")
    there, nowhere = client.call("listed", repositories=[MODEL, "viva-tests/nothing"])
    assert there["state"] == "ok"
    assert there["data"]["bytes"] == exact
    assert nowhere["state"] == "note"
    assert "no answer (RepositoryNotFoundError)" in nowhere["found"]
    assert world.hub.requests(path="/resolve/") == before


def test_a_hub_that_is_not_there_is_one_line_and_no_wait(tmp_path: Path) -> None:
    nobody = HubClient("http://me:hidden@127.0.0.1:9", tmp_path)
    try:
        began = time.monotonic()
        (found,) = nobody.call("listed", repositories=[MODEL])
    finally:
        nobody.close()
    assert (found["state"], found["found"]) == ("note", f"{MODEL}: no answer (ConnectError)")
    assert time.monotonic() - began < PATIENCE + 20


def test_the_client_s_own_cache_is_read_and_its_damage_is_found(
    world: World, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.doctor.hub_cache.HUB_SUBJECTS", (SubjectSpec("tiny", "hub", MODEL),))
    cache = world.client_home / "hub"
    for path in sorted(world.model.iterdir()):
        assert "error" not in client.call("download", repository=MODEL, name=path.name)
    checks = {check.name: check for check in hub_cache(cache, verify=True)}
    assert checks["tiny"].state == "ok"
    assert checks["tiny"].data["commit"] == world.hub.commit(MODEL)
    assert checks["checksums"].state == "ok"
    _damage(cache, "model.safetensors")
    found = {check.name: check for check in hub_cache(cache, verify=True)}["checksums"]
    assert found.data["files"] == ["model.safetensors"]


def _damage(cache: Path, name: str) -> None:
    (link,) = cache.glob(f"models--*/snapshots/*/{name}")
    content = link.read_bytes()
    link.resolve().write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
