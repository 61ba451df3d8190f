"""Null units: a value on any text and nothing to explain; the right answer is to abstain (METHOD.md section 1).

A word's value is a keyed hash of the word and its whole left context in the window, mapped through the marginal
distribution and the burstiness of a matched found unit. So a null unit looks like a found one in a table of its
activations, and no rule predicts it on new text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.hashing import uniforms
from synthetic_neurons.passages import Floats, Passages

QUANTILES = 101


@dataclass(frozen=True)
class NullUnit:
    """A two-state chain driven by a keyed hash.

    The first word of a text is silent: it has no left context, so its hash would be of the word alone, and a table of
    first words, which is a rule, would predict it (r about 0.2 over whole windows of 25 words at a rate of 1.4%). The
    second word opens the chain at its stationary rate, so that the rate is the same at every later place.

    Attributes:
        key: names the hash; another key is another unit.
        values: sorted quantiles of a matched unit's values where it fires.
        start: P(fires | the word before it was silent), from the third word on.
        stay: P(fires | the word before it fired), from the third word on.
    """

    key: str
    values: tuple[float, ...]
    start: float
    stay: float

    def __post_init__(self) -> None:
        """Refuse what is not a chain."""
        if not self.values or min(self.values) <= 0 or list(self.values) != sorted(self.values):
            raise ValueError(f"null unit {self.key!r}: values must be positive and sorted")
        if not (0 < self.start <= 1 and 0 <= self.stay <= 1):
            raise ValueError(f"null unit {self.key!r}: start {self.start} and stay {self.stay} must be probabilities")

    @property
    def rate(self) -> float:
        """The stationary firing rate per word, first words aside."""
        return self.start / (1 - self.stay + self.start)

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        return {"key": self.key, "values": list(self.values), "start": self.start, "stay": self.stay}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "NullUnit":
        """Read what `to_json` wrote."""
        numbers = tuple(float(each) for each in value["values"])
        return cls(str(value["key"]), numbers, float(value["start"]), float(value["stay"]))

    def on(self, passages: Passages) -> Floats:
        """The unit's value on every word: see `null_values`."""
        return null_values(self, passages)


def _firing(unit: NullUnit, draws: Floats, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words fire: the chain, opened anew at every text's second word.

    Only words at which a run may begin are looked at, and runs are followed from there: most units fire seldom.
    """
    inner = place > 1
    stays = ((draws < unit.stay) & inner).tolist()
    begins = np.flatnonzero(((place == 1) & (draws < unit.rate)) | (inner & (draws < unit.start)))
    fired = np.zeros(len(draws), dtype=bool)
    free = 0
    for begin in begins.tolist():
        if begin < free:
            continue
        end = begin + 1
        while end < len(stays) and stays[end]:
            end += 1
        fired[begin:end] = True
        # The word that did not stay is silent, whatever it might have begun, and so is the first of another text.
        free = end + 1
    return fired


def null_values(unit: NullUnit, passages: Passages) -> Floats:
    """float64 [words]: the unit's value on every word, 0 where it is silent.

    Causal: a value depends on the word and those before it in the same text. Linear in the number of words.
    """
    draws = uniforms(unit.key, passages)
    fired = np.flatnonzero(_firing(unit, draws[:, 0], passages.place))
    values = np.zeros(len(draws))
    values[fired] = np.interp(draws[fired, 1], np.linspace(0, 1, len(unit.values)), unit.values)
    return values


def fit_null(key: str, per_word_values: Floats, passages: Passages) -> NullUnit:
    """A null unit with the firing rate, burstiness and marginal of a found unit.

    Args:
        key: of the new unit's hash.
        per_word_values: float64 [words], the found unit's values on `passages`.
        passages: where they were measured.

    Returns:
        First words are left out, as they are silent in the null unit. `stay` is the share of firing words among those
        that follow a firing word in the same text, shrunk by one pseudo-observation towards the rate, so that few
        observations give no chain that never ends; `start` is then the one value whose stationary rate is the
        observed rate.

    Raises:
        ValueError: if the found unit is dead or always on here; such a unit has no match.
    """
    fires, inner = per_word_values > 0, passages.place > 0
    rate = float(fires[inner].mean()) if inner.any() else 0.0
    if not 0 < rate < 1:
        raise ValueError(f"null unit {key!r}: the matched unit fires on {rate:.0%} of words; choose another")
    after_firing = fires[1:][fires[:-1] & (passages.place[1:] > 1)]
    stay = (float(after_firing.sum()) + rate) / (len(after_firing) + 1)
    # Above a rate of one half a chain must stay at least this often, or start would exceed 1.
    stay = max(stay, (2 * rate - 1) / rate)
    marginal = np.quantile(per_word_values[fires & inner], np.linspace(0, 1, QUANTILES))
    start = min(1.0, rate * (1 - stay) / (1 - rate))
    return NullUnit(key, tuple(float(each) for each in marginal), start, stay)
