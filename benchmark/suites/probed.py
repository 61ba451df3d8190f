"""Probed units of a suite: directions with their concept as the oracle's report, and their measured ceiling."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmark.subjects.probe_directions import Directions, ProbeValues, probe_values, shipped_probes
from benchmark.subjects.word_ends import Reader
from benchmark.suites.fields import Field
from benchmark.units.unit import Unit
from synthetic_neurons.predicate import parse
from synthetic_neurons.prose.english import describe


class Probes:
    """The shipped directions with the subject read up to their block, booted at the first need."""

    def __init__(self) -> None:
        self.directions = Directions.load(shipped_probes())
        self._reader: Reader | None = None

    def boot(self) -> Reader:
        """The subject up to the directions' block, booted once."""
        if self._reader is None:
            self._reader = Reader(self.directions.layer)
        return self._reader

    def values(self, texts: Sequence[str]) -> ProbeValues:
        """Every probed unit's values on some texts."""
        return self.directions.values(self.boot().read(texts))


def probed_units(directions: Directions, teach: Field) -> list[Unit]:
    """All units of `directions`, their scale being the greatest value on the teach field.

    A unit's notes hold its ceiling: r of its value with its concept on exam words, over words, and the interval.
    """
    return [_unit(entry, teach) for entry in directions.card["units"]]


def _unit(entry: Mapping[str, Any], teach: Field) -> Unit:
    text = describe(parse(entry["predicate"]))
    claim = {"text": text, "predicate": entry["predicate"], "level": 10.0}
    unit = Unit(
        identifier=entry["identifier"],
        tier="probed",
        family=entry["kind"],
        truth={"direction": entry["identifier"], "predicate": entry["predicate"]},
        report={"text": text, "claims": [claim], "confidence": 1.0, "abstained": False},
        notes={"ceiling": {"r": entry["exam"]["r"], "interval": entry["exam"]["interval"]["r"]}},
    )
    return replace(unit, scale=max(round(float(teach.words(unit).max()), 2), 0.01))


def with_probes(
    fields: Mapping[str, Field], directions: Directions, say: Callable[[str], None] = lambda line: None
) -> dict[str, Field]:
    """The fields with the probed units' values on them; what was read before comes from the cache."""
    held: list[Reader] = []

    def reader() -> Reader:
        if not held:
            held.append(Reader(directions.layer, say))
        return held[0]

    return {
        name: replace(field, probed=probe_values(field.passages.texts, directions, reader, say))
        for name, field in fields.items()
    }
