"""String functions as units: each fires on a word that is its function of the word before it (FIND's question)."""

from synthetic_neurons.strings.function import StringFunction, StringFunctionError, parse
from synthetic_neurons.strings.prose import describe
from synthetic_neurons.strings.texts import generate, inputs
from synthetic_neurons.strings.unit import StringUnit, string_units

__all__ = [
    "StringFunction",
    "StringFunctionError",
    "StringUnit",
    "describe",
    "generate",
    "inputs",
    "parse",
    "string_units",
]
