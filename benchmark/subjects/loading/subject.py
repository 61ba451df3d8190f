"""A subject, booted: any model that TransformerLens' bridge knows, run up to a hook and no further."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from benchmark.subjects.catalog import SubjectSpec
from benchmark.subjects.embedded import SubjectError, materialise
from benchmark.subjects.loading import hooks
from benchmark.subjects.loading.checksums import fingerprint
from benchmark.subjects.loading.hub import fetch, told
from benchmark.subjects.randomised import materialise_randomised

# What a boot reads. Pickled weights are not among it: safetensors only.
_FILES = (
    "config.json",
    "generation_config.json",
    "model*.safetensors",
    "model.safetensors.index.json",
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab*",
    "merges.txt",
    "chat_template*",
)
VERSIONS = ("torch", "transformers", "transformer-lens", "sae-lens")


@dataclass(frozen=True, eq=False)
class Subject:
    """A language model on its device.

    Attributes:
        spec: what it was booted from.
        bridge: TransformerLens' bridge over the unprocessed model.
        device: the torch device, resolved.
        commit: of its repository; empty for a folder.
        sha256: one hash of all files that a boot reads: weights, configurations, tokenizer and its settings.
    """

    spec: SubjectSpec
    bridge: Any = field(repr=False)
    device: str
    commit: str
    sha256: str

    @property
    def tokenizer(self) -> Any:
        """The model's own tokenizer."""
        return self.bridge.tokenizer

    @cached_property
    def bos(self) -> int | None:
        """The token that stands before a text; None where the tokenizer has none."""
        token: int | None = self.tokenizer.bos_token_id
        return token

    @property
    def context(self) -> int:
        """How many tokens the model takes, special ones included."""
        return int(self.bridge.cfg.n_ctx)

    @property
    def centred(self) -> bool:
        """Whether its norms subtract a mean, so that centring its residual stream leaves what it computes as it was."""
        return str(self.bridge.cfg.normalization_type).startswith("LN")

    @property
    def facts(self) -> dict[str, str]:
        """What a manifest compares."""
        versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
        return {
            "subject": self.spec.place or self.spec.name,
            "subject_commit": self.commit,
            "subject_sha256": self.sha256,
            "dtype": self.spec.dtype,
            "device": self.device,
            "versions": versions,
        }

    def padded(self, rows: Sequence[Sequence[int]]) -> Any:
        """int64 [rows, longest], on the device; padded on the right, where no token sees it."""
        longest = max(map(len, rows))
        filler = self.bos or 0
        return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows], device=self.device)

    @torch.no_grad()
    def hidden(self, rows: Sequence[Sequence[int]], hook: str) -> Any:
        """Activations at a hook; no block behind it runs, nor the unembedding.

        Args:
            rows: tokens of some texts, special tokens included as wanted.
            hook: legacy or canonical name.

        Returns:
            [rows, longest, width] in the subject's dtype, on its device; what lies past the end of a row means nothing.

        Raises:
            HookError: an unknown hook, or one that is never reached.
        """
        return hooks.run_to(self.bridge, self.padded(rows), hooks.find_hook(self.bridge, hook))


def resolve_device(name: str) -> str:
    """`auto` is CUDA where there is one, else the CPU.

    Raises:
        SubjectError: CUDA is asked for and is not there.
    """
    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise SubjectError(
            "device=cuda: no CUDA device is to be seen; mend: device=auto, or install a CUDA build of torch"
        )
    return name if name != "auto" else ("cuda" if there else "cpu")


def boot_subject(spec: SubjectSpec, say: Callable[[str], None] = lambda line: None) -> Subject:
    """Boot a subject as its user would, after its files were verified.

    Args:
        spec: see `benchmark.subjects.catalog.parse_subject`.
        say: told of what takes long.

    Raises:
        SubjectError: the model cannot be run here.
        HubError: its files are not to be had.
        DamagedFile: they are not what the hub announced.
    """
    folder = subject_folder(spec, say)
    digest = subject_hash(spec, folder)
    device, commit = resolve_device(spec.device), folder.name if spec.kind == "hub" else ""
    say(f"booting {spec.place or spec.name} on {device} in {spec.dtype}")
    bridge = _boot(spec, folder, device, commit)
    if not bridge.tokenizer.is_fast:
        raise SubjectError(
            f"{spec.name} has no fast tokenizer, which character spans need; mend: choose another subject"
        )
    return Subject(spec, bridge, device, commit, digest)


def _boot(spec: SubjectSpec, folder: Path, device: str, commit: str) -> Any:
    from transformer_lens.model_bridge import TransformerBridge

    name = spec.place if spec.kind == "hub" else str(folder)
    with told(name, commit or None):
        return TransformerBridge.boot_transformers(
            name, revision=commit or None, device=device, dtype=getattr(torch, spec.dtype)
        )


def subject_folder(spec: SubjectSpec, say: Callable[[str], None]) -> Path:
    """Where a subject's files lie; those of the embedded ones are written, those of a hub fetched first.

    Raises:
        SubjectError: the embedded subject's weights are not installed.
        HubError: the files are not to be had.
    """
    if spec.kind == "embedded":
        return materialise(say=say)
    if spec.kind == "randomised":
        return materialise_randomised(say=say)
    if spec.kind == "folder":
        return Path(spec.place)
    say(
        f"fetching {spec.place} (about {spec.gigabytes:g} GB unless cached)"
        if spec.gigabytes
        else f"fetching {spec.place}"
    )
    return fetch(spec.place, spec.revision, _FILES)


def subject_hash(spec: SubjectSpec, folder: Path) -> str:
    """One hash of all files in a subject's folder that a boot reads: `Subject.sha256`.

    Raises:
        SubjectError: weights are missing.
        DamagedFile: a file is not what the hub announced.
    """
    weights = sorted(folder.glob("model*.safetensors"))
    wanted = _shards(folder) or ["model.safetensors"]
    missing = sorted(set(wanted) - {path.name for path in weights})
    if missing:
        raise SubjectError(
            f"{spec.place or spec.name} has no {missing[0]} (weights are read from safetensors alone); "
            "mend: choose another revision, or save it with save_pretrained"
        )
    # Also the tokenizer's settings: they decide what BOS is, and which tokens are special.
    return fingerprint({path for pattern in _FILES for path in folder.glob(pattern) if path.is_file()})


def _shards(folder: Path) -> list[str]:
    """Names of the files that large weights are split over."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return []
    found: dict[str, str] = json.loads(index.read_text("utf-8"))["weight_map"]
    return sorted(set(found.values()))
