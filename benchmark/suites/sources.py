"""The fields of a suite: windows of every part, harvested, and the planted population with its generated texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.subjects.corpus import wordnet_parts
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.harvest import FoundSubject, harvest
from benchmark.subjects.text_sources import Document, documents, fetch
from benchmark.subjects.windows import WINDOW_TOKENS, Window, cut_all, tokenise
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.units.split import assert_disjoint, shingles
from synthetic_neurons.generate import Split, generate
from synthetic_neurons.passages import Passages
from synthetic_neurons.planted import PlantedUnit

# The exam is used whole; of the others this many documents suffice (about 300 tokens each).
MOST_DOCUMENTS = {"teach": 750, "practice": 900, "calibration": 370, "ood": 1000, "shifted": 280}
NATURAL_PARTS = ("teach", "practice", "calibration", "exam")


@dataclass(frozen=True, eq=False)
class Subject:
    """The subject and SAE, booted at the first need, and where progress is said."""

    sae_folder: Path
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_booted", [])

    def boot(self) -> FoundSubject:
        """The booted subject, once."""
        held: list[FoundSubject] = getattr(self, "_booted")  # noqa: B009 - set in __post_init__ of a frozen class
        if not held:
            held.append(FoundSubject(self.sae_folder, self.say))
        return held[0]

    def field(self, name: str, texts: Sequence[str]) -> Field:
        """Harvest some windows."""
        latents = harvest(texts, self.sae_folder, self.boot, self.say)
        return Field(name, latents.passages, latents)

    def tokens_per_word(self, texts: Sequence[str]) -> list[list[int]]:
        """How many of the subject's tokens each word has, per text."""
        passages = Passages.of(texts)
        counts = np.bincount(tokenise(passages, self.boot().tokenizer).word_of, minlength=len(passages.words))
        return [counts[a:b].tolist() for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)]


def natural_windows(tokenizer: Any, parts: Sequence[str] | None = None) -> dict[str, list[Window]]:
    """Windows of WordNet's parts, the Jargon File ("ood") and the King James Bible ("shifted"), by part."""
    root = fetch(cache_folder() / "text")
    home: dict[str, list[Document]] = {part: docs for part, docs in wordnet_parts(root).items() if part != "sae"}
    home["ood"], home["shifted"] = documents(root, "jargon"), documents(root, "bible")
    made = {}
    for part, docs in home.items():
        if parts is not None and part not in parts:
            continue
        # Every n-th document, so that a cap keeps all topics.
        kept = docs[:: -(-len(docs) // MOST_DOCUMENTS[part])] if part in MOST_DOCUMENTS else docs
        windows = cut_all(kept, tokenizer)
        lengths = [len(ids) for ids in tokenise(Passages.of([window.text for window in windows]), tokenizer).ids]
        made[part] = [window for window, length in zip(windows, lengths, strict=True) if length <= WINDOW_TOKENS]
    assert_disjoint({part: [window.text for window in made[part]] for part in made if part in NATURAL_PARTS})
    return made


def natural_fields(subject: Subject, parts: Sequence[str] | None = None) -> dict[str, Field]:
    """Harvested fields of the parts that `natural_windows` cuts."""
    windows = natural_windows(subject.boot().tokenizer, parts)
    return {part: subject.field(part, [window.text for window in some]) for part, some in windows.items()}


def planted_fields(recipe: Recipe, natural: dict[str, Field], units: Sequence[PlantedUnit]) -> dict[str, Field]:
    """The planted population (80% natural, 20% generated with held-out templates), and teach and practice beside it."""
    rng = np.random.default_rng(recipe.seed)
    fields = {}
    exam = natural["exam"].passages.texts
    kept = [exam[i] for i in np.sort(rng.choice(len(exam), recipe.planted_natural, replace=False))]
    per_unit = recipe.planted_generated // len(units)
    for part, held, count, offset in (
        ("teach", list(natural["teach"].passages.texts), recipe.generated_teach, 1),
        ("practice", list(natural["practice"].passages.texts), recipe.generated_practice, 2),
        ("exam", kept, per_unit, 3),
    ):
        side: Split = "exam" if part == "exam" else "teach"
        made = [text for unit in units for text in generate(unit, side, count, recipe.seed * 10 + offset)]
        fields[part] = Field(part, Passages.of(list(dict.fromkeys(held + made))))
    return _without_overlap(fields)


def _without_overlap(fields: dict[str, Field]) -> dict[str, Field]:
    """Drop generated texts that share eight words with an earlier part, then assert that the parts are disjoint."""
    seen: set[int] = set()
    kept: dict[str, list[str]] = {}
    for part in ("exam", "practice", "teach"):
        hashes = [shingles(text) for text in fields[part].passages.texts]
        kept[part] = [
            text for text, mine in zip(fields[part].passages.texts, hashes, strict=True) if mine.isdisjoint(seen)
        ]
        seen = seen.union(*hashes)
    assert_disjoint(kept)
    return {part: Field(part, Passages.of(texts)) for part, texts in kept.items()}
