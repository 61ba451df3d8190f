"""The embedded subject and the shipped SAE: the cache mends itself, and the suite is the SAE's."""

import hashlib
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from benchmark.subjects.harvest import FoundSubject, HarvestError, shipped_sae

from benchmark.subjects.embedded import boot, materialise
from benchmark.suites import Suite, load

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load("embedded-1")


@pytest.fixture(scope="module")
def subject() -> FoundSubject:
    return FoundSubject(shipped_sae())


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


def test_a_truncated_subject_has_the_whole_one_s_activations(subject: FoundSubject) -> None:
    import torch

    tokens = torch.tensor([subject.tokenizer("A pit bull chased the ball.")["input_ids"]])
    whole = boot(materialise())
    with torch.no_grad():
        _, cache = whole.run_with_cache(tokens, names_filter="blocks.12.hook_out")
        from benchmark.subjects.embedded import residual

        short = residual(subject.bridge, tokens)
    np.testing.assert_allclose(short.numpy(), cache["blocks.12.hook_out"].numpy(), rtol=1e-4, atol=1e-3)


def test_the_suite_s_activations_are_the_shipped_sae_s(suite: Suite, subject: FoundSubject) -> None:
    weights = shipped_sae() / "sae_weights.safetensors"
    assert suite.manifest["sae_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    for unit in [unit for unit in suite.units if unit.tier == "found"][::6]:
        windows, _, _ = suite.item_windows(unit, "own")
        passages = suite.passages(windows)
        latents = subject.latents(list(passages.texts))
        fresh = latents.words(int(unit.truth["latent"]))
        # Shipped values are rounded to 0.01; batches of another composition shift the last bits.
        np.testing.assert_allclose(suite.word_values(unit, windows, passages), fresh, atol=0.02)


def test_latents_do_not_depend_on_the_batch(subject: FoundSubject) -> None:
    texts = ["A short one.", "The spaniel ran along the canal until it met the other dogs of the village there."]
    together, alone = subject.latents(texts), subject.latents(texts[:1])
    count = len(alone.word_of)
    for latent in np.unique(alone.index):
        np.testing.assert_allclose(together.tokens(int(latent))[:count], alone.tokens(int(latent)), atol=2e-2)


def test_the_card_holds_what_the_issue_asks(subject: FoundSubject) -> None:
    card = json.loads((shipped_sae() / "card.json").read_text("utf-8"))
    assert card["trained_tokens"] >= 5_000_000
    assert subject.width >= 4096
    assert card["fvu"] <= 0.20
    assert card["dead_share"] < 0.02
    assert (shipped_sae() / "sae_weights.safetensors").stat().st_size <= 10_000_000


@pytest.mark.parametrize("damage", ["missing", "corrupt"])
def test_a_missing_or_corrupt_sae_is_named(tmp_path: Path, damage: str) -> None:
    if damage == "corrupt":
        (tmp_path / "cfg.json").write_bytes((shipped_sae() / "cfg.json").read_bytes())
        (tmp_path / "sae_weights.safetensors").write_bytes(b"not weights")
    with pytest.raises(HarvestError, match="mend"):
        FoundSubject(tmp_path)
