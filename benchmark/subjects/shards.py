"""Cached arrays of some texts: written whole or not at all, and redone where they are damaged."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

SHARD_WINDOWS = 2048
BATCH_WINDOWS = 64


def shard_key(texts: Sequence[str], *parts: str) -> str:
    """A shard's name: a hash of its texts and of everything else it depends on."""
    digest = hashlib.sha256("\0".join(parts).encode())
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:24]


def write_shard(path: Path, shard: Mapping[str, Any]) -> None:
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
