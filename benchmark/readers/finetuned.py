"""The finetuned reader: a small cross-encoder of ours that reads (claim, text) and says on which words the claim holds.

It reads prose without a key. One pass over a claim and a text answers for every word of the text; an item, which is a
text with one word marked, is the answer at that word. Over a suite's whole pool it is too slow for many reports, and is
then a sampled reader (METHOD.md section 3); `estimate` says what a reading will cost before it is begun.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmark.errors import UserError
from benchmark.explainers.report import MAX_LEVEL, Claim, Report
from benchmark.readers.reader import claims_to_read
from synthetic_neurons.passages import Floats, Passages, word_spans

__all__ = ["Cost", "CrossEncoder", "FinetunedReader", "Item", "Meter", "shipped", "weights_folder"]

# Longer texts are read in parts of so many words that begin every so many, each word with what stands to its left.
LONGEST, STRIDE = 64, 32
# Passes that are timed for an estimate.
PROBE = 24
NO_WEIGHTS = "no weights of the finetuned reader ship yet; mend: python -m benchmark.readers.train_finetuned --ship"


def weights_folder() -> Path:
    """Where the weights that ship lie, with their card."""
    return Path(__file__).parent / "finetuned_weights"


def shipped() -> bool:
    """Whether the weights are there; their checksums are looked at when they are loaded."""
    return all((weights_folder() / name).exists() for name in ("differences.safetensors", "card.json"))


class CrossEncoder(Protocol):
    """What the reader needs of a network.

    Attributes:
        name: names the weights; part of the key of every stored answer.
    """

    name: str

    def probabilities(self, claim: str, texts: Sequence[str]) -> list[Floats]:
        """For each text float64 [words]: the probability that the claim holds on the word."""
        ...


@dataclass(frozen=True)
class Item:
    """A text with one word marked.

    Attributes:
        text: the text.
        word: which of its words, from 0, as `Passages` counts them.
    """

    text: str
    word: int


@dataclass(frozen=True)
class Cost:
    """What a reading will take, measured on a few of its own passes.

    Attributes:
        passes: pairs of claim and text, or part of a text.
        items: words that are answered for.
        seconds: of the whole.
    """

    passes: int
    items: int
    seconds: float

    @property
    def items_per_second(self) -> float:
        """Words a second."""
        return self.items / self.seconds if self.seconds > 0 else 0.0

    def __str__(self) -> str:
        """One line, to be shown before the reading."""
        rates = f"{self.passes / max(self.seconds, 1e-9):.0f} texts/s, {self.items_per_second:.0f} words/s"
        return f"{self.passes:,} passes, {self.items:,} words: about {self.seconds:.0f} s ({rates})"


@dataclass
class Meter:
    """What reading has cost so far; what the cache answers costs nothing.

    Attributes:
        passes: pairs of claim and text, or part of a text.
        items: words that were answered for.
        seconds: spent in the network.
    """

    passes: int = 0
    items: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Part:
    """Words `first` to `last` (not included) of a text, read where they have words to their left.

    Attributes:
        text: the piece of text.
        skipped: its words before `first`.
    """

    text: str
    first: int
    last: int
    skipped: int


def parts(text: str) -> list[_Part]:
    """A text in parts of at most 64 words; a short one is one part."""
    spans = word_spans(text)
    if len(spans) <= LONGEST:
        return [_Part(text, 0, len(spans), 0)]
    begins = range(0, len(spans) - LONGEST + STRIDE, STRIDE)
    made = []
    for begin in begins:
        end, first = min(begin + LONGEST, len(spans)), begin + (STRIDE if begin else 0)
        made.append(_Part(text[spans[begin][0] : spans[end - 1][1]], first, end, first - begin))
    return made


class FinetunedReader:
    """Reads each claim's text with a cross-encoder; a word gets its strongest claim's level.

    Args:
        encoder: injected, so that this module needs no deep-learning library.
        threshold: the level from which it says "fires".
    """

    name = "finetuned"

    def __init__(self, encoder: CrossEncoder, threshold: float = MAX_LEVEL / 2) -> None:
        self.encoder, self.threshold, self.meter = encoder, threshold, Meter()

    def read(self, report: Report, passages: Passages) -> Floats:
        """float64 [words], levels 0 to 10.

        Raises:
            ValueError: for an abstention.
        """
        levels = np.zeros(len(passages.words))
        for claim in claims_to_read(report, self.name):
            np.maximum(levels, _level(claim) * self._words(claim.text, passages.texts), out=levels)
        return levels

    def read_items(self, report: Report, items: Sequence[Item]) -> Floats:
        """float64 [items], levels 0 to 10 at the marked words.

        Raises:
            ValueError: for an abstention.
            UserError: an item marks a word that its text has not.
        """
        claims = claims_to_read(report, self.name)
        found = self.probabilities([claim.text for claim in claims], items)
        best: Floats = (np.array([[_level(claim)] for claim in claims]) * found).max(axis=0)
        return best

    def probabilities(self, claims: Sequence[str], items: Sequence[Item]) -> Floats:
        """float64 [claims, items]: the probability that each claim holds at each marked word.

        Raises:
            UserError: an item marks a word that its text has not.
        """
        passages = Passages.of(tuple(dict.fromkeys(item.text for item in items)))
        where = _places(passages, items)
        return np.array([self._words(claim, passages.texts)[where] for claim in claims]).reshape(
            len(claims), len(items)
        )

    def estimate(self, claims: Sequence[str], texts: Sequence[str]) -> Cost:
        """What reading these claims on these texts will take; a few passes of them are timed. Show it before a run."""
        every = [part for text in texts for part in parts(text)]
        if not every or not claims:
            return Cost(0, 0, 0.0)
        step = max(1, len(every) // PROBE)
        some = [part.text for part in every[::step]][:PROBE]
        # The first pass pays for loading.
        self.encoder.probabilities(claims[0], some[:1])
        begun = time.perf_counter()
        for at, text in enumerate(some):
            self.encoder.probabilities(claims[at % len(claims)], [text])
        seconds = (time.perf_counter() - begun) / len(some)
        words = sum(part.last - part.first for part in every)
        passes = len(claims) * len(every)
        return Cost(passes, len(claims) * words, seconds * passes)

    def _words(self, claim: str, texts: Sequence[str]) -> Floats:
        """float64 [words of the texts]: the claim's probabilities."""
        every = [parts(text) for text in texts]
        flat = [part for each in every for part in each]
        begun = time.perf_counter()
        said = self.encoder.probabilities(claim, [part.text for part in flat])
        self.meter.seconds += time.perf_counter() - begun
        self.meter.passes += len(flat)
        kept = [
            answer[part.skipped : part.skipped + part.last - part.first]
            for part, answer in zip(flat, said, strict=True)
        ]
        found = np.concatenate([*kept, np.zeros(0)])
        self.meter.items += len(found)
        return found


def _level(claim: Claim) -> float:
    return min(claim.level, MAX_LEVEL)


def _places(passages: Passages, items: Sequence[Item]) -> list[int]:
    """Where each item's word stands among all words."""
    row = {text: number for number, text in enumerate(passages.texts)}
    places = []
    for item in items:
        begin, end = passages.first[row[item.text]], passages.first[row[item.text] + 1]
        if not 0 <= item.word < end - begin:
            raise UserError(
                f"an item marks word {item.word} of a text of {end - begin} words; mark one of 0 to {end - begin - 1}"
            )
        places.append(int(begin) + item.word)
    return places
