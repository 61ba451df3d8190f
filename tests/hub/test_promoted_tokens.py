"""Promoted tokens by files alone: the same ranking as a model's own final norm and unembedding, or one line why not."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from safetensors.torch import load_file
from test_architectures import KINDS, save_model
from tiny_weights import SAES, save_gpt2, save_sae
from tiny_world import local

from benchmark.errors import UserError
from benchmark.subjects.catalog import FolderSae
from benchmark.subjects.features import feature_source
from benchmark.subjects.loading.hooks import find_hook
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.selected import promoted as by_files
from benchmark.subjects.selected.promoted import (
    NotPromoted,
    decoder_row,
    logits,
    promoted,
    subject_folder,
    written_to_stream,
)

SAE = next(tiny for tiny in SAES if tiny.name == "topk-resid-post")


def by_model(folder: Path, direction: torch.Tensor) -> torch.Tensor:
    """Logits of a direction by the model's own norm and head; met with its opposite, so that no bias is left."""
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64)
    norms = ("model.norm", "transformer.ln_f", "gpt_neox.final_layer_norm")
    norm = next(each for name, each in model.named_modules() if name in norms)
    both = norm(torch.stack([direction, -direction]).double() * 1000)
    with torch.no_grad():
        up, down = model.get_output_embeddings()(both)
    return (up - down).detach()


def saved(kind: str, folder: Path) -> Path:
    return save_gpt2(folder) if kind == "GPT2" else save_model(kind, folder)


@pytest.mark.parametrize("kind", ["GPT2", *KINDS])
def test_the_ranking_is_the_models_own(kind: str, tmp_path: Path) -> None:
    folder, draw = saved(kind, tmp_path / "model"), torch.Generator().manual_seed(3)
    for _ in range(3):
        direction = torch.randn(32, generator=draw)
        assert logits(folder, direction).argsort().tolist() == by_model(folder, direction).argsort().tolist()


def test_an_unembedding_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, direction = save_gpt2(tmp_path / "model"), torch.arange(32.0)
    whole = logits(folder, direction)
    monkeypatch.setattr(by_files, "BLOCK", 50)
    torch.testing.assert_close(logits(folder, direction), whole)


def facts_of(home: Path, sae: Path) -> dict[str, str]:
    return dict(feature_source(local(save_gpt2(home / "model")), FolderSae(sae), window_tokens=8).facts)


def test_a_latents_tokens_are_told_from_a_manifests_facts(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, save_sae(SAE, tmp_path))
    row = decoder_row(facts, "7")
    best = by_model(tmp_path / "model", row).topk(5).indices
    tokens = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert promoted(facts, "7", 5) == [tokens.decode([int(each)]) for each in best]
    assert not torch.equal(row, decoder_row(facts, "8"))


