"""The tiny model and SAEs on disk, booted as a subject, without a hub; and texts at random."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.subjects.catalog import FolderSae, parse_subject
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.loading.saes import load_sae
from benchmark.subjects.loading.subject import Subject
from benchmark.subjects.selected.latents import Latents

LETTERS = [*"abcdefghij", "é", "ß", "漢"]


@dataclass(frozen=True)
class TinyWorld:
    """A booted tiny model, and the folder of its SAEs."""

    subject: Subject
    saes: Path

    def latents(self, name: str, columns: list[int] | None = None) -> Latents:
        """An SAE's latents; loaded afresh, as they cut its encoder."""
        return Latents(load_sae(FolderSae(self.saes / name)), self.subject, columns)

    def source(self, name: str, columns: list[int] | None = None) -> FeatureSource:
        """A source of an SAE's latents."""
        return FeatureSource(self.subject, self.latents(name, columns), window_tokens=60)

    @cached_property
    def source_of_anything(self) -> FeatureSource:
        """One source that is kept, where only texts matter."""
        return self.source("standard-resid-pre")


def local(folder: Path, name: str = "viva-tests/tiny-gpt2") -> Any:
    """The model in a folder, under the name that the SAEs know it by."""
    return parse_subject(f"local:{folder}@{name}")


def random_texts(count: int, seed: int, longest: int = 18) -> list[str]:
    """Texts of one to `longest` characters, some of several bytes, with white space inside."""
    draw = np.random.default_rng(seed)
    sizes = draw.integers(1, longest + 1, count)
    return ["".join(draw.choice([*LETTERS, " "], size)) for size in sizes]


def dense(found: Any, units: int) -> Any:
    """Sparse activations as float32 [tokens, units]."""
    values = np.zeros((len(found.kept), units), np.float32)
    values[found.token, found.unit] = found.value
    return values
