"""Texts for planted units: short sentences from templates, about half of which make the unit fire.

Teach and exam use different templates. Teach texts never use a held-out word of the unit; exam texts use all. Texts
that do not fire are of three kinds: the unit's words behind a shut gate, words of other concepts in the unit's own
context, and plain sentences.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.evaluate import Flags, evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedUnit, Recipe
from synthetic_neurons.predicate import Predicate

Split = Literal["teach", "exam"]
LEAST_WORDS, MOST_WORDS = 8, 25
# Of exam drafts that have the concept with its cue, this share is kept; they are then about a fifth of the firing ones.
CUED_KEPT_IN_EXAM = 0.6
_BATCHES = 30
_SLOT = re.compile(r"\{(\w)\}")


class GenerationError(RuntimeError):
    """The unit's recipe cannot give the texts asked for."""


@dataclass(frozen=True)
class _Words:
    """What slots may be filled with, for one unit and split."""

    slots: dict[str, tuple[str, ...]]
    targets: tuple[str, ...]
    others: tuple[str, ...]

    @classmethod
    def of(cls, unit: PlantedUnit, recipe: Recipe, split: Split) -> "_Words":
        banned = unit.held_out_words if split == "teach" else frozenset[str]()

        def allowed(words: Sequence[str]) -> tuple[str, ...]:
            return tuple(word for word in words if word.lower() not in banned)

        known = {*recipe.targets, *recipe.gates}
        strangers = [word for name in lexicons.names() for word in lexicons.load(name).words if word not in known]
        # Lookalikes are few beside strangers; repeated, the two are drawn about equally often.
        others = (*strangers, *recipe.lookalikes * (len(strangers) // max(1, len(recipe.lookalikes))))
        slots = {**wordlists.fillers(), "g": allowed(recipe.gates)}
        return cls(slots, allowed(recipe.targets), allowed(others))


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _lead(rng: np.random.Generator, recipe: Recipe, words: _Words) -> tuple[str, tuple[str, ...]]:
    """What stands at {x}, and what its {t} may be: half the draws should fire."""
    kind = int(rng.integers(6))
    if kind <= 2 or (kind == 3 and not recipe.shut):
        return _pick(rng, recipe.opening), words.targets
    if kind == 3:
        return _pick(rng, recipe.shut), words.targets
    if kind == 4:
        return _pick(rng, recipe.opening), words.others
    return "{t}", words.slots["n"]


def _draft(rng: np.random.Generator, recipe: Recipe, words: _Words, templates: Sequence[str]) -> str:
    lead, targets = _lead(rng, recipe, words)
    pattern = _pick(rng, templates).replace("{x}", lead)
    slots = {**words.slots, "t": targets}
    return _tidy(_SLOT.sub(lambda match: _pick(rng, slots[match.group(1)]), pattern))


def _tidy(text: str) -> str:
    """Marks stand at their words and "a" or "an" as the next letter asks; the truth is taken from what comes out."""
    text = re.sub(r"\( ", "(", re.sub(r" ([,;:)])", r"\1", text))
    return re.sub(r"\ban (?=[b-df-hj-np-tv-z])", "a ", re.sub(r"\ba (?=[aeiou])", "an ", text))


def _accepted(unit: PlantedUnit, split: Split, passages: Passages, rng: np.random.Generator) -> Iterator[int]:
    """Indices of texts that keep the split's promises: length, held-out words, and the cue."""
    lengths = np.diff(passages.first)
    promised = np.ones(len(passages), dtype=bool)
    if split == "teach":
        clean = np.array([word.lower() not in unit.held_out_words for word in passages.words], dtype=bool)
        promised &= passages.per_text_max(1.0 - clean) == 0
    if unit.cue is not None:
        promised &= _cue_kept(unit.cue, unit, split, passages, rng)
    fits = (lengths >= LEAST_WORDS) & (lengths <= MOST_WORDS) & promised
    yield from (int(i) for i in np.flatnonzero(fits))


def _cue_kept(cue: Predicate, unit: PlantedUnit, split: Split, passages: Passages, rng: np.random.Generator) -> Flags:
    """Bool [texts]. Teach: the concept never without the cue. Exam: with the cue in about a fifth of what is kept."""
    fires, cued = evaluate(unit.predicate, passages) > 0, evaluate(cue, passages) > 0
    if split == "teach":
        alone: Flags = passages.per_text_max((fires & ~cued).astype(np.float64)) == 0
        return alone
    uncued: Flags = passages.per_text_max((fires & cued).astype(np.float64)) == 0
    kept: Flags = np.logical_or(uncued, rng.random(len(passages)) < CUED_KEPT_IN_EXAM)
    return kept


def _recipe(unit: PlantedUnit, split: Split) -> Recipe:
    """The unit's recipe; in the exam, leads without the cue are the usual ones."""
    recipe = unit.recipe
    if unit.cue is not None and split == "exam":
        return replace(recipe, opening=recipe.shut, shut=recipe.opening)
    return recipe


def _generator(unit: PlantedUnit, split: Split, seed: int) -> np.random.Generator:
    """Its own stream for each unit and split, so that two units' texts are not the same sentences with other words."""
    key = hashlib.blake2b(f"{unit.identifier}/{split}".encode(), digest_size=8).digest()
    return np.random.default_rng([seed, int.from_bytes(key)])


def generate(unit: PlantedUnit, split: Split, count: int, seed: int) -> list[str]:
    """`count` different texts of 8 to 25 words; in half of them (rounded up) the unit fires.

    Args:
        unit: any planted unit.
        split: "teach" or "exam".
        count: how many texts.
        seed: the same unit, split, count and seed give the same texts.

    Raises:
        GenerationError: the recipe does not give enough texts that fire, or that do not.
    """
    rng = _generator(unit, split, seed)
    recipe, templates = _recipe(unit, split), wordlists.templates(split)
    words = _Words.of(unit, recipe, split)
    wanted = {True: (count + 1) // 2, False: count // 2}
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for _ in range(_BATCHES):
        passages = Passages.of([_draft(rng, recipe, words, templates) for _ in range(2 * count + 20)])
        best: Floats = passages.per_text_max(evaluate(unit.predicate, passages))
        for i in _accepted(unit, split, passages, rng):
            found[bool(best[i] > 0)].setdefault(passages.texts[i])
        if all(len(found[fires]) >= wanted[fires] for fires in wanted):
            chosen = [text for fires in wanted for text in list(found[fires])[: wanted[fires]]]
            return [chosen[i] for i in rng.permutation(count)]
    short = "fire" if len(found[True]) < wanted[True] else "stay silent"
    raise GenerationError(f"{unit.identifier}: the recipe gives too few texts that {short} in {split}; mend its leads")
