"""Texts that are about nothing: the templates of both splits with fillers. What is common there tells little."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from synthetic_neurons import wordlists
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Predicate

_SLOT = re.compile(r"\{(\w)\}")
_SEED = 0


def fill(pattern: str, choose: Callable[[str], str]) -> str:
    """The pattern with each slot, such as {n}, filled by `choose` of its letter."""
    return _SLOT.sub(lambda match: choose(match.group(1)), pattern)


@cache
def neutral() -> Passages:
    """Every template once, a filler noun at its {x}."""
    rng, slots = np.random.default_rng(_SEED), {**wordlists.fillers(), "x": wordlists.fillers()["n"]}
    templates = (*wordlists.templates("teach"), *wordlists.templates("exam"))
    return Passages.of([fill(each, lambda slot: str(rng.choice(slots[slot]))) for each in templates])


@lru_cache(maxsize=4096)
def word_share(predicate: Predicate) -> float:
    """The share of the words of neutral texts on which a predicate fires."""
    return float((evaluate(predicate, neutral()) > 0).mean())


@lru_cache(maxsize=4096)
def text_share(predicate: Predicate) -> float:
    """The share of neutral texts in which a predicate fires."""
    return float((neutral().per_text_max(evaluate(predicate, neutral())) > 0).mean())
