"""What a sampled reader reads: few units, few own items with a marked word each, few strangers (METHOD.md section 3).

A reader that costs money or minutes an item cannot sit the whole pool. Its paper is drawn beforehand, from the suite
and a seed alone, so that every explainer's report on a unit meets the same items, and so do the unit's strangers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.exam.items import STRATA, Items, Stratum
from synthetic_neurons.passages import Floats, Ints, Passages

LEAST_UNITS = 12
LEAST_NULLS = 3
PER_STRATUM = 14
STRANGERS = 6
# As many as the headline of a pool takes (METHOD.md section 4); the few strangers are drawn among them.
NEAREST = 99

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Marked:
    """One window with one marked word.

    Attributes:
        text: the window.
        span: where the marked word begins and ends in it, in characters.
        value: the unit's value on the marked word.
        stratum: the window's; "firing" exactly where the unit fires somewhere in it.
    """

    text: str
    span: tuple[int, int]
    value: float
    stratum: Stratum

    @property
    def word(self) -> str:
        """The marked word."""
        return self.text[slice(*self.span)]


@dataclass(frozen=True)
class Sheet:
    """One unit's items, in an order that tells nothing of their strata.

    Attributes:
        marked: a window each, 14 : 14 : 14 by default; a firing window's marked word fires. For simulation (a level for
            the marked word) and detection (does any word of the window fire).
        doubtful: for fuzzing (is the marked word the one): the same firing windows twice, once with the word of
            `marked` and once with a silent word, and the near misses. The window alone does not tell which is right.
    """

    marked: tuple[Marked, ...]
    doubtful: tuple[Marked, ...]


@dataclass(frozen=True, eq=False)
class Strangers:
    """The reports of others that are read on a unit's items.

    Attributes:
        indices: int64, places in the bank.
        largest_distance: between the unit's log firing rate and what a stranger predicts, in standard deviations of
            the bank.
    """

    indices: Ints
    largest_distance: float


def marked_places(items: Sequence[Marked], passages: Passages) -> list[int]:
    """Where each item's marked word stands among all words of some texts, which hold the items' windows."""
    row = {text: place for place, text in enumerate(passages.texts)}
    return [_place(item, row[item.text], passages) for item in items]


def _place(item: Marked, row: int, passages: Passages) -> int:
    begin, end = int(passages.first[row]), int(passages.first[row + 1])
    return begin + int(np.flatnonzero(passages.start[begin:end] == item.span[0])[0])


def generator(seed: int, *names: str) -> np.random.Generator:
    """A generator for one named draw."""
    digest = hashlib.blake2b("/".join((str(seed), *names)).encode(), digest_size=8).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest)))


def draw_units(met: Mapping[str, int], count: int, seed: int) -> list[str]:
    """The units to read: those that most explainers have met first, among these at random.

    Args:
        met: identifier to the number of explainers that were asked about it.
        count: how many; all if there are fewer.
        seed: of the draw.
    """
    return sorted(met, key=lambda name: (-met[name], generator(seed, "unit", name).random()))[:count]


def draw_sheet(items: Items, identifier: str, seed: int, per_stratum: int = PER_STRATUM) -> Sheet:
    """One unit's sheet from its own items.

    Firing windows are spread over the range of activation, and a firing word of each is drawn. The near miss marks a
    word that fires elsewhere on the sheet if the window has one, else the word most like such a word in length and
    case, so that not the look of the marked word gives the answer. Of a silent window any word is drawn.

    Args:
        items: the unit's own items.
        identifier: the unit.
        seed: of the draw.
        per_stratum: windows of each stratum; all where there are fewer.
    """
    rng = generator(seed, "sheet", identifier)
    windows = {stratum: _windows(items, stratum, per_stratum, rng) for stratum in STRATA}
    firing = [_mark(items, w, _pick(_words(items, w, fires=True), rng)) for w in windows["firing"]]
    triggers = [each.word for each in firing]
    near = [_mark(items, w, _alike(items, w, triggers, rng)) for w in windows["near_miss"]]
    silent = [_mark(items, w, _pick(_words(items, w, fires=False), rng)) for w in windows["silent"]]
    wrong = [
        _mark(items, w, _pick(words, rng)) for w in windows["firing"] if len(words := _words(items, w, fires=False))
    ]
    return Sheet(_shuffled([*firing, *near, *silent], rng), _shuffled([*firing, *wrong, *near], rng))


def draw_strangers(
    allowed: Bools, features: Floats, texts: Sequence[str], rate: float, count: int, rng: np.random.Generator
) -> Strangers:
    """Strangers of one unit: among the reports that predict a firing rate nearest to the unit's, one of each length.

    The 99 nearest are put in order of length and cut into `count` parts, of which each gives one at random.

    Args:
        allowed: bool [reports], the null bank's mask on the unit.
        features: float64 [reports, 2], log predicted firing rate and log length.
        texts: the reports; of those with one text the first is taken.
        rate: the unit's own firing rate.
        count: how many; fewer where the bank allows fewer.
        rng: of the draw.
    """
    first = np.zeros(len(texts), dtype=bool)
    first[list({text: place for place, text in reversed(list(enumerate(texts)))}.values())] = True
    usable = np.flatnonzero(allowed & first)
    if not len(usable):
        return Strangers(usable.astype(np.int64), 0.0)
    spread = float(features[usable, 0].std()) or 1.0
    distance = np.abs(features[:, 0] - np.log(max(rate, 1e-9))) / spread
    near = usable[np.argsort(distance[usable], kind="stable")[:NEAREST]]
    by_length = near[np.argsort(features[near, 1], kind="stable")]
    parts = [part for part in np.array_split(by_length, count) if len(part)]
    chosen = np.array([part[rng.integers(len(part))] for part in parts], dtype=np.int64)
    return Strangers(chosen, float(distance[chosen].max()))


def _windows(items: Items, stratum: Stratum, count: int, rng: np.random.Generator) -> list[int]:
    """Places of the windows of one stratum to take."""
    here = np.array([place for place, name in enumerate(items.strata) if name == stratum], dtype=np.int64)
    if len(here) <= count:
        return [int(each) for each in here]
    if stratum != "firing":
        return [int(each) for each in rng.permutation(here)[:count]]
    peak = items.passages.per_text_max(items.values)[here]
    order = here[np.argsort(-peak, kind="stable")]
    return [int(each) for each in order[np.linspace(0, len(order) - 1, count).round().astype(int)]]


def _words(items: Items, window: int, *, fires: bool) -> Ints:
    """Places, among all words of the items, of a window's words that fire or that are silent."""
    begin, end = int(items.passages.first[window]), int(items.passages.first[window + 1])
    return begin + np.flatnonzero((items.values[begin:end] > 0) == fires)


def _pick(words: Ints, rng: np.random.Generator) -> int:
    return int(words[rng.integers(len(words))])


def _alike(items: Items, window: int, triggers: Sequence[str], rng: np.random.Generator) -> int:
    """The silent word of a window that looks most like a word that fires; among equals any."""
    known = {word.lower() for word in triggers}
    words = [int(each) for each in rng.permutation(_words(items, window, fires=False))]
    model = triggers[int(rng.integers(len(triggers)))] if triggers else ""

    def unlike(place: int) -> tuple[bool, bool, bool, int]:
        word = items.passages.words[place]
        same = word[:1].isalpha() == model[:1].isalpha(), word[:1].isupper() == model[:1].isupper()
        return (word.lower() not in known, not same[0], not same[1], abs(len(word) - len(model)))

    return min(words, key=unlike)


def _mark(items: Items, window: int, word: int) -> Marked:
    span = int(items.passages.start[word]), int(items.passages.end[word])
    return Marked(items.passages.texts[window], span, float(items.values[word]), items.strata[window])


def _shuffled(items: list[Marked], rng: np.random.Generator) -> tuple[Marked, ...]:
    return tuple(items[place] for place in rng.permutation(len(items)))
