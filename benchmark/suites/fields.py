"""Fields: the windows of one part of the split, with the values of any unit on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.subjects.harvest import Latents
from benchmark.subjects.probe_directions import ProbeValues
from benchmark.units.null import NullUnit
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.planted import truth_values


@dataclass(frozen=True, eq=False)
class Field:
    """Windows of one part, with the subject's latents where it has read them.

    Attributes:
        name: the part: teach, practice, calibration, exam, ood, shifted.
        passages: the windows.
        latents: the subject's latents on them; None for planted-only fields.
        probed: the probed units' values on them; None where no probed unit is asked for.
    """

    name: str
    passages: Passages
    latents: Latents | None = None
    probed: ProbeValues | None = None

    def words(self, unit: Unit) -> Floats:
        """float64 [words]: the unit's value on every word."""
        if unit.tier in ("planted", "trivial"):
            return truth_values(unit.truth, self.passages)
        if unit.tier == "null":
            return NullUnit.from_json(unit.truth).on(self.passages)
        if unit.tier == "probed":
            assert self.probed is not None, f"{self.name} was not probed"
            return self.probed.words(str(unit.truth["direction"]))
        assert self.latents is not None, f"{self.name} was not harvested"
        return self.latents.words(int(unit.truth["latent"]))

    def tokens(self, unit: Unit) -> Floats:
        """float64 [tokens]: a found or probed unit's value on every token of the subject's."""
        if unit.tier == "probed":
            assert self.probed is not None, f"{self.name} was not probed"
            return self.probed.tokens(str(unit.truth["direction"]))
        assert self.latents is not None, f"{self.name} was not harvested"
        return self.latents.tokens(int(unit.truth["latent"]))

    def peak(self, unit: Unit) -> Floats:
        """float64 [windows]: the unit's greatest value in each window."""
        return self.passages.per_text_max(self.words(unit))


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
