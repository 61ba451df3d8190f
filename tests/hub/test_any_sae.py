"""Every class of SAE at every hook, on disk: our latents are SAELens' own, columns alone are those of the whole."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sae_lens import SAE, SAETransformerBridge
from tiny_weights import LATENTS, SAES, TinySae, save_gpt2, save_saes
from tiny_world import TinyWorld, dense, local, random_texts

from benchmark.harvest.source import Window
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.selected.latents import SLICED

# 63 windows for each of 20 SAEs: 1,260. Values are of the order of 1; float32, other batches, other padding.
WINDOWS, TOLERANCE = 63, 2e-5
COLUMNS = [40, 3, 17, 0, 47]

all_saes = pytest.mark.parametrize("tiny", SAES, ids=lambda tiny: tiny.name)


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("any-sae")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


@pytest.fixture(scope="module")
def reference(tiny_world: TinyWorld) -> Any:
    return SAETransformerBridge.boot_transformers(tiny_world.subject.spec.place, device="cpu")


def of_saelens(reference: Any, sae: Any, window: Window, bos: int) -> Any:
    """Latents [tokens, latents] of one window alone, by SAELens' own function; BOS left out."""
    tokens = torch.tensor([[bos, *window.ids]])
    with torch.no_grad():
        _, cache = reference.run_with_cache_with_saes(tokens, saes=[sae], use_error_term=True)
        if sae.cfg.architecture() != "matching_pursuit":
            return cache[reference.get_sae_hook_name(sae)][0, 1:].numpy()
        # It has no hook for its latents, so they are no part of the cache.
        _, plain = reference.run_with_cache(tokens)
        return sae.encode(plain[reference._resolve_hook_name(sae.cfg.metadata.hook_name)])[0, 1:].numpy()


@all_saes
def test_latents_are_those_of_saelens_on_a_thousand_windows(
    tiny: TinySae, tiny_world: TinyWorld, reference: Any
) -> None:
    source = tiny_world.source(tiny.name)
    windows = source.whole(random_texts(WINDOWS, seed=SAES.index(tiny)))
    found = source.activations(windows)
    ours = dense(found, LATENTS)
    sae: Any = SAE.load_from_disk(tiny_world.saes / tiny.name)
    theirs = np.concatenate([of_saelens(reference, sae, each, source.before[0]) for each in windows])
    assert found.kept.all()
    assert 0 < (theirs != 0).mean() < 1
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=TOLERANCE)


@all_saes
def test_columns_alone_are_those_of_the_whole(tiny: TinySae, tiny_world: TinyWorld) -> None:
    whole, part = tiny_world.source(tiny.name), tiny_world.source(tiny.name, COLUMNS)
    windows = whole.whole(random_texts(20, seed=1))
    every, some = dense(whole.activations(windows), LATENTS), dense(part.activations(windows), len(COLUMNS))
    assert part.units == tuple(map(str, COLUMNS))
    assert some.any()
    np.testing.assert_allclose(some, every[:, COLUMNS], rtol=TOLERANCE, atol=TOLERANCE)


@all_saes
def test_only_what_is_needed_is_encoded(tiny: TinySae, tiny_world: TinyWorld) -> None:
    sae = tiny_world.latents(tiny.name, COLUMNS).sae
    # A temporal SAE has no encoder of its own here.
    encoder = getattr(sae, "W_enc", sae.W_dec.T)
    assert encoder.shape[-1] == (len(COLUMNS) if tiny.saved in SLICED else LATENTS)


@all_saes
def test_triples_are_in_order_and_what_encode_says(tiny: TinySae, tiny_world: TinyWorld) -> None:
    source = tiny_world.source(tiny.name, COLUMNS)
    windows = source.whole(random_texts(12, seed=2))
    found = source.activations(windows)
    order = found.token * len(COLUMNS) + found.unit
    assert (np.diff(order) > 0).all()
    assert found.value.all()
    kinds = (found.kept.dtype, found.token.dtype, found.unit.dtype, found.value.dtype)
    assert kinds == (np.bool_, np.int64, np.int32, np.float32)
    hidden = tiny_world.subject.hidden([[source.before[0], *windows[0].ids]], source.measured.hook)
    first = source.measured.encode(hidden)[0, 1:].float().numpy()
    np.testing.assert_allclose(dense(found, len(COLUMNS))[: len(first)], first, rtol=TOLERANCE, atol=TOLERANCE)


def test_abstopk_keeps_its_signs(tiny_world: TinyWorld) -> None:
    source = tiny_world.source("abstopk-attn-out")
    assert source.activations(source.whole(random_texts(5, seed=3))).value.min() < 0


@all_saes
def test_batches_do_not_matter(tiny: TinySae, tiny_world: TinyWorld) -> None:
    source = tiny_world.source(tiny.name)
    windows = source.whole(random_texts(9, seed=4))
    together = dense(source.activations(windows), LATENTS)
    alone = np.concatenate([dense(source.activations([each]), LATENTS) for each in windows])
    np.testing.assert_allclose(together, alone, rtol=TOLERANCE, atol=TOLERANCE)


def test_every_architecture_of_saelens_is_here() -> None:
    from sae_lens.registry import SAE_CLASS_REGISTRY

    assert {tiny.saved for tiny in SAES} == set(SAE_CLASS_REGISTRY)


def test_a_folder_is_one_source_with_the_facts_a_manifest_compares(tiny_world: TinyWorld) -> None:
    facts = tiny_world.source("topk-resid-post").facts
    other = tiny_world.source("topk-neurons").facts
    assert facts["hook"] == "blocks.1.hook_resid_post"
    assert facts["prepend_bos"] == "True"
    assert facts["subject_sha256"] == other["subject_sha256"] != ""
    assert facts["sae_sha256"] != other["sae_sha256"]
    assert {"dtype", "device", "versions", "units", "sae_dtype", "window_tokens"} <= set(facts)
    assert all(isinstance(value, str) for value in facts.values())
    assert Path(facts["subject"]).is_dir()
