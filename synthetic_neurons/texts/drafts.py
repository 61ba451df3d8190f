"""Drafts: a sketch's words set into a sentence of the split, gaps filled, marks and articles put right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import numpy as np

from synthetic_neurons import wordlists
from synthetic_neurons.evaluate import Flags, evaluate
from synthetic_neurons.passages import Ints, Passages
from synthetic_neurons.predicate import Place
from synthetic_neurons.texts.neutral import fill
from synthetic_neurons.texts.pool import NoWord, Pool
from synthetic_neurons.texts.witness import Placing, Sketch

Split = Literal["teach", "exam"]
LEAST_WORDS, MOST_WORDS = 8, 25
_X, _WORD = "{x}", re.compile(r"\{\w\}")
_DRESSED = ("the", "{a}", "some", "a")
_TRAILING = ("and {n}", "and a {n}", "of {p}")
_GAP_TRIES = 6
# With this chance a sentence stands before the template's where none is needed.
_OPENED = 0.12
_DRESSED_SHARE, _TRAILED = 0.6, 0.25


@dataclass(frozen=True)
class Layout:
    """The sentence that a sketch is set into.

    Attributes:
        pattern: with {x} where the sketch goes.
        words: how many words it has beside the sketch.
        places: the place in the "text", the "clause" and the "sentence" of the first word that stands at {x}.
        opened: whether another sentence comes first.
    """

    pattern: str
    words: int
    places: dict[str, int]
    opened: bool

    @classmethod
    def of(cls, template: str, opener: str | None) -> "Layout":
        """Counted on the pattern itself."""
        pattern = template if opener is None else f"{opener} . {template}"
        plain = Passages.of([_WORD.sub("w", pattern[: pattern.index(_X)]) + " w"])
        at = len(plain.words) - 1
        places = {"text": at, **{part: _place(part, plain, at) for part in ("clause", "sentence")}}
        return cls(pattern, len(Passages.of([_WORD.sub("w", pattern)]).words) - 1, places, opener is not None)


def _place(part: str, passages: Passages, at: int) -> int:
    """The place of a word in its clause or sentence, asked of the evaluator, the judge of what counts."""
    return next(place for place in range(at + 1) if evaluate(Place(part, place, place), passages)[at] > 0)


class Press:
    """Turns sketches into texts, for one unit and split."""

    def __init__(self, split: Split, pool: Pool, banned: frozenset[str]) -> None:
        def clean(patterns: Sequence[str]) -> tuple[str, ...]:
            fixed = {each: {word.lower() for word in Passages.of([_WORD.sub(" ", each)]).words} for each in patterns}
            return tuple(each for each in patterns if not fixed[each] & banned)

        templates, openers = clean(wordlists.templates(split)), clean(wordlists.openers(split))
        self.pool = pool
        self.layouts = [_layout(template, opener) for template in templates for opener in (None, *openers)]
        self.gaps, self.starts = (
            {length: clean(phrases) for length, phrases in wordlists.gaps(split, start=start).items()}
            for start in (False, True)
        )
        self.before, self.after = clean(_DRESSED), clean(_TRAILING)
        self._opened = np.array([layout.opened for layout in self.layouts])
        self._words = np.array([layout.words for layout in self.layouts])
        self._places = {
            part: np.array([layout.places[part] for layout in self.layouts]) for part in ("text", "clause", "sentence")
        }

    def text(self, sketch: Sketch) -> str:
        """One text.

        Raises:
            NoWord: no words, or no sentence of the split, fit the sketch.
        """
        sketch.slot(0)
        rng, words = sketch.rng, sketch.words()
        if len(words) == 1 and not sketch.placings and self.before and sketch.coin(_DRESSED_SHARE):
            self._dress(words, sketch)
        first, last = min(words), max(words)
        lead = self._lead(words, sketch, first, last)
        lead += self._close(sketch)
        layout = self._layout(sketch, first, len(Passages.of([_WORD.sub("w", lead)]).words))
        return tidy(fill(layout.pattern.replace(_X, lead), lambda slot: self._filler(slot, rng)))

    def _dress(self, words: dict[int, str], sketch: Sketch) -> None:
        """A word before one that stands alone."""
        before = min(words) - 1
        word = fill(_pick(sketch.rng, self.before), lambda slot: self._filler(slot, sketch.rng))
        if sketch.allows(before, lambda banned: self.pool.value(banned, word)):
            words[before] = word

    def _close(self, sketch: Sketch) -> str:
        """What comes after the place: a word or two at times, and the marks that are still open."""
        parts = [_pick(sketch.rng, self.after)] if self.after and sketch.coin(_TRAILED) else []
        return "".join(f" {each}" for each in (*parts, *reversed(sketch.closers)))

    def _lead(self, words: dict[int, str], sketch: Sketch, first: int, last: int) -> str:
        """The words in order, each run of places that nothing is asked of filled by a phrase as long."""
        parts, at = [], first
        while at <= last:
            if at in words:
                parts.append(words[at])
                at += 1
                continue
            end = next(each for each in range(at, last + 1) if each in words)
            parts.append(self._gap(sketch, at, end - at, words[at - 1]))
            at = end
        return " ".join(parts)

    def _gap(self, sketch: Sketch, at: int, length: int, before: str) -> str:
        """A run of so many words, one that bans allow if a few tries find it."""
        run: list[str] = []
        for _ in range(_GAP_TRIES):
            pattern = self._run(sketch, length, start=not before.isalnum())
            run = fill(pattern, lambda slot: self._filler(slot, sketch.rng)).split()
            if all(sketch.allows(at + i, partial(self.pool.value, word=word)) for i, word in enumerate(run)):
                break
        return " ".join(run)

    def _run(self, sketch: Sketch, length: int, start: bool) -> str:
        """A phrase of so many words, or shorter ones with nouns between them."""
        phrases = self.starts if start else self.gaps
        if phrases.get(length):
            return _pick(sketch.rng, phrases[length])
        sizes = tuple(size for size in phrases if size <= length - 2 and phrases[size])
        if not sizes:
            return " ".join(["{n}"] * length)
        size = sketch.draw(sizes)
        rest = self._run(sketch, length - size - 1, start=False)
        return f"{_pick(sketch.rng, phrases[size])} {{n}} {rest}"

    def _filler(self, slot: str, rng: np.random.Generator) -> str:
        return _pick(rng, self.pool.fillers[slot])

    def _layout(self, sketch: Sketch, first: int, length: int) -> Layout:
        total = self._words + length
        fits = (total >= LEAST_WORDS) & (total <= MOST_WORDS)
        for placing in sketch.placings:
            if placing.part == "text" or not any(at < placing.at for at in sketch.breaks):
                fits &= self._placed(placing, first)
        if not sketch.coin(_OPENED) and (fits & ~self._opened).any():
            fits &= ~self._opened
        options = np.flatnonzero(fits)
        if not len(options):
            raise NoWord("no sentence fits")
        return self.layouts[int(options[int(sketch.rng.integers(len(options)))])]

    def _placed(self, placing: Placing, first: int) -> Flags:
        place: Ints = self._places[placing.part] + placing.at - first
        there: Flags = (place >= placing.first) & (place <= (MOST_WORDS if placing.last is None else placing.last))
        return there if placing.on else ~there


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


@cache
def _layout(template: str, opener: str | None) -> Layout:
    return Layout.of(template, opener)


def tidy(text: str) -> str:
    """Marks stand at their words, "a" or "an" as the next letter asks, one article at a time, capitals after a stop."""
    text = re.sub(r"([(\[]) ", r"\1", re.sub(r" ([,;:.?!%)\]…])", r"\1", text))
    text = re.sub(r"\b(?:the|an?|some|any|each) (?=(?:the|an?|some)\b)", "", text)
    text = re.sub(r"\b([Aa])n? (?=\w)", lambda match: f"{match[1]}{_n(match.string[match.end() :])} ", text)
    text = re.sub(r"(?<=[.?!] )([a-z])", lambda match: match.group(1).upper(), text)
    return _quoted(text)


def _n(rest: str) -> str:
    """The "n" of "an", if what follows begins with the sound of a vowel, by simple rules."""
    return "n" if re.match(r"(?!us[eu]|uni(?!m)|util|eu|one)[aeiouAEIO]|hour|hono|heir", rest) else ""


def _quoted(text: str) -> str:
    """Straight quotation marks stand at what they enclose."""
    pieces = text.split('"')
    inside = [piece.strip() if i % 2 and i < len(pieces) - 1 else piece for i, piece in enumerate(pieces)]
    joined = '"'.join(inside)
    return re.sub(r"\s+", " ", joined).strip()
