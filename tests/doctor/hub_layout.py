"""A hub client's cache as it lies on disk: blobs under their checksums, snapshots of links to them, refs."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e"


def cached(home: Path, repository: str, files: Mapping[str, bytes], commit: str = COMMIT) -> Path:
    """Put a model's files into a cache; its snapshot's folder."""
    place = home / f"models--{repository.replace('/', '--')}"
    snapshot = place / "snapshots" / commit
    for name, content in files.items():
        blob = place / "blobs" / checksum(name, content)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link = snapshot / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    (place / "refs").mkdir(exist_ok=True)
    (place / "refs" / "main").write_text(commit, "utf-8")
    return snapshot


def checksum(name: str, content: bytes) -> str:
    """The hub's ETag: SHA-256 of a large file, git's SHA-1 of a small one."""
    if name.endswith((".safetensors", ".npz")):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
