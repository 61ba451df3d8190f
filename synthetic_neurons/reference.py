"""Text to measure units on where no corpus is at hand: made from the shipped lists, the same on every machine.

Half of it are words drawn as often as in dictionary glosses, with their marks, so that rates are about right there.
The other half spreads the whole vocabulary evenly, with brackets, quotes, capitals, numbers and repeated words, so that
units of rare words differ there as well.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from synthetic_neurons import vocabulary, wordlists
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Predicate
from synthetic_neurons.tables import frequencies

SEED = 20261121
LINES = 2_000
WORDS = 24


def _draw(rng: np.random.Generator, words: tuple[str, ...], count: int) -> list[str]:
    return [words[i] for i in rng.integers(len(words), size=count)]


def _bracketed(rng: np.random.Generator, words: list[str]) -> list[str]:
    left, right = [("(", ")"), ("[", "]"), ('"', '"')][int(rng.integers(3))]
    inner = ["(", *words[6:8], ")"] if rng.random() < 0.5 else words[6:8]
    return [*words[:3], left, *words[3:6], *inner, right, *words[8:18]]


def _doubled(rng: np.random.Generator, words: list[str]) -> list[str]:
    return [*words[:8], *words[2 : 2 + int(rng.integers(2, 6))], *words[8:16]]


def _parted(rng: np.random.Generator, words: list[str]) -> list[str]:
    marks = _draw(rng, (",", ";", ".", ":", "!", "?"), 3)
    return [*words[:5], marks[0], *words[5:9], marks[1], *words[9:14], marks[2], *words[14:20]]


def _numbered(rng: np.random.Generator, words: list[str]) -> list[str]:
    numbers = [str(10 ** int(rng.integers(11)) * int(rng.integers(1, 10))) for _ in range(3)]
    return [
        *words[:4],
        numbers[0],
        *words[4:8],
        words[8].upper(),
        numbers[1],
        *words[9:12],
        words[12].title(),
        numbers[2],
    ]


_FORMS: tuple[Callable[[np.random.Generator, list[str]], list[str]], ...] = (_bracketed, _doubled, _parted, _numbered)


def _even(rng: np.random.Generator) -> list[str]:
    """Lines of the whole vocabulary among markers, in forms that take turns."""
    markers = tuple(word for marker in wordlists.markers().values() for word in marker.words)
    lines = []
    for number in range(LINES):
        words = _draw(rng, vocabulary.words(), WORDS)
        words[1::3] = _draw(rng, markers, len(words[1::3]))
        lines.append(" ".join(_FORMS[number % len(_FORMS)](rng, words)))
    return lines


def _by_frequency(rng: np.random.Generator) -> list[list[str]]:
    """Lines of words drawn by their frequency, each by itself; names keep their capitals."""
    known = {name.lower(): name for name in wordlists.proper_names().words}
    words = tuple(known.get(word, word) for word in frequencies())
    share = np.array(list(frequencies().values()), dtype=np.float64)
    drawn = rng.choice(len(words), size=(LINES, WORDS), p=share / share.sum()).tolist()
    return [[words[i] for i in row] for row in drawn]


@cache
def reference() -> Passages:
    """All of the text: 4,000 lines, about 90,000 words."""
    rng = np.random.default_rng(SEED)
    return Passages.of([*map(" ".join, _by_frequency(rng)), *_even(rng)])


@cache
def gloss_like() -> Passages:
    """The half that is drawn by frequency alone."""
    return Passages.of(reference().texts[:LINES])


@cache
def formed() -> Passages:
    """Words drawn by frequency among brackets, quotes, numbers and repeated words: where conditions on context hold."""
    rng = np.random.default_rng(SEED + 1)
    lines = [*_by_frequency(rng), *_by_frequency(rng)]
    return Passages.of([" ".join(_FORMS[i % len(_FORMS)](rng, line)) for i, line in enumerate(lines)])


def rate(predicate: Predicate) -> float:
    """The share of words in gloss-like text on which a predicate fires, about; never 0."""
    passages = gloss_like()
    hits = int((evaluate(predicate, passages) > 0).sum())
    # Nothing seen is taken for half of one.
    return max(hits, 0.5) / len(passages.words)
