"""A source without a model: what is on in a window follows from its text alone, by a seeded draw."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmark.harvest.corpora import TextDocument, texts_hash
from benchmark.harvest.source import Activations, Window

WORDS = ("tin", "rain", "of", "let", "seven", "moss", "the", "a", "north", "kiln", "is", "was", "ode", "fig")


def draws(what: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(what.encode(), digest_size=8).digest()))


def pieces(text: str) -> tuple[int, ...]:
    """Character ends of words with the blank before them."""
    ends = [index for index in range(1, len(text)) if text[index] == " " and text[index - 1] != " "]
    return (*ends, len(text))


def window_of(text: str, document: str) -> Window:
    ends = pieces(text)
    return Window(text, document, tuple(end % 1000 for end in ends), ends)


@dataclass
class MadeUpSource:
    """`rate`: how often a unit is on; `negative`: share of values below 0; `bos`: whether the first position counts."""

    width: int = 6
    rate: float = 0.2
    negative: float = 0.0
    bos: bool = True
    length: int = 8
    steps: tuple[float, ...] = ()
    told: dict[str, str] = field(default_factory=lambda: {"subject": "made up", "hook": "blocks.1.hook_out"})
    passes: int = 0
    bare: int = 0

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(map(str, range(self.width)))

    @property
    def facts(self) -> Mapping[str, str]:
        return self.told

    def windows(self, document: str, text: str) -> list[Window]:
        words = text.split(" ")
        chunks = [" ".join(words[start : start + self.length]) for start in range(0, len(words), self.length)]
        return [window_of(chunk, document) for chunk in chunks if chunk]

    def dense(self, window: Window) -> np.ndarray:
        """float32 [tokens, units]: rows of positions that do not count hold values too."""
        rng = draws(f"{window.text}")
        shape = (len(window.ids), self.width)
        value = rng.choice(self.steps, shape) if self.steps else np.exp(rng.normal(0, 2, shape))
        value = value * np.where(rng.random(shape) < self.negative, -1, 1)
        return np.where(rng.random(shape) < self.rate, value, 0).astype(np.float32)

    def activations(self, windows: Sequence[Window]) -> Activations:
        self.passes += 1
        values = np.concatenate([self.dense(window) for window in windows])
        token, unit = np.nonzero(values)
        kept = np.ones(len(values), bool)
        if not self.bos:
            kept[np.cumsum([0, *(len(window.ids) for window in windows[:-1])])] = False
        return Activations(kept, token, unit.astype(np.int32), values[token, unit])

    def forward(self, windows: Sequence[Window]) -> None:
        self.bare += len(windows)


@dataclass
class ListCorpus:
    found: Sequence[TextDocument]

    @property
    def facts(self) -> Mapping[str, str]:
        return {"name": "list", "sha256": texts_hash(self.found)}

    def documents(self) -> Iterator[TextDocument]:
        return iter(self.found)


def made_up_documents(count: int, words: int = 40, seed: int = 1, repeats: int = 0) -> list[TextDocument]:
    """Documents of random words; every `repeats`-th has the text of the first."""
    rng = np.random.default_rng(seed)
    found = [TextDocument(f"d-{index:05d}", " ".join(rng.choice(WORDS, words))) for index in range(count)]
    return [
        TextDocument(each.identifier, found[0].text) if repeats and index % repeats == 0 else each
        for index, each in enumerate(found)
    ]
