"""Where in an export's tree a table's batches lie, whichever of its folders is named."""

from pathlib import Path

from benchmark.neuronpedia.batches import batches
from benchmark.neuronpedia.line import NeuronpediaError

# v1/<model>/<source>/<table>: from the topmost folder down to a source's own.
_DEPTHS = range(4)


def table_files(place: Path, table: str) -> list[Path]:
    """The files of one table under a folder, in the order of sources, of the table's folders and of their numbers.

    Args:
        place: a file; a folder of batches; a source's, a model's or the whole export's folder.
        table: such as "explanations"; folders named "explanations-<model>" are of it as well.

    Raises:
        NeuronpediaError: there are none.
    """
    folders = _folders(place, table)
    if not folders:
        return batches(place, table)
    return [path for folder in folders for path in batches(folder, table)]


def has_table(place: Path, table: str) -> bool:
    """Whether a folder's tree holds batches of a table."""
    try:
        return place.is_dir() and bool(_folders(place, table)) and bool(table_files(place, table))
    except NeuronpediaError:
        return False


def _folders(place: Path, table: str) -> list[Path]:
    found = (path for depth in _DEPTHS for path in place.glob("*/" * depth + f"{table}*") if path.is_dir())
    return sorted(path for path in found if path.name == table or path.name.startswith(f"{table}-"))
