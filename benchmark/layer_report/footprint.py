"""What a layer report holds in memory, and with what it grows."""

from collections.abc import Sequence

from benchmark.exam.items import Rows
from benchmark.layer_report.layer import Layer

# Copies of r that the decisions hold at once: of each reader, and of the evidence that is cut from it.
COPIES = 4
# Of one activation: a place of four bytes and a value of four.
VALUE = 8


def footprint(layer: Layer, rows: Sequence[Rows], reports: int) -> dict[str, int]:
    """Bytes that grow with the layer's width, and with how many latents are examined.

    Args:
        layer: whose activations on all text are held.
        rows: truths of the examined units.
        reports: of the bank and of the run, each with an r on every unit.
    """
    values = sum(len(read.on(column)[0]) for read in layer.readings.values() for column in read.columns)
    truths = sum(each.active.nbytes + each.active_total.nbytes + each.active_square.nbytes for each in rows)
    return {
        "bytes_a_thousand_of_the_layer": round(VALUE * values / layer.width * 1000),
        "bytes_a_thousand_of_the_sample": round((truths / max(1, len(rows)) + COPIES * 8 * reports) * 1000),
    }
