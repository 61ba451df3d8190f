"""The embedded subject and the shipped SAE: the cache mends itself, and the suite is the SAE's."""

import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from benchmark.subjects.catalog import FolderSae, UnitsError, shipped_sae
from benchmark.subjects.embedded import HOOK_LAYER, boot, materialise
from benchmark.subjects.loading.saes import load_sae
from benchmark.subjects.readings import read_texts
from benchmark.suites import Suite, load
from benchmark.suites.homes import Dwelling, Home

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-1")


@pytest.fixture(scope="module")
def subject() -> Dwelling:
    return Dwelling(Home())


def _checksums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_cache_is_rebuilt_when_damaged_or_half_written(tmp_path: Path) -> None:
    said: list[str] = []
    folder = materialise(tmp_path, said.append)
    whole = _checksums(folder)
    assert said == [f"materialising {folder.name} (once)"]

    weights = folder / "model.safetensors"
    with weights.open("r+b") as handle:
        handle.seek(-100, os.SEEK_END)
        handle.write(b"\0" * 50)
    assert _checksums(materialise(tmp_path, said.append)) == whole
    assert "damaged" in said[1]

    (folder / "tokenizer.json").unlink()
    assert _checksums(materialise(tmp_path, said.append)) == whole

    before = time.monotonic()
    assert _checksums(materialise(tmp_path, said.append)) == whole
    assert len(said) == 5
    assert time.monotonic() - before < 10


def test_a_truncated_subject_has_the_whole_one_s_activations(subject: Dwelling) -> None:
    import torch

    tokens = torch.tensor([subject.tokenizer("A pit bull chased the ball.")["input_ids"]])
    whole = boot(materialise())
    with torch.no_grad():
        _, cache = whole.run_with_cache(tokens, names_filter="blocks.12.hook_out")
        from benchmark.subjects.embedded import residual

        short = residual(boot(materialise(), layers=HOOK_LAYER + 1), tokens)
    np.testing.assert_allclose(short.numpy(), cache["blocks.12.hook_out"].numpy(), rtol=1e-4, atol=1e-3)


def test_the_suite_s_activations_are_the_shipped_sae_s(suite: Suite, subject: Dwelling) -> None:
    weights = shipped_sae() / "sae_weights.safetensors"
    assert suite.manifest["sae_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    for unit in [unit for unit in suite.units if unit.tier == "found"][::6]:
        windows, _, _ = suite.item_windows(unit, "own")
        passages = suite.passages(windows)
        latent = int(unit.truth["latent"])
        fresh = subject.read(list(passages.texts), [latent]).words(latent)
        # Shipped values are rounded to 0.01; batches of another composition shift the last bits.
        np.testing.assert_allclose(suite.word_values(unit, windows, passages), fresh, atol=0.02)


def test_latents_do_not_depend_on_the_batch(subject: Dwelling) -> None:
    texts = ["A short one.", "The spaniel ran along the canal until it met the other dogs of the village there."]
    every = list(range(subject.width))
    together, alone = (read_texts(some, subject.source(), every) for some in (texts, texts[:1]))
    on = [latent for latent in every if len(alone.on(latent)[0])]
    assert len(on) >= 48
    count = len(alone.word_of)
    for latent in on:
        np.testing.assert_allclose(together.tokens(latent)[:count], alone.tokens(latent), atol=2e-2)


def test_the_card_holds_what_the_issue_asks(subject: Dwelling) -> None:
    card = json.loads((shipped_sae() / "card.json").read_text("utf-8"))
    assert card["trained_tokens"] >= 5_000_000
    assert subject.width >= 4096
    assert card["fvu"] <= 0.20
    assert card["dead_share"] < 0.02
    assert (shipped_sae() / "sae_weights.safetensors").stat().st_size <= 10_000_000


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_missing_or_corrupt_sae_is_named(tmp_path: Path, damage: str) -> None:
    (tmp_path / "cfg.json").write_bytes((shipped_sae() / "cfg.json").read_bytes())
    if damage == "corrupt":
        (tmp_path / "sae_weights.safetensors").write_bytes(b"not weights")
    with pytest.raises(UnitsError, match="mend"):
        load_sae(FolderSae(tmp_path))
