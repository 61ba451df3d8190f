"""The files of a suite on disk: Parquet tables, safetensors arrays and a manifest, with one hash over their content.

The hash is taken over logical content (texts, numbers), not over file bytes, so it does not depend on a compression
library's version.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmark.errors import UserError

TABLES = ("windows", "items", "pools", "found")


class SuiteError(UserError):
    """A suite is missing, damaged or does not fit; the message names the file and the mend."""


def content_hash(parts: dict[str, Any]) -> str:
    """SHA-256 over a mapping of names to JSON-able values or numpy arrays, in order of name."""
    digest = hashlib.sha256()
    for name in sorted(parts):
        value = parts[name]
        digest.update(name.encode() + b"\0")
        if isinstance(value, np.ndarray):
            digest.update(str((value.dtype.str, value.shape)).encode() + np.ascontiguousarray(value).tobytes())
        else:
            digest.update(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def write_table(folder: Path, name: str, columns: dict[str, Any]) -> None:
    """Write one table as zstd Parquet."""
    pq.write_table(pa.table(columns), folder / f"{name}.parquet", compression="zstd", compression_level=19)


def read_table(folder: Path, name: str) -> dict[str, Any]:
    """Read one table: strings and lists as Python lists, numbers as numpy arrays.

    Raises:
        SuiteError: the file is missing or damaged.
    """
    path = folder / f"{name}.parquet"
    mend = f"mend: git checkout -- {path}, or viva freeze"
    if not path.exists():
        raise SuiteError(f"{path} is missing; {mend}")
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SuiteError(f"{path} is damaged ({str(error).splitlines()[0]}); {mend}") from None
    return {
        field.name: table[field.name].to_numpy()
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        else table[field.name].to_pylist()
        for field in table.schema
    }
