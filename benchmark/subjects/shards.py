"""Cached arrays of some texts: written whole or not at all, and redone where they are damaged."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from typing import Any
from uuid import uuid4

import numpy as np
from safetensors.numpy import load, save_file

SHARD_WINDOWS = 2048
BATCH_WINDOWS = 64


def shard_key(texts: Sequence[str], *parts: str) -> str:
    """A shard's name: a hash of its texts and of everything else it depends on."""
    digest = hashlib.sha256("\0".join(parts).encode())
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()[:24]


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """A file of one's own beside `path`, which takes its place at the end and is removed where that is not reached.

    Another process that writes the same file has another one: none renames what the other is half through with.

    Args:
        path: where the file is to appear whole; its folder is there.

    Yields:
        A new empty file in the same folder, with the mode that the umask gives.
    """
    scratch = path.with_name(f"{path.name}.{uuid4().hex}.part")
    scratch.touch(exist_ok=False)
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def save_arrays(arrays: Mapping[str, Any], scratch: Path) -> None:
    """Write arrays into a file that is there, whose mode stays.

    Raises:
        SafetensorError: the disk is full or closed to us.
    """
    mode = S_IMODE(scratch.stat().st_mode)
    # safetensors writes the memory as it lies: a strided view, such as one of `np.nonzero`'s, would come back as other
    # numbers.
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, scratch)
    # And it gives the file to its writer alone, so that nobody else could use a shared cache.
    scratch.chmod(mode)


def write_shard(path: Path, shard: Mapping[str, Any]) -> None:
    """Write arrays to `path`, then their checksum beside them; a killed run leaves no half of a shard.

    The shard comes first: a mark says that what lies beside it is whole. Between the two, and where two processes that
    read the same texts come between each other, mark and shard do not fit, and `read_shard` finds none.
    """
    with appearing(path) as scratch:
        save_arrays(shard, scratch)
        digest = hashlib.sha256(scratch.read_bytes()).hexdigest()
    with appearing(path.with_suffix(".json")) as scratch:
        scratch.write_text(json.dumps(digest), "utf-8")


def read_shard(path: Path) -> dict[str, Any] | None:
    """A whole shard; None where there is none, or one without a mark or with another's: it is redone."""
    try:
        data, mark = path.read_bytes(), json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    # What was checked is what is used: by now another process may have put another file there.
    return dict(load(data)) if hashlib.sha256(data).hexdigest() == mark else None
