"""Llama Scope and Gemma Scope in their own layouts, by the commands of docs/subjects.md but for the layer.

Each model is tiny, under the real one's name. What is expected is computed from the numbers in the files alone.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hub_client import HubClient
from hub_world import TEXTS, World, latents
from numpy.typing import NDArray
from sae_lens.loading.pretrained_saes_directory import get_norm_scaling_factor, get_pretrained_saes_directory
from safetensors.torch import save_file
from tiny_models import SIZES, save_model
from tiny_weights import LATENTS, RESID_POST

from benchmark.subjects.catalog import parse_subject
from benchmark.subjects.loading.subject import boot_subject

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.slow]

COLUMNS = list(range(LATENTS))
THRESHOLD = 0.75
# SAELens writes the width and the number of latents of Gemma Scope in its code.
GEMMA_WIDTH, GEMMA_LATENTS = 2304, 16384
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Numbers:
    """What is in an SAE's files: the encoder [width, LATENTS], its bias, and what activations are multiplied by."""

    encoder: Floats
    bias: Floats
    threshold: Floats
    scale: float = 1.0

    def expected(self, hidden: Floats) -> Floats:
        """Latents [tokens, LATENTS]."""
        before = hidden * self.scale @ self.encoder + self.bias
        return np.where(before > self.threshold, before, 0).clip(0)


def llama_scope(folder: Path, factor: float) -> Numbers:
    """One SAE as its authors lay it out: PyTorch's names, one threshold, the norm that activations were divided by."""
    width = SIZES["hidden_size"]
    draw = torch.Generator().manual_seed(3)
    shapes = {"encoder.weight": (LATENTS, width), "encoder.bias": (LATENTS,)}
    shapes |= {"decoder.weight": (width, LATENTS), "decoder.bias": (width,)}
    drawn = {name: torch.randn(shape, generator=draw) * 0.05 for name, shape in shapes.items()}
    (folder / "checkpoints").mkdir(parents=True)
    save_file(drawn, folder / "checkpoints" / "final.safetensors")
    # As in the real files: the width's root over this norm is the factor on SAELens' list.
    norm = {"in": width**0.5 / factor, "out": 1.0}
    stated = {"hook_point_in": RESID_POST, "d_model": width, "d_sae": LATENTS, "jump_relu_threshold": THRESHOLD}
    (folder / "hyperparams.json").write_text(json.dumps({**stated, "dataset_average_activation_norm": norm}), "utf-8")
    encoder, bias = drawn["encoder.weight"].T.numpy(), drawn["encoder.bias"].numpy()
    return Numbers(encoder, bias, np.full(LATENTS, THRESHOLD * factor, np.float32), factor)


def gemma_scope(folder: Path, factor: float) -> Numbers:
    """One SAE as its authors lay it out: numpy's arrays, a threshold a latent; all but LATENTS of them are silent."""
    folder.mkdir(parents=True)
    draw = np.random.default_rng(4)
    shapes = {"w_enc": (GEMMA_WIDTH, GEMMA_LATENTS), "b_enc": (GEMMA_LATENTS,), "b_dec": (GEMMA_WIDTH,)}
    # Zeros are written packed, and half precision is enough for the rest.
    arrays = {name: np.zeros(shape, np.float16) for name, shape in shapes.items()}
    arrays["w_enc"][:, :LATENTS] = draw.normal(0, 0.05, (GEMMA_WIDTH, LATENTS))
    arrays["b_enc"][:LATENTS] = draw.normal(0, 0.5, LATENTS)
    threshold = np.full(GEMMA_LATENTS, THRESHOLD, np.float16)
    threshold[:LATENTS] = draw.uniform(0, 2, LATENTS)
    decoder = np.zeros((GEMMA_LATENTS, GEMMA_WIDTH), np.float16)
    np.savez_compressed(folder / "params.npz", w_dec=decoder, threshold=threshold, **arrays)
    return Numbers(*(each.astype(np.float32)[..., :LATENTS] for each in (arrays["w_enc"], arrays["b_enc"], threshold)))


@dataclass(frozen=True)
class Scope:
    """One of the two: what is typed, what its model is, and who writes its SAEs."""

    subject: str
    release: str
    sae_id: str
    kind: str
    width: int
    save: Callable[[Path, float], Numbers]

    def publish(self, world: World, home: Path) -> tuple[Numbers, Path]:
        """A repository with one SAE and one with a model, under their real names."""
        entry = get_pretrained_saes_directory()[self.release]
        factor = get_norm_scaling_factor(self.release, self.sae_id) or 1.0
        numbers = self.save(home / "saes" / entry.saes_map[self.sae_id], factor)
        world.hub.publish(entry.repo_id, home / "saes")
        model = save_model(self.kind, home / "model", hidden_size=self.width)
        world.hub.publish(parse_subject(self.subject).place, model)
        return numbers, model

    def hidden(self, model: Path) -> Floats:
        """The activations that its SAE reads, of TEXTS in one pass; float32 [tokens, width]."""
        preset = parse_subject(self.subject)
        subject = boot_subject(parse_subject(f"local:{model}", preset.dtype, "cpu"))
        rows = [[subject.bos or 0, *row] for row in subject.tokenizer(TEXTS, add_special_tokens=False).input_ids]
        found = subject.hidden(rows, RESID_POST).float()
        values: Floats = torch.cat([found[i, 1 : len(row)] for i, row in enumerate(rows)]).numpy()
        return values


LLAMA = Scope("llama_3_1_8b", "llama_scope_lxr_8x", "l1r_8x", "Llama", SIZES["hidden_size"], llama_scope)
GEMMA = Scope(
    "gemma_2_2b", "gemma-scope-2b-pt-res-canonical", "layer_1/width_16k/canonical", "Gemma2", GEMMA_WIDTH, gemma_scope
)


@pytest.mark.parametrize("scope", [LLAMA, GEMMA], ids=["llama", "gemma"])
def test_latents_are_what_the_files_say(scope: Scope, world: World, client: HubClient, tmp_path: Path) -> None:
    numbers, model = scope.publish(world, tmp_path)
    sae = f"{scope.release}/{scope.sae_id}"
    found: Any = client.call("source", subject=scope.subject, sae=sae, texts=TEXTS, columns=COLUMNS)
    values, expected = latents(found), numbers.expected(scope.hidden(model))
    assert 0.05 < (expected != 0).mean() < 0.95
    np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-4)
    facts = found["facts"]
    assert facts["sae_commit"] == world.hub.commit(get_pretrained_saes_directory()[scope.release].repo_id)
    assert (facts["hook"], facts["dtype"], facts["sae_dtype"]) == (RESID_POST, "bfloat16", "float32")
