"""The words that texts for one unit may be made of, and which of them meet given conditions."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

import numpy as np

from synthetic_neurons import lexicons, vocabulary, wordlists
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.predicate import Predicate, Similar, Word
from synthetic_neurons.tables import neighbours
from synthetic_neurons.texts.nearness import lookalikes
from synthetic_neurons.texts.parts import walk

# What a word has to meet: a condition on single words and the value it must have there; 0 is "must not hold".
Wants = Mapping[Predicate, float]
# Marks that sketches set.
MARKS = ("(", ")", "[", "]", '"', ".")
# Conditions that more than this share of all words meet say little about a word; fillers meet them well enough.
LOOSE = 0.2
_EVEN = 0.5
_Key = frozenset[tuple[Predicate, float]]


class NoWord(ValueError):
    """No word of the pool meets the conditions."""


@cache
def _shipped() -> Passages:
    shaped = [word for words in wordlists.shaped().values() for word in words]
    fixed = [word for phrase in _phrases() for word in phrase]
    return Passages.of(sorted({*vocabulary.words(), *shaped, *fixed, *MARKS}))


def _phrases() -> list[tuple[str, ...]]:
    """The fixed words of gaps between a unit's own words."""
    tables = [wordlists.gaps(split, start=start) for split in ("teach", "exam") for start in (False, True)]
    phrases = [phrase for table in tables for each in table.values() for phrase in each]
    return [tuple(word for word in phrase.split() if not word.startswith("{")) for phrase in phrases]


@cache
def _cased() -> Passages:
    """Lower-case words once capitalised and once in capitals, for conditions that no word meets as it ships."""
    lower = [word for word in _shipped().words if word.isalpha() and word.islower() and len(word) > 1]
    return Passages.of([*(word.capitalize() for word in lower), *(word.upper() for word in lower)])


@cache
def _spellings(cased: bool) -> dict[str, list[int]]:
    """Where a word, given in lower case, stands among the shipped or the cased ones."""
    found: dict[str, list[int]] = {}
    for i, word in enumerate((_cased() if cased else _shipped()).words):
        found.setdefault(word.lower(), []).append(i)
    return found


@lru_cache(maxsize=512)
def _values(predicate: Predicate, cased: bool) -> Floats:
    return evaluate(predicate, _cased() if cased else _shipped())


@cache
def _strangers() -> frozenset[str]:
    return frozenset(word for name in lexicons.names() for word in lexicons.load(name).words)


def own_words(predicate: Predicate) -> tuple[str, ...]:
    """The words that a predicate names, as it spells them."""
    found: dict[str, None] = {}
    for _, node in walk(predicate):
        if isinstance(node, Word):
            found.update(dict.fromkeys(node.words))
        if isinstance(node, Similar):
            found.update(dict.fromkeys((node.to, *neighbours().nearest[node.to.lower()])))
    return tuple(found)


