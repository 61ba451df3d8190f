"""Where an export's lines lie: `<model>/<source>/<table>/batch-<n>.jsonl.gz`."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmark.neuronpedia.line import Line, NeuronpediaError, nearest
from benchmark.neuronpedia.stream import MAX_LINE, read_lines

# Rows a file of the export has at most.
BATCH = 1024
_NAME = re.compile(r"batch-(\d{1,9})\.jsonl(?:\.gz)?")


def batches(place: Path, table: str) -> list[Path]:
    """The files of one table, in the order of their numbers.

    Args:
        place: a file; a folder of batches; or a source's folder, which holds one folder for each table.
        table: the table's folder, such as "features" or "explanations".

    Raises:
        NeuronpediaError: there are none, or one batch lies there both plain and packed.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise NeuronpediaError(f"{place} is not there; mend: name a file of JSON lines or a source's folder")
    found = _numbered(place) or _numbered(place / table)
    if not found:
        folders = [each.name for each in place.iterdir() if each.is_dir()]
        raise NeuronpediaError(
            f"{place} has no batches of {table} (batch-0.jsonl.gz and so on); mend: name the folder that has them; "
            f"of its folders, {nearest(table, folders)}"
        )
    return found


def table_lines(place: Path, table: str, longest: int = MAX_LINE) -> Iterator[Line]:
    """All lines of a table, lazily, file after file.

    Raises:
        NeuronpediaError: as `batches` and `read_lines`.
    """
    for path in batches(place, table):
        yield from read_lines(path, longest)


def _numbered(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match and (number := int(match[1])) in files:
            # One of them may be cut off, and nothing says which.
            raise NeuronpediaError(f"{files[number]} and {path.name} are the same batch; mend: delete one of them")
        if match:
            files[int(match[1])] = path
    return [files[number] for number in sorted(files)]
