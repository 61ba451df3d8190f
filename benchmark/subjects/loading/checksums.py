"""What was downloaded is what the hub announced, and what a manifest names is what was loaded.

The hub's client compares sizes alone. But its cache files every download under the checksum that the hub announced:
SHA-256 for large files, git's SHA-1 of the blob for small ones. So a file can be checked without asking again.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from benchmark.errors import UserError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT = re.compile(r"[0-9a-f]{40}")


class DamagedFile(UserError):
    """A downloaded file is not what the hub announced; the message says how to replace it."""


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _git_hash(path: Path) -> str:
    """A file's name in git; such files are small."""
    content = path.read_bytes()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


def verified(path: Path) -> str:
    """SHA-256 of a file, after comparing it with the checksum it is filed under, where it is filed under one.

    Raises:
        DamagedFile: the bytes are others than the hub announced.
    """
    digest, filed = sha256(path), path.resolve().name
    # Where the cache cannot link, a file has its own name, and there is nothing to compare it with.
    wrong = (_SHA256.fullmatch(filed) and filed != digest) or (_GIT.fullmatch(filed) and filed != _git_hash(path))
    if wrong:
        raise DamagedFile(
            f"{path} is not what the hub announced (checksum {filed[:12]}… expected); "
            f"mend: delete {path.resolve()} and run again, or download it with force_download=True"
        )
    return digest


def fingerprint(paths: Iterable[Path]) -> str:
    """One SHA-256 for several files, by name and content, in any order; each is verified."""
    lines = sorted(f"{path.name} {verified(path)}" for path in paths)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
