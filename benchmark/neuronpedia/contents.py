"""What a file or folder of explanations holds, for people."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmark.neuronpedia.encoding import storable
from benchmark.neuronpedia.explanations import read_explanations
from benchmark.neuronpedia.places import has_table, table_files
from benchmark.neuronpedia.stream import read_lines
from benchmark.printable import harmless
from benchmark.recordings.plain import read_plain
from benchmark.recordings.recording import is_exported

_FIRST = 3
_LISTED = 10
_SHOWN = 100


@dataclass
class _Count:
    """What went by."""

    rows: int = 0
    blank: int = 0
    features: set[str] = field(default_factory=set)
    names: dict[str, Counter[str]] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)

    def add(self, subject: str, text: str, **names: str | None) -> None:
        self.rows += 1
        self.blank += not text.strip()
        self.features.add(subject)
        for kind, name in names.items():
            self.names.setdefault(kind, Counter())[name if name is not None else "none"] += 1
        if text.strip() and len(self.first) < _FIRST:
            self.first.append(f"  {subject}: {_line(text)}")


def contents(place: Path) -> Iterator[str]:
    """What a file or folder holds, in lines: how much, of which sources, by which methods and models, the first three.

    Args:
        place: an export's file or folder, or plain JSON lines.

    Raises:
        UserError: it is missing, empty, damaged, or holds no explanations.
    """
    files = table_files(place, "explanations")
    exported = is_exported(place, files)
    found = _exported(files) if exported else _plain(files[0])
    kind = "features" if exported else "units"
    blank = f", {found.blank} of them blank" if found.blank else ""
    yield f"{place}: {found.rows} explanations of {len(found.features)} {kind}{blank}"
    for name, counts in found.names.items():
        more = f" and {len(counts) - _LISTED} more" if len(counts) > _LISTED else ""
        yield f"{name}: {', '.join(f'{_line(each)} ({n})' for each, n in counts.most_common(_LISTED))}{more}"
    for table in ("features", "scores"):
        if has_table(place, table):
            yield f"{table}: {sum(1 for path in table_files(place, table) for _ in read_lines(path))} rows"
    yield from found.first


def _exported(files: list[Path]) -> _Count:
    found = _Count()
    for each in (each for path in files for each in read_explanations(path)):
        source = f"{each.key.model}/{each.key.source}"
        found.add(str(each.key), each.description, sources=source, kinds=each.kind, models=each.model)
    return found


def _plain(path: Path) -> _Count:
    found = _Count()
    for each in read_plain(path):
        found.add(_line(each.unit), each.report.text, **({"outcomes": "abstention"} if each.report.abstained else {}))
    return found


def _line(text: str) -> str:
    """Untrusted text as one short line that a terminal can show."""
    head = harmless(storable(" ".join(text[: 4 * _SHOWN].split())))
    return head if len(head) <= _SHOWN and len(text) <= 4 * _SHOWN else f"{head[:_SHOWN]}…"
