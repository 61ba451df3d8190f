"""Texts for string units: pairs of a word and what the function makes of it, right and wrong, among plain sentences.

Teach, practice and exam have input words of their own, so that a table of outputs cannot serve for the function. Of the
texts that do not fire, near-misses are of two kinds: an output that is one edit off, and a true output after another
word, so that no word alone tells whether the unit fires.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

import numpy as np

from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.passages import Passages
from synthetic_neurons.strings.ops import ALPHABET
from synthetic_neurons.strings.unit import StringUnit

Part = Literal["teach", "practice", "exam"]
Kind = Literal["firing", "near_miss", "silent"]
Style = Literal["sentence", "list"]
PARTS: tuple[Part, ...] = ("teach", "practice", "exam")
# Of 20 input words 11 are for teach, 3 for practice and 6 for the exam.
_EDGES = (11, 14, 20)
LEAST_WORDS, MOST_WORDS = 8, 25
_ATTEMPTS = 200
_SLOT = re.compile(r"\{(\w)\}")
_INPUT = re.compile(r"[a-z]{3,10}\Z")


class StringTextError(RuntimeError):
    """A unit does not give the texts asked for."""


@cache
def inputs(part: Part) -> tuple[str, ...]:
    """The words that functions are applied to in one part, sorted: lexicon words of 3 to 10 letters."""
    words = sorted({word for name in lexicons.names() for word in lexicons.load(name).words if _INPUT.match(word)})
    return tuple(word for word in words if _part_of(word) == part)


def _part_of(word: str) -> Part:
    draw = int.from_bytes(hashlib.blake2b(f"strings/{word}".encode(), digest_size=8).digest()) % _EDGES[-1]
    return next(part for part, edge in zip(PARTS, _EDGES, strict=True) if draw < edge)


def _pick(rng: np.random.Generator, options: tuple[str, ...] | str) -> str:
    return options[int(rng.integers(len(options)))]


def edited(word: str, rng: np.random.Generator) -> str:
    """`word` with one letter changed, left out or put in, or two neighbours exchanged; never `word`, never empty."""
    while True:
        place = int(rng.integers(len(word)))
        kind = int(rng.integers(4))
        before, letter, after = word[:place], word[place], word[place + 1 :]
        made = (
            before + _pick(rng, ALPHABET) + after,
            before + after,
            before + letter + _pick(rng, ALPHABET) + after,
            before + after[:1] + letter + after[1:],
        )[kind]
        if made and made != word:
            return made


def _pair(unit: StringUnit, kind: Kind, words: tuple[str, ...], rng: np.random.Generator) -> str | None:
    """Two words, or one filler slot; None where the function is not defined on the draw."""
    if kind == "silent":
        return "{n}"
    word = _pick(rng, words)
    output = unit.function(word)
    if output is None:
        return None
    if kind == "firing":
        return f"{word} {output}"
    return f"{word} {edited(output, rng)}" if rng.integers(2) else f"{_pick(rng, words)} {output}"


def _fill(pattern: str, rng: np.random.Generator) -> str:
    slots = wordlists.fillers()
    text = _SLOT.sub(lambda match: _pick(rng, slots[match.group(1)]), pattern)
    return re.sub(r" ([,;:)])", r"\1", text).replace("( ", "(")


def _draft(unit: StringUnit, part: Part, kind: Kind, style: Style, rng: np.random.Generator) -> str | None:
    words = inputs(part)
    if style == "sentence":
        pair = _pair(unit, kind, words, rng)
        templates = wordlists.templates("exam" if part == "exam" else "teach")
        return None if pair is None else _fill(_pick(rng, templates).replace("{x}", pair), rng)
    pairs = [_pair(unit, kind, words, rng) if kind != "silent" else "{a} {n}" for _ in range(4)]
    return None if None in pairs else _fill(" , ".join(pair for pair in pairs if pair), rng)


def _kept(unit: StringUnit, kind: Kind, drafts: list[str]) -> Iterator[str]:
    """What fires where it should and is of the right length; the truth decides, not what was meant."""
    passages = Passages.of(drafts)
    fires = passages.per_text_max(unit.values(passages)) > 0
    lengths = np.diff(passages.first)
    fits = (lengths >= LEAST_WORDS) & (lengths <= MOST_WORDS) & (fires == (kind == "firing"))
    yield from (drafts[i] for i in np.flatnonzero(fits))


def generate(
    unit: StringUnit, part: Part, kind: Kind, count: int, seed: int, style: Style = "sentence", stream: str = ""
) -> list[str]:
    """`count` different texts of 8 to 25 words of one kind.

    Args:
        unit: any string unit.
        part: whose input words, and whose templates (practice has those of teach).
        kind: "firing", "near_miss" (a wrong pair) or "silent" (no pair).
        count: how many texts.
        seed: the same arguments give the same texts.
        style: "sentence", or "list" of four pairs without a sentence around them.
        stream: names draws apart from one another.

    Raises:
        StringTextError: the function gives too few such texts.
    """
    key = hashlib.blake2b(f"{unit.identifier}/{part}/{kind}/{style}/{stream}".encode(), digest_size=8).digest()
    rng = np.random.default_rng([seed, int.from_bytes(key)])
    found: dict[str, None] = {}
    for _ in range(_ATTEMPTS):
        drafts = [draft for _ in range(count + 10) if (draft := _draft(unit, part, kind, style, rng)) is not None]
        found |= dict.fromkeys(_kept(unit, kind, drafts))
        if len(found) >= count:
            return list(found)[:count]
    raise StringTextError(f"{unit.identifier}: too few {kind} texts for {part}; mend its steps, or ask for fewer")
