"""The units of a layer report, each as a task: what the explainer is shown, and what it is graded on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.exam.items import Rows
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.layer_report.layer import Layer
from benchmark.layer_report.nulls import LayerNull, NoNull, layer_null
from benchmark.layer_report.session import grades, own_items, teach_exemplars
from benchmark.readers.reader import Reader
from synthetic_neurons.passages import Floats

# Of the strongest teach windows, so many are kept with a record: what people are shown, and what flags look at.
CONTEXTS = 8
# The outcome of a null unit that could not be made.
NO_UNIT = "no null unit"


@dataclass(frozen=True, eq=False)
class Task:
    """One unit to explain.

    Attributes:
        key: its name in the ledger, such as "latent/17".
        exemplars: what the explainer is shown.
        stated: what the record says of the unit besides.
        unmade: why there is no such unit; it is counted, and nobody explains it.
    """

    key: str
    exemplars: Sequence[Exemplar]
    stated: Mapping[str, Any]
    unmade: str = ""


class Desk:
    """Makes tasks, and grades what came of them.

    Args:
        layer: whose latents.
        readers: as a suite calibrated them.
        seed: of every draw.
    """

    def __init__(self, layer: Layer, readers: Mapping[str, Reader], seed: int) -> None:
        self.layer, self.readers, self._seed = layer, readers, seed

    def latent(self, number: int) -> Task:
        """A latent of the layer."""
        values = self.layer.readings["teach"].words(number)
        return self._task(f"latent/{number}", values, (self._seed, 1, number), {"latent": number})

    def null(self, number: int, matched: int) -> Task:
        """A null unit."""
        try:
            made = layer_null(self.layer, number, matched, self._seed)
        except NoNull as error:
            return Task(f"null/{number}", (), {"matched": matched}, str(error))
        stated = {"matched": made.matched, "truth": made.unit.to_json()}
        return self._task(made.key, made.unit.on(self.layer.teach), (self._seed, 2, number), stated)

    def _task(self, key: str, values: Floats, seed: tuple[int, ...], stated: Mapping[str, Any]) -> Task:
        exemplars = teach_exemplars(self.layer.teach, values, self.layer.similarity, seed)
        return Task(key, exemplars, stated)

    def exam(self, record: Mapping[str, Any]) -> tuple[Floats, Rows]:
        """A recorded unit's values on the exam's words, and its truth there."""
        if "latent" in record:
            number = int(record["latent"])
            return self.layer.readings["exam"].words(number), self.layer.rows(number)
        values = LayerNull(0, int(record["matched"]), _null_unit(record)).unit.on(self.layer.exam)
        return values, self.layer.rows_of_words(values)

    def graded(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record with the grades of its report, if it has one."""
        if record["outcome"] == "report":
            values, rows = self.exam(record)
            report = Report.from_json(record["report"])
            which = int(record.get("latent", record.get("matched", 0)))
            seed = (self._seed, 3 if "latent" in record else 4, which)
            items = own_items(self.layer.exam, values, self.layer.similarity, seed)
            record["grades"] = grades(report, self.readers, self.layer.exam, rows, items)
        return record


def _null_unit(record: Mapping[str, Any]) -> Any:
    from benchmark.units.null import NullUnit

    return NullUnit.from_json(record["truth"])


def contexts(exemplars: Sequence[Exemplar], most: int = CONTEXTS) -> list[dict[str, Any]]:
    """The strongest teach windows with the words that fire: [place, level] each."""
    firing = [each for each in exemplars if each.stratum == "firing"][:most]
    return [
        {"text": each.text, "levels": [[int(i), round(float(each.values[i]), 2)] for i in np.flatnonzero(each.values)]}
        for each in firing
    ]


def keys(sample: Sequence[int], nulls: int) -> Iterator[tuple[str, int, int]]:
    """What is to be done, in order: kind, number, and for a null unit the latent it is matched to."""
    yield from (("latent", number, number) for number in sample)
    yield from (("null", number, sample[number % len(sample)]) for number in range(nulls if sample else 0))
