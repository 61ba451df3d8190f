"""Shards of the harvest: resumed, joined in order, redone when damaged. The subject here counts letters."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.subjects import harvest as module
from benchmark.subjects.harvest import Latents, harvest
from synthetic_neurons.passages import Passages

TEXTS = [f"window number {i} of the {'short ' * (i % 3)}corpus" for i in range(7)]


class LetterSubject:
    """One latent a word: the word's length is both its index and its value."""

    def __init__(self) -> None:
        self.windows = 0

    def latents(self, texts: Sequence[str]) -> Latents:
        self.windows += len(texts)
        passages = Passages.of(texts)
        lengths = np.array([len(word) for word in passages.words])[:, None]
        return Latents(passages, np.arange(len(passages.words)), lengths.astype(np.int32), lengths.astype(np.float32))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "SHARD_WINDOWS", 3)
    (tmp_path / "sae").mkdir()
    (tmp_path / "sae" / "sae_weights.safetensors").write_bytes(b"weights")
    return tmp_path


def _run(home: Path, texts: Sequence[str]) -> tuple[Latents, int]:
    subject: Any = LetterSubject()
    latents = harvest(texts, home / "sae", lambda: subject, folder=home / "shards")
    return latents, subject.windows


def test_shards_join_to_the_whole(home: Path) -> None:
    latents, windows = _run(home, TEXTS)
    whole = LetterSubject().latents(TEXTS)
    assert windows == len(TEXTS)
    for latent in (2, 5, 6):
        np.testing.assert_array_equal(latents.words(latent), whole.words(latent))
    np.testing.assert_array_equal(latents.word_of, whole.word_of)


def test_whole_shards_are_not_redone(home: Path) -> None:
    _run(home, TEXTS[:6])
    latents, windows = _run(home, TEXTS)
    assert windows == 1
    assert len(latents.passages) == len(TEXTS)


def test_a_damaged_shard_is_redone(home: Path) -> None:
    first, _ = _run(home, TEXTS)
    shard = sorted((home / "shards").glob("*.safetensors"))[0]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    again, windows = _run(home, TEXTS)
    assert windows in (1, 3)
    np.testing.assert_array_equal(first.value, again.value)


def test_another_sae_shares_no_shard(home: Path) -> None:
    _run(home, TEXTS)
    (home / "sae" / "sae_weights.safetensors").write_bytes(b"other weights")
    assert _run(home, TEXTS)[1] == len(TEXTS)
