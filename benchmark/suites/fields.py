"""Fields: the windows of one part of the split, with the values of any unit on them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.subjects.probe_directions import ProbeValues
from benchmark.subjects.readings import Readings
from benchmark.units.null import NullUnit
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.planted import truth_values

# Decimals of the subject's values that a suite ships: latents reach tens, projections on unit directions a few.
DECIMALS = {"found": 2, "randomised": 2, "probed": 4}


@dataclass(frozen=True, eq=False)
class Field:
    """Windows of one part, with what subjects do on them where they have read them.

    Attributes:
        name: the part: teach, practice, calibration, exam, ood, shifted.
        passages: the windows.
        readings: by tier, "found" and "randomised": its units' values; empty for planted-only fields.
        probed: the probed units' values; None where no probed unit is asked for.
    """

    name: str
    passages: Passages
    readings: Mapping[str, Readings] = field(default_factory=dict)
    probed: ProbeValues | None = None

    def words(self, unit: Unit) -> Floats:
        """float64 [words]: the unit's value on every word."""
        if unit.tier in ("planted", "trivial"):
            return truth_values(unit.truth, self.passages)
        if unit.tier == "null":
            return NullUnit.from_json(unit.truth).on(self.passages)
        if unit.tier == "probed":
            return self._probed().words(str(unit.truth["direction"]))
        return self.reading(unit.tier).words(int(unit.truth["latent"]))

    def tokens(self, unit: Unit) -> Floats:
        """float64 [tokens]: a found, randomised or probed unit's value on every token of the subject's."""
        if unit.tier == "probed":
            return self._probed().tokens(str(unit.truth["direction"]))
        return self.reading(unit.tier).tokens(int(unit.truth["latent"]))

    @property
    def word_of(self) -> Ints:
        """int64 [tokens]: the word each of the subject's tokens belongs to."""
        return next(iter(self.readings.values())).word_of

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Bool [tokens]: those that count for every tier that was read."""
        kept: NDArray[np.bool_] = np.logical_and.reduce([each.kept for each in self.readings.values()])
        return kept

    def reading(self, tier: str) -> Readings:
        """The values of a tier's units."""
        assert tier in self.readings, f"{self.name} was not read for {tier} units"
        return self.readings[tier]

    def _probed(self) -> ProbeValues:
        assert self.probed is not None, f"{self.name} was not probed"
        return self.probed

    def peak(self, unit: Unit) -> Floats:
        """float64 [windows]: the unit's greatest value in each window."""
        return self.passages.per_text_max(self.words(unit))


def as_shipped(values: Floats, unit: Unit) -> Floats:
    """Values as a suite ships them: rounded, and what is above 0 never to 0, since what fires must still fire.

    A small unit keeps as many digits as a large one: at least a thousand steps from 0 to its scale.

    Args:
        values: float64, of one unit.
        unit: the unit; a dead or always-on latent is rounded as a found one.
    """
    steps = 3 - math.floor(math.log10(unit.scale)) if unit.scale > 0 else 0
    decimals = max(DECIMALS.get(unit.tier, DECIMALS["found"]), steps)
    shipped: Floats = np.where(values > 0, np.maximum(np.round(values, decimals), 10.0**-decimals), 0.0)
    return shipped


class Book:
    """The windows that a suite ships, each once."""

    def __init__(self, tokens_per_word: Callable[[Sequence[str]], list[list[int]]]) -> None:
        self.texts: list[str] = []
        self.parts: list[str] = []
        self._number: dict[str, int] = {}
        self._tokens_per_word = tokens_per_word

    def number(self, text: str, part: str) -> int:
        """The window's number; a window is entered when it is first asked for."""
        if text not in self._number:
            self._number[text] = len(self.texts)
            self.texts.append(text)
            self.parts.append(part)
        return self._number[text]

    def numbers(self, field: Field, places: Ints) -> Ints:
        """Window numbers of some places of a field."""
        return np.array([self.number(field.passages.texts[i], field.name) for i in places], dtype=np.int64)

    def columns(self) -> dict[str, list[object]]:
        """The `windows` table."""
        return {"text": list(self.texts), "part": list(self.parts), "tokens": list(self._tokens_per_word(self.texts))}
