"""Short ways to write trees, and random trees over few atoms, so that many of them read alike."""

from collections.abc import Callable
from typing import Any

import numpy as np

THE = {"op": "word", "words": ["the"]}
COMMA = {"op": "word", "words": [","]}
MARKS = {"op": "word", "words": [",", ";"]}
ING = {"op": "suffix", "text": "ing"}
CAPITAL = {"op": "shape", "shape": "capitalised"}
QUOTES = {"op": "inside", "mark": "quotes"}
MONEY = {"op": "word", "words": ["cash", "loan"], "name": "money"}
FIRST = {"op": "place", "in": "sentence", "from": 0, "to": 0}


def not_(of: Any) -> dict[str, Any]:
    return {"op": "not", "of": of}


def previous(of: Any) -> dict[str, Any]:
    return {"op": "previous", "of": of}


def within(k: int, of: Any) -> dict[str, Any]:
    return {"op": "within", "k": k, "of": of}


def count(n: int, of: Any, every: bool = False) -> dict[str, Any]:
    return {"op": "count", "n": n, "of": of, "every": every}


def and_(*of: Any) -> dict[str, Any]:
    return {"op": "and", "of": list(of)}


def or_(*of: Any) -> dict[str, Any]:
    return {"op": "or", "of": list(of)}


def unless(of: Any, exception: Any) -> dict[str, Any]:
    return {"op": "unless", "of": of, "exception": exception}


ATOMS = [THE, MARKS, ING, CAPITAL, QUOTES, FIRST, MONEY, {"op": "graded", "scale": "magnitude"}]
ATOMS += [{"op": op} for op in ("repeats", "induction", "always", "never")]
ATOMS += [{"op": "similar", "to": "rain", "nearest": 2, "graded": True}, {"op": "depth", "n": 1}]
JOINS: list[Callable[[Any, Any], Any]] = [
    and_,
    or_,
    unless,
    lambda a, b: and_(a, b, ING),
    lambda a, b: or_(THE, a, b),
]
WRAPS: list[Callable[[Any], Any]] = [not_, previous, lambda a: within(1, a), lambda a: within(3, a)]
WRAPS += [lambda a: count(1, a), lambda a: count(2, a), lambda a: count(2, a, every=True)]
WRAPS += [lambda a: {"op": "scaled", "factor": 0.5, "of": a}]
BITS = [
    "the",
    "Thing",
    "thing",
    "ring",
    ",",
    ";",
    "(",
    ")",
    '"',
    ".",
    "cash",
    "7",
    "900",
    "rain",
    "rainy",
    "Rainfall",
    "of",
]


def drawn(rng: np.random.Generator, levels: int) -> Any:
    kind = rng.integers(3) if levels else 0
    if kind == 0:
        return ATOMS[rng.integers(len(ATOMS))]
    if kind == 1:
        return WRAPS[rng.integers(len(WRAPS))](drawn(rng, levels - 1))
    return JOINS[rng.integers(len(JOINS))](drawn(rng, levels - 1), drawn(rng, levels - 1))
