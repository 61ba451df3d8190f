"""What the doctor sees in the hub client's cache."""

import json
from pathlib import Path

import pytest
from hub_layout import COMMIT, cached
from sae_lens.loading.pretrained_saes_directory import get_pretrained_saes_directory

from benchmark.doctor.check import Check
from benchmark.doctor.hub_cache import hub_cache
from benchmark.doctor.known import HUB_SUBJECTS, KNOWN
from benchmark.doctor.online import OfflineError, fetched, may_ask

GPT2_PLACE = "openai-community/gpt2"
GPT2 = {"config.json": b"{}", "tokenizer.json": b"[]", "model.safetensors": b"weights"}


def named(checks: list[Check], name: str) -> Check:
    (found,) = [check for check in checks if check.name == name]
    return found


def test_an_empty_machine_is_told_what_would_be_downloaded(tmp_path: Path) -> None:
    checks = hub_cache(tmp_path / "none")
    assert [check.state for check in checks] == ["ok", *["absent"] * len(HUB_SUBJECTS)]
    assert "0 models" in checks[0].found
    gemma = named(checks, "gemma_2_2b")
    assert "google/gemma-2-2b is not cached: about 10.5 GB" in gemma.found
    assert "gemma-scope-2b-pt-res-canonical: about 302 MB" in gemma.found
    assert gemma.mend.startswith("accept its licence")
    assert "licence" not in named(checks, "gpt2_small").mend


def test_a_cached_subject_is_found_with_its_commit(tmp_path: Path) -> None:
    cached(tmp_path, GPT2_PLACE, GPT2)
    found = named(hub_cache(tmp_path), "gpt2_small")
    assert found.state == "ok"
    assert found.found.startswith(f"{GPT2_PLACE} is cached: commit {COMMIT[:12]}")
    assert found.data["cached"] is True


def test_a_copy_under_another_name_is_not_what_viva_asks_for_but_can_be_used(tmp_path: Path) -> None:
    cached(tmp_path, "gpt2", GPT2)
    found = named(hub_cache(tmp_path), "gpt2_small")
    assert found.state == "absent"
    assert "subject=hub:gpt2" in found.mend


@pytest.mark.parametrize("missing", GPT2)
def test_half_a_download_is_told_by_what_it_lacks(tmp_path: Path, missing: str) -> None:
    cached(tmp_path, GPT2_PLACE, {name: content for name, content in GPT2.items() if name != missing})
    found = named(hub_cache(tmp_path), "gpt2_small")
    assert found.state == "note"
    assert f"without {missing}" in found.found
    assert found.data["cached"] is False


def test_all_parts_of_a_model_in_parts_must_be_there(tmp_path: Path) -> None:
    parts = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    index = json.dumps({"weight_map": {f"w{i}": part for i, part in enumerate(parts)}}).encode()
    files = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors.index.json": index, parts[0]: b"one"}
    cached(tmp_path, "google/gemma-2-2b", files)
    assert f"without {parts[1]};" in named(hub_cache(tmp_path), "gemma_2_2b").found
    cached(tmp_path, "google/gemma-2-2b", {**files, parts[1]: b"two"}, commit="f" * 40)
    assert named(hub_cache(tmp_path), "gemma_2_2b").state == "ok"


@pytest.mark.parametrize("index", [b"", b"{", b"[]", b"{}", b'{"weight_map": 3}', b"\xff"])
def test_a_damaged_index_is_told_and_the_rest_is_read(tmp_path: Path, index: bytes) -> None:
    files = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors.index.json": index}
    cached(tmp_path, "google/gemma-2-2b", files)
    cached(tmp_path, GPT2_PLACE, GPT2)
    checks = hub_cache(tmp_path)
    assert "without model.safetensors.index.json (it is damaged)" in named(checks, "gemma_2_2b").found
    assert named(checks, "gpt2_small").state == "ok"


def test_a_link_to_nothing_is_a_missing_file(tmp_path: Path) -> None:
    snapshot = cached(tmp_path, GPT2_PLACE, GPT2)
    (snapshot / "model.safetensors").resolve().unlink()
    checks = hub_cache(tmp_path)
    states = {check.name: check.state for check in checks}
    assert states["gpt2_small"] != "ok"
    assert "note" in {check.state for check in checks}


def test_cached_saes_are_named_with_their_release(tmp_path: Path) -> None:
    sae = {"cfg.json": b"{}", "sae_weights.safetensors": b"w"}
    files = {
        f"{at}/{name}": content
        for at in ("blocks.0.hook_resid_pre", "blocks.8.hook_resid_pre")
        for name, content in sae.items()
    }
    cached(tmp_path, "jbloom/GPT2-Small-SAEs-Reformatted", files)
    cached(tmp_path, "google/gemma-scope-2b-pt-res", {"layer_12/width_16k/average_l0_82/params.npz": b"z"})
    found = [check for check in hub_cache(tmp_path) if check.name == "SAEs"]
    assert {check.data["repository"]: check.data["saes"] for check in found} == {
        "google/gemma-scope-2b-pt-res": ["layer_12/width_16k/average_l0_82"],
        "jbloom/GPT2-Small-SAEs-Reformatted": ["blocks.0.hook_resid_pre", "blocks.8.hook_resid_pre"],
    }
    assert all(check.state == "ok" for check in found)
    assert "gpt2-small-res-jb" in found[1].data["releases"]


def test_wrong_bytes_of_the_right_size_are_found_by_verify_alone(tmp_path: Path) -> None:
    snapshot = cached(tmp_path, GPT2_PLACE, GPT2)
    assert named(hub_cache(tmp_path, verify=True), "checksums").state == "ok"
    (snapshot / "model.safetensors").resolve().write_bytes(b"WEIGHTS")
    assert "checksums" not in {check.name for check in hub_cache(tmp_path)}
    found = named(hub_cache(tmp_path, verify=True), "checksums")
    assert (found.state, found.data["files"]) == ("note", ["model.safetensors"])
    (snapshot / "config.json").resolve().write_bytes(b"()")
    assert named(hub_cache(tmp_path, verify=True), "checksums").data["files"] == ["config.json", "model.safetensors"]


def test_a_broken_cache_folder_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    cached(tmp_path, GPT2_PLACE, GPT2)
    (tmp_path / "models--x--y").mkdir()
    checks = hub_cache(tmp_path)
    assert named(checks, "gpt2_small").state == "ok"
    broken = [check for check in checks if check.name == "hub cache" and check.state == "note"]
    assert len(broken) == 1
    assert "models--x--y" in broken[0].found


def test_the_table_of_sizes_names_what_saelens_lists() -> None:
    releases = get_pretrained_saes_directory()
    assert {known.sae for known in KNOWN.values()} <= set(releases)
    assert set(KNOWN) == {spec.name for spec in HUB_SUBJECTS}


def test_what_a_load_fetches_is_what_lies_on_top() -> None:
    files = {"model.safetensors": 100, "config.json": 1, "pytorch_model.bin": 100, "onnx/model.safetensors": 50}
    assert fetched(files) == 101


def test_online_is_refused_where_the_environment_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(OfflineError, match="HF_HUB_OFFLINE=0 viva doctor --online"):
        may_ask()
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    may_ask()