@pytest.mark.parametrize(
    ("changes", "unit", "told"),
    [
        ({"units": "MLP neurons of block 1"}, "n7", "no latent of an SAE"),
        ({"units": "directions of a file"}, "d:x", "no latent of an SAE"),
        ({"hook": "blocks.1.mlp.hook_post"}, "7", r"does not write into the residual stream \(topk at blocks.1.mlp"),
        ({"units": "latents (skip_transcoder) of x"}, "7", r"\(skip_transcoder at a hook that is not stated\)"),
        (
            {"units": "latents (transcoder) of x", "hook_out": "blocks.1.mlp.hook_post"},
            "7",
            "transcoder at blocks.1.mlp",
        ),
        (
            {"hook": "blocks.1.attn.hook_z"},
            "7",
            r"what W_O has yet to take into the .* \(topk at blocks.1.attn.hook_z\)",
        ),
        ({"hook": "blocks.1.attn.o.hook_in"}, "7", "W_O"),
        (
            {"hook": "blocks.1.hook_mlp_out", "subject": "/nowhere"},
            "7",
            "the subject at /nowhere is not on this machine",
        ),
        ({"sae_sha256": "0" * 64}, "7", "is not on this machine as it was"),
        ({"subject": "/nowhere"}, "7", "the subject at /nowhere is not on this machine"),
        ({"subject_sha256": "0" * 64}, "7", "is not as it was"),
        ({"subject": "a/b", "subject_commit": "c" * 40}, "7", "a/b@cccccccccccc is not in the hub's cache"),
        ({"sae_commit": "c" * 40, "units": "latents (topk) of a/b/c"}, "7", "not in the cache|c/b"),
    ],
)
def test_why_there_are_none_is_one_line(
    changes: dict[str, str], unit: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = facts_of(tmp_path, save_sae(SAE, tmp_path)) | changes
    with pytest.raises(UserError, match=told) as refused:
        promoted(facts, unit)
    assert "\n" not in str(refused.value)


WRITING = ("batchtopk-mlp-out", "abstopk-attn-out", "transcoder", "skip-transcoder", "jumprelu-skip-transcoder")


@pytest.mark.parametrize("name", WRITING)
def test_so_are_those_of_what_a_block_adds_and_of_transcoders(name: str, tmp_path: Path) -> None:
    folder = save_sae(next(tiny for tiny in SAES if tiny.name == name), tmp_path)
    facts = facts_of(tmp_path, folder)
    row = load_file(folder / "sae_weights.safetensors")["W_dec"][7]
    best = by_model(tmp_path / "model", row).topk(5).indices
    tokens = transformers.AutoTokenizer.from_pretrained(tmp_path / "model")
    assert promoted(facts, "7", 5) == [tokens.decode([int(each)]) for each in best]


ADDED = [f"blocks.1.{name}" for name in ("hook_mlp_out", "mlp.hook_out", "hook_attn_out", "attn.hook_out")]


@pytest.mark.parametrize("hook", ADDED)
@pytest.mark.parametrize("kind", ["GPT2", *KINDS])
def test_what_a_block_adds_reaches_the_stream_as_it_is(kind: str, hook: str, tmp_path: Path) -> None:
    """A row that is added there is in the stream behind it; where it need not be, its tokens are not told."""
    subject = boot_subject(local(saved(kind, tmp_path / "model"), kind))
    facts = {"units": "latents (topk) of x", "hook": hook, "subject": str(tmp_path / "model")}
    if kind == "Gemma2":
        with pytest.raises(NotPromoted, match=f"a gemma2 block norms .* {hook} does not say on which side"):
            written_to_stream(facts, "7")
        return
    assert written_to_stream(facts, "7") == "x"
    row, ids = torch.arange(32.0), torch.tensor([[3, 4, 5]])
    behind = "blocks.1.hook_resid_mid" if "attn" in hook and kind != "GPTNeoX" else "blocks.1.hook_resid_post"
    _, before = subject.bridge.run_with_cache(ids)
    point = find_hook(subject.bridge, hook)
    point.add_hook(lambda tensor, hook: tensor + row)
    _, after = subject.bridge.run_with_cache(ids)
    torch.testing.assert_close(after[behind] - before[behind], row.expand(1, 3, 32), rtol=1e-4, atol=1e-4)


def test_a_hubs_subject_is_read_from_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(tmp_path, save_sae(SAE, tmp_path))
    snapshot = tmp_path / "hub" / "models--a--b" / "snapshots" / ("c" * 40)
    snapshot.parent.mkdir(parents=True)
    (tmp_path / "model").rename(snapshot)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    facts |= {"subject": "a/b", "subject_commit": "c" * 40}
    assert subject_folder(facts) == snapshot
    assert len(promoted(facts, "7", 5)) == 5


def test_a_page_downloads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    facts = {"units": "latents (topk) of a/b/c", "hook": "blocks.1.hook_resid_post", "sae_commit": "c" * 40}
    with pytest.raises(NotPromoted, match="a page downloads nothing"):
        promoted(facts, "7")


def test_a_model_of_another_kind_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mamba"}', "utf-8")
    with pytest.raises(NotPromoted, match="'mamba'"):
        logits(tmp_path, torch.ones(4))
