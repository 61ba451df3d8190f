"""Texts of a superposed world in three parts: what the SAE learns from, what claims are fitted to, what is reported.

They are generated (templates and words of teach for training, of the exam for the other two) and windows of WordNet
from a shipped suite's teach part, split by near-duplicate groups. No part shares an eight-word run with a later one.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

from benchmark.subjects.superposed.concepts import AFFIXES, own_words, wider
from benchmark.suites.suite import load
from benchmark.units.split import shingles, split
from synthetic_neurons import lexicons
from synthetic_neurons.families.family import held_out_words
from synthetic_neurons.planted import PlantedClaim, PlantedUnit
from synthetic_neurons.predicate import Predicate, Prefix, Shape, Suffix, Word
from synthetic_neurons.texts.generate import Split, generate

Part = Literal["train", "fit", "report"]
PARTS: tuple[Part, ...] = ("train", "fit", "report")
_SHARES: Mapping[str, float] = {"train": 0.6, "fit": 0.2, "report": 0.2}
_SOURCE: Mapping[Part, Split] = {"train": "teach", "fit": "exam", "report": "exam"}
SUITE = "embedded-1"


def writers() -> tuple[PlantedUnit, ...]:
    """Units whose generated texts hold the concepts' words: one a lexicon, wider concept, affix, and for capitals."""
    found: list[tuple[str, Predicate]] = [(name, _of_lexicon(name)) for name in lexicons.names()]
    found += [(f"affix{affix}", _of_affix(affix)) for affix in AFFIXES]
    found += [("capitalised", Shape("capitalised"))]
    found += [(name, Word(own_words(name), name)) for name in wider()]
    return tuple(_unit(name, predicate) for name, predicate in found)


def _of_lexicon(name: str) -> Predicate:
    found = lexicons.load(name)
    return Word(found.words, found.description)


def _of_affix(written: str) -> Predicate:
    return Suffix(written.strip("-")) if written.startswith("-") else Prefix(written.strip("-"))


def _unit(name: str, predicate: Predicate) -> PlantedUnit:
    claims = (PlantedClaim.of(predicate),)
    return PlantedUnit(f"superposed-{name}", "superposed", predicate, claims, held_out_words(predicate))


def _natural(seed: int) -> dict[str, list[str]]:
    """Windows of the suite's teach sets, in a fixed order, by part."""
    suite = load(SUITE)
    texts = sorted({each.text for unit in suite.units if unit.tier == "found" for each in suite.exemplars(unit)})
    home = split({str(i): text for i, text in enumerate(texts)}, _SHARES, seed)
    return {part: [text for i, text in enumerate(texts) if home[str(i)] == part] for part in PARTS}


def _unseen(texts: Iterable[str], seen: set[int]) -> list[str]:
    """Those without an eight-word run in `seen`, which takes up all of them at the end."""
    kept = [text for text in dict.fromkeys(texts) if seen.isdisjoint(shingles(text))]
    seen.update(*map(shingles, kept))
    return kept


def texts(seed: int, a_writer: int) -> dict[Part, list[str]]:
    """All three parts.

    Args:
        seed: of generation and split.
        a_writer: generated training texts a writer; the other parts have a quarter of it.
    """
    natural, seen = _natural(seed), set[int]()
    found: dict[Part, list[str]] = {}
    for number, part in enumerate(PARTS):
        count = a_writer if part == "train" else max(4, a_writer // 4)
        drawn = (text for unit in writers() for text in generate(unit, _SOURCE[part], count, 10 * seed + number))
        found[part] = _unseen([*drawn, *natural[part]], seen)
    return found


def digest(parts: Mapping[Part, list[str]]) -> str:
    """One hash of all texts, so that a set says what it was made of."""
    running = hashlib.blake2b(digest_size=16)
    for part in PARTS:
        for text in parts[part]:
            running.update(f"{part}\t{text}\n".encode())
    return running.hexdigest()
