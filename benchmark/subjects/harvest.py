"""Harvest: the SAE's latents on windows, streamed once, kept sparse, in resumable shards.

A TopK SAE has at most k latents a token, so [tokens, k] indices and values hold everything for all units at once.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from benchmark.errors import UserError
from benchmark.subjects.embedded import HOOK_LAYER, boot, cache_folder, materialise, residual
from benchmark.subjects.windows import tokenise
from synthetic_neurons.passages import Floats, Ints, Passages

SHARD_WINDOWS = 2048
BATCH_WINDOWS = 64


class HarvestError(UserError):
    """A shard or manifest does not fit; the message names the file and the mend."""


@dataclass(frozen=True, eq=False)
class Latents:
    """Latents of some texts.

    Attributes:
        passages: the texts.
        word_of: int64 [tokens], the word each token belongs to.
        index: int32 [tokens, k], which latents are on.
        value: float32 [tokens, k], how strongly; 0 where fewer than k are on.
    """

    passages: Passages
    word_of: Ints
    index: NDArray[np.int32]
    value: NDArray[np.float32]

    def tokens(self, latent: int) -> Floats:
        """float64 [tokens]: one latent's value on every token."""
        values: Floats = np.where(self.index == latent, self.value, 0).sum(axis=1).astype(np.float64)
        return values

    def words(self, latent: int) -> Floats:
        """float64 [words]: one latent's greatest value among each word's tokens."""
        best = np.zeros(len(self.passages.words))
        np.maximum.at(best, self.word_of, self.tokens(latent))
        return best

    def firing_rate(self, width: int) -> Floats:
        """float64 [width]: the share of tokens on which each latent is on."""
        on = self.index[self.value > 0]
        return np.bincount(on, minlength=width) / len(self.index)


class FoundSubject:
    """The embedded subject up to its hook, and the SAE on it."""

    def __init__(self, sae_folder: Path, say: Callable[[str], None] = lambda line: None) -> None:
        from sae_lens import SAE

        if not (sae_folder / "sae_weights.safetensors").exists():
            raise HarvestError(f"no SAE at {sae_folder}; mend: git checkout -- {sae_folder}, or make sae")
        try:
            self.sae: Any = SAE.load_from_disk(str(sae_folder), device="cpu", dtype="float32")
        except Exception as error:  # safetensors raises its own untyped errors on a damaged header
            raise HarvestError(
                f"the SAE at {sae_folder} is damaged ({error}); mend: git checkout -- {sae_folder}"
            ) from None
        self.bridge = boot(materialise(say=say), layers=HOOK_LAYER + 1)
        self.tokenizer = self.bridge.tokenizer
        self.width, self.most = int(self.sae.cfg.d_sae), int(self.sae.cfg.k)

    @torch.no_grad()
    def latents(self, texts: Sequence[str]) -> Latents:
        """Latents of `texts`, in float32; BOS stands before each text and is left out of the result."""
        passages = Passages.of(texts)
        coded = tokenise(passages, self.tokenizer)
        order = sorted(range(len(texts)), key=lambda i: len(coded.ids[i]))
        index = [np.zeros((0, self.most), np.int32)] * len(texts)
        value = [np.zeros((0, self.most), np.float32)] * len(texts)
        for start in range(0, len(order), BATCH_WINDOWS):
            chosen = order[start : start + BATCH_WINDOWS]
            for text, (which, strength) in zip(chosen, self._batch([coded.ids[i] for i in chosen]), strict=True):
                index[text], value[text] = which, strength
        empty = [np.zeros((0, self.most))]
        return Latents(
            passages,
            coded.word_of,
            np.concatenate(index or empty).astype(np.int32),
            np.concatenate(value or empty).astype(np.float32),
        )

    @torch.no_grad()
    def promoted(self, latent: int, count: int = 30) -> list[str]:
        """The tokens whose logits the latent's decoder direction raises most, strongest first.

        The direction is scaled by the final norm's gain and met with the (tied) unembedding: the logit lens of
        nostalgebraist (2020) on a decoder row.
        """
        with safe_open(materialise() / "model.safetensors", "pt") as weights:
            unembedding, gain = weights.get_tensor("model.embed_tokens.weight"), weights.get_tensor("model.norm.weight")
        scores = unembedding @ (gain * self.sae.W_dec[latent])
        return [self.tokenizer.decode([int(i)]) for i in scores.topk(count).indices]

    def _batch(self, rows: list[list[int]]) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        longest = max(map(len, rows))
        bos = self.tokenizer.bos_token_id
        # Right padding is harmless under causal attention: no kept position can see it.
        padded = torch.tensor([[bos, *row, *[bos] * (longest - len(row))] for row in rows])
        hidden = residual(self.bridge, padded)[:, 1:]
        value, index = self.sae.encode(hidden).topk(self.most, dim=-1)
        return [
            (index[i, : len(row)].numpy().astype(np.int32), value[i, : len(row)].numpy()) for i, row in enumerate(rows)
        ]


