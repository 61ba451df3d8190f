"""A harvest of two thousand units in a process of its own: `wide_harvest.py FOLDER TOKENS` prints its peak memory."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from made_up_source import WORDS, MadeUpSource, draws

from benchmark.harvest.corpora import TextDocument
from benchmark.harvest.levels import Levels
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.source import Activations, Window
from benchmark.harvest.stream import Job, harvest
from benchmark.harvest.summary import Keep

UNITS, ON = 2000, 8
# Few enough a unit that the small harvest's store is as full as the large one's.
KEEP = Keep(top=1, per_level=1, uniform=40, levels=Levels(-1, 1, 1))


class Wide(MadeUpSource):
    """On every token as many units as a TopK SAE has on, one of each tenth or so of them."""

    def activations(self, windows: Sequence[Window]) -> Activations:
        tokens = sum(len(window.ids) for window in windows)
        rng = draws(windows[0].text)
        first = rng.integers(0, UNITS // ON, tokens)
        unit = (first[:, None] + np.arange(ON) * (UNITS // ON)).ravel()
        value = rng.uniform(0.6, 0.9, tokens * ON).astype(np.float32)
        return Activations(np.ones(tokens, bool), np.repeat(np.arange(tokens), ON), unit.astype(np.int32), value)


@dataclass
class Endless:
    """As many documents as wanted, of so many words each, none of them kept."""

    words: int = 240

    @property
    def facts(self) -> Mapping[str, str]:
        return {"name": "endless"}

    def documents(self) -> Iterator[TextDocument]:
        for index in range(100_000):
            yield TextDocument(f"d-{index}", " ".join(np.random.default_rng(index).choice(WORDS, self.words)))


if __name__ == "__main__":
    recipe = Recipe(tokens=int(sys.argv[2]), bucket_tokens=4096, shard_characters=40_000, window_tokens=24, keep=KEEP)
    outcome = harvest(Job(Wide(width=UNITS, length=24), Endless(), recipe), Path(sys.argv[1]))
    assert outcome.tokens >= int(sys.argv[2])
    sys.stdout.write(f"{outcome.peak_memory}\n")
