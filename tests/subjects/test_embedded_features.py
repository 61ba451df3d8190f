"""The embedded subject through the general route: the same latents as by SAELens and the residual stream, by hand."""

from typing import Any

import numpy as np
import pytest
import torch

from benchmark.harvest.source import Bare, Source
from benchmark.subjects.catalog import parse_sae, parse_subject, shipped_sae
from benchmark.subjects.embedded import HOOK_LAYER, boot, materialise, residual
from benchmark.subjects.features import FeatureSource, feature_source, token_ends
from benchmark.subjects.selected.promoted import promoted

TEXTS = [
    "The quick brown fox jumps over the lazy dog, and the dog sleeps on until evening comes.",
    "A naïve café — with 漢字 and emoji 🙂 — is read token by token.",
    "Water boils at one hundred degrees at the level of the sea, lower on mountains.",
]


@pytest.fixture(scope="module")
def source() -> FeatureSource:
    return feature_source(parse_subject("embedded", device="cpu"), parse_sae("shipped"))


def by_hand(texts: list[str]) -> np.ndarray:
    """float32 [tokens, latents]: SAELens' own `encode` of the stream at the hook, one text at a time."""
    from sae_lens import SAE

    sae: Any = SAE.load_from_disk(str(shipped_sae()), device="cpu", dtype="float32")
    trunk = boot(materialise(), layers=HOOK_LAYER + 1)
    rows = [trunk.tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    streams = [residual(trunk, torch.tensor([[trunk.tokenizer.bos_token_id, *row]])) for row in rows]
    with torch.no_grad():
        parts = [sae.encode(stream)[0, 1:] for stream in streams]
    return torch.cat(parts).numpy()


def test_latents_are_those_of_saelens_by_hand(source: FeatureSource) -> None:
    found, expected = source.activations(source.whole(TEXTS)), by_hand(TEXTS)
    ours = np.zeros((len(found.kept), 4096), np.float32)
    ours[found.token, found.unit] = found.value
    assert (expected != 0).sum(axis=1).max() <= 48
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)


def test_a_source_is_what_the_harvest_takes(source: FeatureSource) -> None:
    assert isinstance(source, Bare)
    as_source: Source = source
    assert len(as_source.units) == 4096
    assert as_source.facts["hook"] == "blocks.12.hook_out"
    source.forward(source.whole(TEXTS[:1]))


def test_promoted_tokens_are_those_of_the_whole_model(source: FeatureSource) -> None:
    from sae_lens import SAE
    from transformers import AutoModelForCausalLM

    sae: Any = SAE.load_from_disk(str(shipped_sae()), device="cpu", dtype="float32")
    model: Any = AutoModelForCausalLM.from_pretrained(materialise(), dtype=torch.float32)
    for latent in (17, 4095):
        with torch.no_grad():
            scores = model.lm_head.weight @ (model.model.norm.weight * sae.W_dec[latent])
        expected = [source.tokenizer.decode([int(token)]) for token in scores.topk(30).indices]
        assert promoted(source.facts, str(latent)) == expected


def test_windows_fit_and_their_tokens_are_the_text(source: FeatureSource) -> None:
    windows = source.windows("d", " ".join(TEXTS * 3))
    assert len(windows) >= 4
    for each in windows:
        assert len(each.ids) == len(each.ends) <= 32
        assert "".join(each.tokens) == each.text
        assert each.document == "d"


def test_ends_reach_the_text_whatever_a_tokenizer_leaves_out() -> None:
    """White space in no token's span, and a character whose bytes are two tokens."""
    assert token_ends("ab  c ", [(0, 2), (4, 5)]) == (2, 6)
    assert token_ends("é b", [(0, 1), (0, 1), (2, 3)]) == (1, 1, 3)
    assert token_ends("abc", [(0, 2), (1, 1), (2, 3)]) == (2, 2, 3)
    assert token_ends("", []) == ()