class Pool:
    """Shipped words and the unit's own, less the banned ones.

    Attributes:
        fillers: slot letter to words, as in `wordlists.fillers`, less the banned ones.
    """

    def __init__(self, predicates: Iterable[Predicate], banned: frozenset[str]) -> None:
        shipped = set(_shipped().words)
        own = dict.fromkeys(word for predicate in predicates for word in own_words(predicate))
        self._own = Passages.of([word for word in own if word not in shipped and len(Passages.of([word]).words) == 1])
        self._words = {cased: self._all(cased) for cased in (False, True)}
        self._values: dict[Predicate, Floats] = {}
        self._at = {word: i for i, word in enumerate(self._words[False])}
        self._allowed = {cased: np.ones(len(words), dtype=bool) for cased, words in self._words.items()}
        for word in banned:
            for cased, allowed in self._allowed.items():
                allowed[_spellings(cased).get(word, [])] = False
        for i, word in enumerate(self._own.words, len(_shipped().words)):
            self._allowed[False][i] = word.lower() not in banned
        self.fillers = {
            slot: tuple(word for word in words if word not in banned) for slot, words in wordlists.fillers().items()
        }
        self._kept: dict[_Key, tuple[str, ...]] = {}
        self._narrower: dict[tuple[_Key, bool], tuple[str, ...]] = {}

    def _all(self, cased: bool) -> tuple[str, ...]:
        return _cased().words if cased else (*_shipped().words, *self._own.words)

    def values(self, predicate: Predicate, cased: bool = False) -> Floats:
        """float64 [words]: a condition's value on each word of the pool (banned ones too)."""
        if cased:
            return _values(predicate, True)
        if predicate not in self._values:
            self._values[predicate] = np.concatenate([_values(predicate, False), evaluate(predicate, self._own)])
        return self._values[predicate]

    def value(self, predicate: Predicate, word: str) -> float:
        """A condition's value on one word, which is one of the pool's."""
        return float(self.values(predicate)[self._at[word]])

    def levels(self, predicate: Predicate) -> tuple[float, ...]:
        """The values above 0 that a condition takes on allowed words, ascending."""
        values = self.values(predicate)[self._allowed[False]]
        found = np.unique(values[values > 0]).tolist()
        return tuple(found) if found else (1.0,)

    def rows(self, predicates: Sequence[Predicate]) -> Floats:
        """float64 [rows, predicates]: the different rows of values that conditions have on allowed words."""
        both = [np.stack([self.values(each, cased) for each in predicates], axis=1) for cased in (False, True)]
        allowed = np.concatenate([both[cased][self._allowed[cased]] for cased in (False, True)])
        return np.array(sorted(set(map(tuple, allowed.tolist()))))

    def meeting(self, wants: Wants) -> tuple[str, ...]:
        """The allowed words that meet all conditions: as they ship if there are any, else in other case."""
        key = frozenset(wants.items())
        if key not in self._kept:
            self._kept[key] = self._meeting(wants, False) or self._meeting(wants, True)
        return self._kept[key]

    def _meeting(self, wants: Wants, cased: bool) -> tuple[str, ...]:
        good = self._allowed[cased].copy()
        for predicate, value in wants.items():
            good &= self.values(predicate, cased) == value
        hits: Ints = np.flatnonzero(good)
        found = tuple(self._words[cased][i] for i in hits.tolist())
        # Marks that open, close or stop stand where a sketch sets them, and nowhere by chance.
        return found if len(found) == 1 else tuple(word for word in found if word not in MARKS)

    def choose(self, wants: Wants, rng: np.random.Generator, other_than: str = "") -> str:
        """A word that meets all conditions, and is not a given other one.

        Where they say little but what the word must not be, it is one that resembles the forbidden, a word of some
        concept, or a filler.

        Raises:
            NoWord: there is none.
        """
        options = self.meeting(wants)
        if len(options) > LOOSE * len(self._words[False]):
            options = self._resembling(wants, rng) or self._plain(wants, rng.random() < _EVEN) or options
        if other_than:
            options = tuple(word for word in options if word.lower() != other_than.lower())
        if not options:
            raise NoWord(f"no word meets {[(each.to_json(), value) for each, value in wants.items()]}")
        return options[int(rng.integers(len(options)))]

    def _resembling(self, wants: Wants, rng: np.random.Generator) -> tuple[str, ...]:
        """In half the draws, lookalikes of one of the conditions that must not hold; at the highest level alone."""
        forbidden = [each for each, value in wants.items() if value == 0]
        if not forbidden or rng.random() < _EVEN:
            return ()
        near = lookalikes(forbidden[int(rng.integers(len(forbidden)))])
        return () if near is None else self.meeting({**wants, near: 1.0})

    def _plain(self, wants: Wants, strange: bool) -> tuple[str, ...]:
        """Words of concepts, or filler nouns, that meet the conditions."""
        key = frozenset(wants.items()), strange
        if key not in self._narrower:
            among = _strangers() if strange else frozenset(self.fillers["n"])
            self._narrower[key] = tuple(word for word in self.meeting(wants) if word in among)
        return self._narrower[key]