def shipped_sae() -> Path:
    """The SAE that the package ships."""
    return Path(__file__).parent / "saes" / "embedded-layer12-topk"


def weights_hash(sae_folder: Path) -> str:
    """SHA-256 of an SAE's weights file."""
    return hashlib.sha256((sae_folder / "sae_weights.safetensors").read_bytes()).hexdigest()


def _key(texts: Sequence[str], sae_folder: Path) -> str:
    digest = hashlib.sha256((sae_folder / "sae_weights.safetensors").read_bytes())
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:24]


def harvest(
    texts: Sequence[str],
    sae_folder: Path,
    subject: Callable[[], FoundSubject],
    say: Callable[[str], None] = lambda line: None,
    folder: Path | None = None,
) -> Latents:
    """Latents of many texts, in shards under the cache; shards that are there and whole are not redone.

    Args:
        texts: windows.
        sae_folder: the SAE, part of each shard's key.
        subject: called only if a shard is missing.
        say: progress.
        folder: where shards lie; default: the cache.
    """
    home = folder or cache_folder() / "harvest"
    home.mkdir(parents=True, exist_ok=True)
    parts: list[dict[str, Any]] = []
    for start in range(0, len(texts), SHARD_WINDOWS):
        some = texts[start : start + SHARD_WINDOWS]
        path = home / f"{_key(some, sae_folder)}.safetensors"
        shard = read_shard(path)
        if shard is None:
            found = subject().latents(some)
            shard = {"index": found.index, "value": found.value, "word_of": found.word_of}
            write_shard(path, shard)
            say(f"harvested {start + len(some):,} of {len(texts):,} windows")
        parts.append(shard)
    return _join(Passages.of(texts), parts)


def _join(passages: Passages, parts: list[dict[str, Any]]) -> Latents:
    bases = passages.first[np.minimum(np.arange(len(parts)) * SHARD_WINDOWS, len(passages))]
    return Latents(
        passages,
        np.concatenate([part["word_of"] + base for part, base in zip(parts, bases, strict=True)]),
        np.concatenate([part["index"] for part in parts]),
        np.concatenate([part["value"] for part in parts]),
    )


def write_shard(path: Path, shard: dict[str, Any]) -> None:
    """Write arrays to `path` with their checksum beside them; a killed run leaves no half of a shard."""
    scratch = path.with_suffix(".part")
    # safetensors writes the memory as it lies: a strided view, such as one of `np.nonzero`'s, would come back as other
    # numbers.
    save_file({name: np.ascontiguousarray(array) for name, array in shard.items()}, scratch)
    scratch.with_suffix(".json").write_text(json.dumps(hashlib.sha256(scratch.read_bytes()).hexdigest()), "utf-8")
    scratch.replace(path)


def read_shard(path: Path) -> dict[str, Any] | None:
    """A whole shard, or None; a damaged one is found by its checksum and redone."""
    mark = path.with_suffix(".json")
    if not path.exists() or not mark.exists():
        return None
    if hashlib.sha256(path.read_bytes()).hexdigest() != json.loads(mark.read_text("utf-8")):
        return None
    return dict(load_file(path))
