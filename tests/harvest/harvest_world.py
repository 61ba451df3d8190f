"""A small harvest: five shards of made-up text, everything on."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from made_up_source import ListCorpus, MadeUpSource, made_up_documents
from numpy.typing import NDArray

from benchmark.harvest.levels import Levels
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.stream import Job
from benchmark.harvest.summary import Keep

RECIPE = Recipe(
    tokens=2100,
    batch_tokens=64,
    bucket_tokens=128,
    shard_characters=1800,
    near=3,
    keep=Keep(top=4, per_level=2, uniform=20, levels=Levels(-3, 4, 1)),
)


class LetterEncoder:
    """Texts by their letters: near where they share words."""

    name = "letters"

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.array([[text.count(letter) for letter in "abcdefghiklmnorstvw"] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def job(source: MadeUpSource | None = None, **changes: Any) -> Job:
    documents = made_up_documents(60, repeats=9)
    recipe = replace(RECIPE, **changes)
    return Job(source or MadeUpSource(), ListCorpus(documents), recipe, LetterEncoder())


def digests(folder: Path) -> dict[str, str]:
    """Every file of a store by its SHA-256."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
