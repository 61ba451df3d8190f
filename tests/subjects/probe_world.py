"""A small linear world: words whose vectors hold planted concepts, and noise that is louder in some directions."""

import numpy as np

from benchmark.subjects.probe_concepts import ProbeConcept
from benchmark.subjects.word_ends import WordEnds
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Word

WIDTH = 16
CONCEPTS = {"cats": ("cat", "kitten"), "rain": ("rain", "hail"), "noise": ("noise",)}
_WORDS = ("cat", "kitten", "rain", "hail", "noise", *(f"w{i}" for i in range(40)))
# "noise" has no direction in the stream, so nothing can find it.
CARRIED = {"cats": 3, "rain": 5}
STRENGTH = 6.0


def concept(slug: str) -> ProbeConcept:
    return ProbeConcept(slug, "lexicon", Word(CONCEPTS[slug], slug))


def loudness() -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """The noise's standard deviation by coordinate."""
    return np.where(np.arange(WIDTH) == 7, 3.0, 1.0)


def world(seed: int, texts: int = 300, words: int = 20) -> WordEnds:
    rng = np.random.default_rng(seed)
    share = np.array([0.01] * 5 + [0.95 / 40] * 40)
    drawn = rng.choice(len(_WORDS), size=(texts, words), p=share / share.sum())
    passages = Passages.of([" ".join(_WORDS[i] for i in row) for row in drawn])
    stream = rng.normal(size=(len(passages.words), WIDTH)) * loudness()
    common = rng.normal(size=len(stream)) * 10
    stream[:, 3] += common
    stream[:, 4] += common
    for slug, coordinate in CARRIED.items():
        stream[np.isin(passages.words, CONCEPTS[slug]), coordinate] += STRENGTH
    return WordEnds(passages, np.arange(len(passages.words)), stream.astype(np.float16))
