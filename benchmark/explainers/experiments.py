"""Experiments: minimal pairs and counterfactuals cut from exemplars, and the choice of those that tell rules apart."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from benchmark.explainers.report import Report
from benchmark.laboratory import MAX_WORDS, Exemplar
from synthetic_neurons.passages import Floats, Passages, word_spans

FILLER = "thing"
LEAD = ("it", "was", "said", "at", "last", "that", "some", "other")
MOST_SOURCES = 10
MOST_HOSTS = 4
_ENDINGS = ("s", "es", "ed", "ing", "er", "ly", "'s")
_MARKS = frozenset('()"\u201c\u201d')

Read = Callable[[Report, Passages], Floats]
Option = TypeVar("Option")


@dataclass(frozen=True)
class Trial:
    """One text to measure.

    Attributes:
        text: the text.
        kind: the name of the counterfactual.
        change: what was changed, in words.
        source: the text that was changed.
    """

    text: str
    kind: str
    change: str
    source: str = ""


@dataclass(frozen=True)
class Prediction:
    """What two hypotheses say of a trial: the greatest level each expects in the text."""

    trial: Trial
    top: float
    runner_up: float
    difference: float

    def note(self) -> dict[str, Any]:
        """What the journal keeps of it: the window, what was changed in which text, and both predictions."""
        trial = self.trial
        made = {"window": trial.text, "design": trial.kind, "change": trial.change, "source": trial.source}
        return made | {"best": self.top, "rival": self.runner_up}


@dataclass(frozen=True)
class _Site:
    """A word in a text: the place where a firing exemplar peaks, or the middle of a silent one."""

    text: str
    spans: tuple[tuple[int, int], ...]
    at: int

    @classmethod
    def of(cls, exemplar: Exemplar) -> "_Site":
        at = int(exemplar.values.argmax()) if exemplar.peak > 0 else len(exemplar.words) // 2
        return cls(exemplar.text, tuple(word_spans(exemplar.text)), at)

    @property
    def word(self) -> str:
        start, end = self.spans[self.at]
        return self.text[start:end]

    def with_word(self, new: str, at: int | None = None) -> str:
        start, end = self.spans[self.at if at is None else at]
        return self.text[:start] + new + self.text[end:]

    def left(self, words: int) -> str:
        """The word with at most `words` words before it."""
        return self.text[self.spans[max(0, self.at - words)][0] : self.spans[self.at][1]]


def _variants(word: str) -> list[str]:
    """Other inflections and cases of a word."""
    stems = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending) and len(word) > len(ending) + 2]
    forms = [*stems, *(word + ending for ending in _ENDINGS), word.capitalize(), word.upper(), word.lower()]
    return [form for form in dict.fromkeys(forms) if form != word]


def _related(word: str, vocabulary: Sequence[str]) -> list[str]:
    """Words of the exemplars that share a beginning of four letters, or an ending of three."""
    lower = word.lower()
    kin = [each for each in vocabulary if each != lower and (each[:4] == lower[:4] or each[-3:] == lower[-3:])]
    return [each for each in kin if len(each) > 3 and each.isalpha()]


def _context(site: _Site) -> Iterator[Trial]:
    word = site.word
    yield Trial(site.with_word(FILLER), "knockout", f"{word!r} replaced by {FILLER!r}")
    for back in range(1, min(8, site.at) + 1):
        start, end = site.spans[site.at - back]
        text = site.with_word(FILLER, site.at - back)
        yield Trial(text, "context word removed", f"{site.text[start:end]!r}, {back} before {word!r}, replaced")
    for kept in (0, 1, 2, 4, 8):
        yield Trial(site.left(kept), "context cut", f"at most {kept} words kept before {word!r}")
    for added in (2, 4, 8):
        yield Trial(" ".join(LEAD[:added]) + " " + site.text, "moved", f"{added} words put before the text")
        yield Trial(
            site.left(0) + " " + " ".join(LEAD[:added]) + " " + word, "repeated", f"{word!r}, then {added} on again"
        )
    if any(character in _MARKS for character in site.text):
        bare = "".join(character for character in site.text if character not in _MARKS)
        yield Trial(bare, "marks removed", "brackets and quotation marks removed")
    yield Trial(site.with_word(f"({word})"), "bracketed", f"{word!r} put in brackets")
    yield Trial(site.with_word(f'"{word}"'), "quoted", f"{word!r} put in quotation marks")


def _substitutes(site: _Site, vocabulary: Sequence[str]) -> Iterator[Trial]:
    for form in _variants(site.word):
        yield Trial(site.with_word(form), "variant", f"{site.word!r} replaced by its variant {form!r}")
    for other in _related(site.word, vocabulary)[:6]:
        yield Trial(site.with_word(other), "related word", f"{site.word!r} replaced by {other!r}")


def _transplants(site: _Site, hosts: Sequence[_Site]) -> Iterator[Trial]:
    for host in hosts:
        for kept in (0, 1, 2, 4):
            change = f"{site.word!r} with {kept} words before it put into a silent text"
            yield Trial(host.with_word(site.left(kept)), "transplant", change, host.text)


def _sources(exemplars: Sequence[Exemplar]) -> list[_Site]:
    """Firing sites, strongest first, each peak word once before any comes twice."""
    seen: dict[str, int] = defaultdict(int)
    ranked = list[tuple[int, int, _Site]]()
    for index, each in enumerate(sorted((e for e in exemplars if e.peak > 0), key=lambda e: -e.peak)):
        site = _Site.of(each)
        ranked.append((seen[site.word.lower()], index, site))
        seen[site.word.lower()] += 1
    return [site for _, _, site in sorted(ranked, key=lambda entry: entry[:2])][:MOST_SOURCES]


def proposals(exemplars: Sequence[Exemplar], measured: frozenset[str] = frozenset()) -> list[Trial]:
    """Every counterfactual of the strongest firing exemplars that may be measured and was not yet.

    Args:
        exemplars: firing and silent windows.
        measured: texts to leave out.
    """
    vocabulary = sorted({word.lower() for each in exemplars for word in each.words})
    hosts = [_Site.of(each) for each in exemplars if each.peak <= 0 and len(each.words) > 3][:MOST_HOSTS]
    made: dict[str, Trial] = {}
    for site in _sources(exemplars):
        for trial in (*_context(site), *_substitutes(site, vocabulary), *_transplants(site, hosts)):
            made.setdefault(trial.text, trial if trial.source else replace(trial, source=site.text))
    known = measured | {each.text for each in exemplars}
    return [each for each in made.values() if each.text not in known and 0 < len(word_spans(each.text)) <= MAX_WORDS]


def predictions(trials: Sequence[Trial], top: Report, runner_up: Report, read: Read) -> list[Prediction]:
    """What two reports say of each trial; the difference is the greatest over its words."""
    passages = Passages.of([trial.text for trial in trials])
    first, second = read(top, passages), read(runner_up, passages)
    columns = [passages.per_text_max(values) for values in (first, second, np.abs(first - second))]
    return [Prediction(trial, *map(float, row)) for trial, row in zip(trials, zip(*columns, strict=True), strict=True)]


def chosen(options: Sequence[Prediction], limit: int) -> list[Prediction]:
    """Two thirds the trials on which the hypotheses differ most, the rest for exploring; kinds take turns.

    Returns:
        At most `limit` predictions; a trial on which the hypotheses agree is taken only as exploring.
    """
    split = _by_turns([each for each in options if each.difference > 0])[: limit - limit // 3]
    taken = {each.trial.text for each in split}
    rest = _by_turns([each for each in options if each.trial.text not in taken])
    return [*split, *rest[: limit - len(split)]]


def _by_turns(options: Sequence[Prediction]) -> list[Prediction]:
    return by_turns(options, lambda option: option.trial.kind, lambda option: option.difference)


def by_turns(
    options: Sequence[Option], kind: Callable[[Option], str], worth: Callable[[Option], float]
) -> list[Option]:
    """The worthiest of each kind, then the second of each, and so on; equals keep their order."""
    turn: dict[str, int] = defaultdict(int)
    keyed = list[tuple[int, float, int, Option]]()
    for index, each in enumerate(sorted(options, key=lambda option: -worth(option))):
        keyed.append((turn[kind(each)], -worth(each), index, each))
        turn[kind(each)] += 1
    return [entry[3] for entry in sorted(keyed, key=lambda entry: entry[:3])]
