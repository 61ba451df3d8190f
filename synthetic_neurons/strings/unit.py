"""Units from string functions: a unit fires on a word that is the function of the word before it.

FIND's question (find the function from inputs and outputs) asked of a unit: whoever can say when it fires has found the
function, and `measure` answers any guess at a pair. Capitals do not count.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.strings.function import StringFunction, parse
from synthetic_neurons.strings.prose import describe


@dataclass(frozen=True)
class StringUnit:
    """A unit whose truth is a string function.

    Attributes:
        identifier: its name; never shown to an explainer.
        function: the truth.
        like: the example of FIND's whose kind it is of; empty for a function that is ours alone.
    """

    identifier: str
    function: StringFunction
    like: str = ""

    @property
    def text(self) -> str:
        """The truth in prose: the oracle's report."""
        return f"Fires on {describe(self.function)}."

    def values(self, passages: Passages) -> Floats:
        """float64 [words]: 1 where a word is the function of the word before it in the same text, 0 elsewhere."""
        lower = [word.lower() for word in passages.vocabulary]
        number = {word: place for place, word in enumerate(dict.fromkeys(lower))}
        outputs = [number.get(made, -1) if (made := self.function(word)) is not None else -1 for word in lower]
        # The empty array needs a type as well.
        wanted = np.array(outputs, dtype=np.int64)[passages.type_of]
        found = np.array([number[word] for word in lower], dtype=np.int64)[passages.type_of]
        values = np.zeros(len(passages.words))
        values[1:] = (wanted[:-1] == found[1:]) & (passages.place[1:] > 0)
        return values


@cache
def string_units() -> tuple[StringUnit, ...]:
    """The shipped units: five of the kinds of FIND's shipped examples, then ours, of one, two and three steps."""
    raw = json.loads(files(__package__).joinpath("functions.json").read_text(encoding="utf-8"))
    return tuple(
        StringUnit(f"strings-{i:02d}-{each['name']}", parse({"steps": each["steps"]}), each.get("like", ""))
        for i, each in enumerate(raw)
    )
