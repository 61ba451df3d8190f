"""The fields of a suite: windows of every part, harvested, and the planted population with its generated texts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.subjects.corpus import wordnet_parts
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.text_sources import Document, documents, fetch
from benchmark.subjects.windows import WINDOW_TOKENS, Window, cut_all, tokenise
from benchmark.suites.fields import Field
from benchmark.suites.recipe import Recipe
from benchmark.units.split import assert_disjoint, shingles
from synthetic_neurons.passages import Passages, word_spans
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.texts.generate import Split, generate

# The exam is used whole; of the others this many documents suffice (about 300 tokens each).
MOST_DOCUMENTS = {"teach": 750, "practice": 900, "calibration": 370, "ood": 1000, "shifted": 280}
# Words of an out-of-distribution window that stand before a generated text.
BEGINNING_WORDS = 8
NATURAL_PARTS = ("teach", "practice", "calibration", "exam")


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


def natural_fields(windows: Mapping[str, Sequence[Window]]) -> dict[str, Field]:
    """Fields of the parts that `natural_windows` cuts, with no unit read yet."""
    return {part: Field(part, Passages.of([window.text for window in some])) for part, some in windows.items()}


def planted_fields(recipe: Recipe, natural: dict[str, Field], units: Sequence[PlantedUnit]) -> dict[str, Field]:
    """The planted population (80% natural, 20% generated with held-out templates), and teach and practice beside it.

    "ood" is the natural one with windows of it into which a generated text is set.
    """
    rng = np.random.default_rng(recipe.seed)
    fields = {}
    exam = natural["exam"].passages.texts
    natural_part = min(recipe.planted_natural, len(exam))
    kept = [exam[i] for i in np.sort(rng.choice(len(exam), natural_part, replace=False))]
    for part, held, made in (
        ("teach", natural["teach"].passages.texts, _generated(units, "teach", recipe.generated_teach, recipe, 1)),
        (
            "practice",
            natural["practice"].passages.texts,
            _generated(units, "teach", recipe.generated_practice, recipe, 2),
        ),
        ("exam", kept, _generated_exam(recipe, units, len(exam))),
    ):
        fields[part] = Field(part, Passages.of(list(dict.fromkeys([*held, *made]))))
    ood = natural["ood"].passages.texts
    made = _generated(units, "teach", recipe.generated_ood, recipe, 4)
    spliced = [f"{_beginning(ood[int(rng.integers(len(ood)))])} {text}" for text in made]
    apart = _without_overlap(fields)
    spliced = _apart_from(spliced, (apart["teach"], apart["exam"]))
    return {**apart, "ood": Field("ood", Passages.of(list(dict.fromkeys([*ood, *spliced]))))}


def _generated(units: Sequence[PlantedUnit], side: Split, count: int, recipe: Recipe, offset: int) -> list[str]:
    return [text for unit in units for text in generate(unit, side, count, recipe.seed * 10 + offset)]


def _generated_exam(recipe: Recipe, units: Sequence[PlantedUnit], windows: int) -> list[str]:
    """The population's generated fifth, each unit's share of it firing as often as the recipe says."""
    # A subject that packs more words into a token has fewer windows; the mixture stays what it is.
    share = min(1.0, windows / recipe.planted_natural)
    count = round(recipe.planted_generated * share) // len(units)
    firing = round(count * recipe.generated_firing)
    drawn = 2 * max(firing, count - firing)
    made: list[str] = []
    for unit in units:
        texts = generate(unit, "exam", drawn, recipe.seed * 10 + 3)
        passages = Passages.of(texts)
        fires = passages.per_text_max(unit.values(passages)) > 0
        chosen = [*np.flatnonzero(fires)[:firing], *np.flatnonzero(~fires)[: count - firing]]
        made += [texts[int(place)] for place in sorted(chosen)]
    return made


def _beginning(text: str) -> str:
    """The first words of a window."""
    spans = word_spans(text)
    return text[: spans[min(BEGINNING_WORDS, len(spans)) - 1][1]] if spans else text


def _apart_from(texts: Sequence[str], others: Sequence[Field]) -> list[str]:
    """The texts that share no eight words with any of the other fields."""
    seen = set[int]().union(*(shingles(text) for field in others for text in field.passages.texts))
    return [text for text in texts if shingles(text).isdisjoint(seen)]


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
