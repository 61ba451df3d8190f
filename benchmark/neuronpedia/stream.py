"""JSON lines from plain or gzip'd files, one at a time: memory is bounded by the longest line, not by the file."""

import gzip
import json
import zlib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any, cast

from benchmark.neuronpedia.line import Line, NeuronpediaError

# A feature's line holds histograms and, in some exports, its decoder vector (thousands of numbers of 20 characters).
MAX_LINE = 16 * 2**20
_GZIP = b"\x1f\x8b"
_AGAIN = "download or export it again"


def read_lines(path: Path, longest: int = MAX_LINE) -> Iterator[Line]:
    """The lines of a file of JSON objects, lazily; blank lines are passed over.

    Args:
        path: a file of JSON lines, plain or gzip'd; its first bytes say which, not its name.
        longest: bytes a line may have once unpacked, so that a small archive cannot fill the memory.

    Raises:
        NeuronpediaError: the file is missing, damaged or cut off, or a line is too long or is no JSON object.
    """
    for number, raw in _raw_lines(path, longest):
        if raw.strip():
            yield Line(path, number, _fields(raw, f"{path}, line {number}"))


def _raw_lines(path: Path, longest: int) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with _open(path) as stream:
            for number in count(1):
                raw = stream.readline(longest + 1)
                if not raw:
                    return
                if len(raw) > longest and not raw.endswith(b"\n"):
                    raise NeuronpediaError(
                        f"{path}, line {number}: it has more than {longest} bytes; mend: one JSON object a line"
                    )
                yield number, raw
    except (OSError, EOFError, zlib.error) as error:
        where = f"{path}, line {number}" if number else str(path)
        reason = (getattr(error, "strerror", None) or str(error)).splitlines()
        raise NeuronpediaError(f"{where}: it cannot be read ({' '.join(reason)}); mend: {_AGAIN}") from None


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        packed = stream.read(len(_GZIP)) == _GZIP
    return cast("IO[bytes]", gzip.open(path, "rb") if packed else path.open("rb"))


def _fields(raw: bytes, place: str) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise NeuronpediaError(f"{place}: no JSON ({error.msg} at column {error.colno}); mend: {_AGAIN}") from None
    except UnicodeDecodeError as error:
        raise NeuronpediaError(f"{place}: no UTF-8 (byte {error.start}); mend: {_AGAIN}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets within brackets
        raise NeuronpediaError(f"{place}: JSON beyond all bounds; mend: {_AGAIN}") from None
    if not isinstance(value, dict):
        raise NeuronpediaError(
            f"{place}: a JSON {type(value).__name__} and not an object; mend: put each object on a line of its own"
        )
    return value
