"""Many reports on the items of one practice slice: what a slice's null is made of."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.cross_examination import quantise
from benchmark.exam.items import Items, Rows
from benchmark.explainers.report import Report
from benchmark.readers.embedding import EmbeddingReader
from benchmark.readers.reader import Reader
from benchmark.statistics.weighted import rows_r_matrix
from synthetic_neurons.passages import Floats, Ints, Passages

Levels = NDArray[np.uint8]

# Units whose items are read together: some 130,000 words, so 0.2 GB of predictions by a thousand reports.
UNITS_READ = 100
# Windows that the embedding reader reads at once: its levels are float64 until they are stored, 70 MB by these.
WINDOWS_READ = 300


def predictions(reader: Reader, reports: Sequence[Report], passages: Passages) -> tuple[Levels, list[int]]:
    """uint8 [readable reports, words], and which reports the reader can read."""
    if isinstance(reader, EmbeddingReader):
        return np.stack([quantise(levels) for levels in reader.read_many(reports, passages)]), list(range(len(reports)))
    read = [(i, levels) for i, report in enumerate(reports) if (levels := reader.read(report, passages)) is not None]
    return np.stack([quantise(levels) for _, levels in read]), [i for i, _ in read]


def slice_r(items: Sequence[Items], reports: Sequence[Report], reader: Reader) -> tuple[Floats, list[int]]:
    """How every report does on every unit's items.

    A window is read once, however many units have it among their items: of 48 units' some 16% are shared.

    Args:
        items: one practice slice of each unit.
        reports: all of them are read on all items.
        reader: whose predictions.

    Returns:
        float64 [units, reports], r on the slice, 0 for what cannot be read; and which reports can be.
    """
    r, readable = np.zeros((len(items), len(reports))), list[int]()
    for first in range(0, len(items), UNITS_READ):
        some = items[first : first + UNITS_READ]
        passages = Passages.of(list(dict.fromkeys(text for each in some for text in each.passages.texts)))
        stored, readable = _read(reader, reports, passages)
        place = {text: i for i, text in enumerate(passages.texts)}
        for row, each in zip(r[first:], some, strict=False):
            words = words_of(passages, [place[text] for text in each.passages.texts])
            weight = each.weight[each.passages.text_of]
            row[readable] = rows_r_matrix([Rows.of_words(each.values)], stored[:, words], weight)[0]
    return r, readable


def words_of(passages: Passages, places: Sequence[int] | Ints) -> Ints:
    """int64 [words]: the words of some windows, one window after the other."""
    return np.concatenate([np.arange(passages.first[i], passages.first[i + 1]) for i in places])


def _read(reader: Reader, reports: Sequence[Report], passages: Passages) -> tuple[Levels, list[int]]:
    """`predictions`, by the embedding reader a few windows at a time; any other is slow to begin and quick to go on."""
    if not isinstance(reader, EmbeddingReader):
        return predictions(reader, reports, passages)
    parts = [predictions(reader, reports, part)[0] for part in _parts(passages)]
    return np.concatenate(parts, axis=1), list(range(len(reports)))


def _parts(passages: Passages) -> Iterator[Passages]:
    for first in range(0, len(passages.texts), WINDOWS_READ):
        yield Passages.of(list(passages.texts[first : first + WINDOWS_READ]))
