"""What evaluation needs of the texts alone, worked out once a corpus: numbers of words, shapes, marks, parts, pairs.

Everything takes time linear in the number of words, up to a sort, whatever the words are.
"""

import string
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats, Ints, Passages
from synthetic_neurons.predicate import SHAPES
from synthetic_neurons.tables import TENTHS, Scale, scale

Flags = NDArray[np.bool_]
_LAST = chr(0x10FFFF)
# +1 opens, -1 closes, 0 closes what is open and opens otherwise.
STEPS = {
    "parentheses": {"(": 1, ")": -1},
    "brackets": {"[": 1, "]": -1},
    "quotes": {"\u201c": 1, "\u201d": -1, '"': 0},
}
PUNCTUATION = frozenset(string.punctuation) | frozenset("\u201c\u201d\u2018\u2019\u00ab\u00bb\u2013\u2014\u2026")
ENDS = {"sentence": frozenset(".?!"), "clause": frozenset(".?!,;:-\u2013")}
BREAKING = "\u2014"


def shape_of(word: str) -> str:
    """The one shape of a word, from ASCII tables alone (so that no Unicode version can change planted truth).

    `digit`: has a digit. `punctuation`: has no ASCII letter or digit. `lower`: no capital. `capitalised`: a capital,
    then none ("A", "Paris", "X-ray"). `upper`: two or more letters, all capitals. `mixed`: anything else ("McCoy").
    """
    if any(c in string.digits for c in word):
        return "digit"
    letters = [c for c in word if c in string.ascii_letters]
    if not letters:
        return "punctuation"
    capitals = sum(c in string.ascii_uppercase for c in letters)
    if capitals == 0:
        return "lower"
    if capitals == 1 and word[0] in string.ascii_uppercase:
        return "capitalised"
    return "upper" if capitals == len(letters) else "mixed"


def _beginning(words: list[str], text: str) -> slice:
    """The run of sorted `words` that begin with `text` and are longer."""
    start = bisect_left(words, text)
    return slice(start + (start < len(words) and words[start] == text), bisect_left(words, text + _LAST))


class WordIndex:
    """One corpus. Holds arrays only, so that the passages can be freed.

    Attributes:
        lower: the distinct words in lower case, sorted; `number` has each one's place there.
        lower_of: int64 [words], each word's number.
        shape_of: int64 [words], each word's place in `SHAPES`.
        text_of, place: as in `Passages`.
        begin: int64 [words], the index of the first word of each word's text.
    """

    def __init__(self, passages: Passages) -> None:
        vocabulary = passages.vocabulary
        lowered = [word.lower() for word in vocabulary]
        self.lower: list[str] = sorted(set(lowered))
        self.number = {word: i for i, word in enumerate(self.lower)}
        by_type = np.array([self.number[word] for word in lowered], dtype=np.int64)
        self.lower_of: Ints = by_type[passages.type_of]
        shapes = np.array([SHAPES.index(shape_of(word)) for word in vocabulary], dtype=np.int64)
        self.shape_of: Ints = shapes[passages.type_of]
        self.text_of, self.place = passages.text_of, passages.place
        self.begin: Ints = np.arange(len(self.place)) - self.place
        self._gap: Flags = self._gaps(passages)
        self._kept: dict[str, NDArray[np.int64]] = {}

    @staticmethod
    def _gaps(passages: Passages) -> Flags:
        """Bool [words]: white space stands before the word, and a word of its text before that."""
        gap = np.zeros(len(passages.words), dtype=bool)
        gap[1:] = (passages.start[1:] > passages.end[:-1]) & (passages.place[1:] > 0)
        return gap

    def _once(self, key: str, make: Callable[[], Ints]) -> Ints:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    # Single words: a value for each distinct lower-cased word, gathered.

    def gather(self, numbers: Ints | list[int]) -> Floats:
        """float64 [words]: 1 where the lower-cased word has one of `numbers`."""
        hit = np.zeros(len(self.lower))
        hit[numbers] = 1.0
        return hit[self.lower_of]

    def levels(self, tenths: dict[str, int]) -> Floats:
        """float64 [words]: each lower-cased word's level in `tenths` as a part of 1; 0 where it has none."""
        level = np.zeros(len(self.lower))
        for word, each in tenths.items():
            if word in self.number:
                level[self.number[word]] = each / TENTHS
        return level[self.lower_of]

    def beginning(self, text: str) -> Ints:
        """The numbers of the words that begin with `text` and are longer."""
        return np.arange(len(self.lower))[_beginning(self.lower, text)]

    def ending(self, text: str) -> Ints:
        """The numbers of the words that end with `text` and are longer."""
        words, numbers = self._backward
        return numbers[_beginning(words, text[::-1])]

    def holding(self, text: str) -> list[int]:
        """The numbers of the words that have `text` within them, with something before and after it."""
        return [number for number, word in enumerate(self.lower) if text in word[1:-1]]

    @cached_property
    def _backward(self) -> tuple[list[str], Ints]:
        """The lower-cased vocabulary spelt backwards, sorted, and each entry's number in `lower`."""
        pairs = sorted((word[::-1], i) for i, word in enumerate(self.lower))
        return [word for word, _ in pairs], np.array([i for _, i in pairs], dtype=np.int64)

    def scaled(self, name: str) -> Floats:
        """float64 [words]: each word's level on a scale, as a part of 1."""
        found: Scale = scale(name)
        tenths = self._once(name, lambda: np.array([found.level(word) for word in self.lower], dtype=np.int64))
        return tenths[self.lower_of] / TENTHS

    # Earlier words of the same text.

    @cached_property
    def repeats(self) -> Floats:
        """float64 [words]: 1 where the same lower-cased word stands earlier in the text."""
        return self._again(self.lower_of, np.ones(len(self.lower_of), dtype=bool))

    @cached_property
    def repeated_pairs(self) -> Floats:
        """float64 [words]: 1 where the previous word and this one stood side by side earlier in the text."""
        pair = np.zeros_like(self.lower_of)
        pair[1:] = self.lower_of[:-1] * len(self.lower) + self.lower_of[1:]
        return self._again(np.unique(pair, return_inverse=True)[1], self.place > 0)

    def _again(self, number: Ints, among: Flags) -> Floats:
        """float64 [words]: 1 where an earlier word of the text has the same number; both are `among`."""
        where = np.flatnonzero(among)
        key = self.text_of[where] * (number.max(initial=0) + 1) + number[where]
        order = np.argsort(key, kind="stable")
        again = np.zeros(len(number))
        again[where[order[1:]]] = key[order[1:]] == key[order[:-1]]
        return again

    def earlier(self, hit: Flags) -> Ints:
        """int64 [words]: how many of the earlier words of the text are `hit`."""
        before: Ints = np.cumsum(hit) - hit
        counts: Ints = before - before[self.begin]
        return counts

    # Marks that open and close.

    def inside(self, mark: str) -> Floats:
        """float64 [words]: 1 between an open mark and its close."""
        before, after = self._open((mark,))
        return ((before > 0) & (after > 0)).astype(np.float64)

    def depth(self, marks: tuple[str, ...]) -> Ints:
        """int64 [words]: how many of these marks are open; 0 on the marks themselves."""
        return np.where(self.among(word for mark in marks for word in STEPS[mark]), 0, self._open(marks)[1])

    def _open(self, marks: tuple[str, ...]) -> tuple[Ints, Ints]:
        """int64 [words] each: how many marks are open before the word, and after it."""
        after = self._once(f"open {marks}", lambda: self._opened(marks))
        before = np.zeros_like(after)
        before[1:] = after[:-1] * (self.place[1:] > 0)
        return before, after

    def _opened(self, marks: tuple[str, ...]) -> Ints:
        """One pass over the marks, which are few; the words up to the next mark share the state of the last."""
        steps = {word: step for mark in marks for word, step in STEPS[mark].items()}
        known = {self.number[word]: step for word, step in steps.items() if word in self.number}
        places = np.flatnonzero(self.among(steps))
        texts, numbers = self.text_of[places].tolist(), self.lower_of[places].tolist()
        level, text, levels = 0, -1, []
        for here, number in zip(texts, numbers, strict=True):
            level, step = level if here == text else 0, known[number]
            level, text = (1 - min(level, 1)) if step == 0 else max(0, level + step), here
            levels.append(level)
        at_mark = np.zeros(len(self.place), dtype=np.int64)
        at_mark[places] = levels
        last = self.last(self.among(steps))
        return np.where(last >= self.begin, at_mark[last], 0)

    # Sentences and clauses.

    def place_in(self, part: str) -> Ints:
        """int64 [words]: each word's place in its clause or sentence, from 0."""
        begins = self._once(part, lambda: self.last(self._begins(part)))
        return np.arange(len(begins)) - begins

    def _begins(self, part: str) -> Flags:
        """Bool [words]: a clause or sentence begins here; see `Place`."""
        plain = ~self.among(PUNCTUATION)
        since = np.maximum(self._before(plain), self.begin - 1)
        gap = self.last(self._gap)
        # The last mark before the last white space; both have to be later than the plain word before.
        stopped: Flags = np.where(gap >= 0, self._before(self.among(ENDS[part]))[gap], -1) > since
        if part == "clause":
            stopped |= self._before(self.among(BREAKING)) > since
        begins: Flags = (plain & stopped) | (self.place == 0)
        return begins

    def among(self, words: Iterable[str]) -> Flags:
        """Bool [words]: the word is one of these, in lower case."""
        hit = np.zeros(len(self.lower), dtype=bool)
        hit[[self.number[word] for word in words if word in self.number]] = True
        found: Flags = hit[self.lower_of]
        return found

    @staticmethod
    def last(hit: Flags) -> Ints:
        """int64 [words]: the last hit at or before each word, of any text; -1 where there is none."""
        return np.maximum.accumulate(np.where(hit, np.arange(len(hit)), -1))

    def _before(self, hit: Flags) -> Ints:
        """int64 [words]: the last hit before each word, of any text; -1 where there is none."""
        last = np.full(len(hit), -1, dtype=np.int64)
        last[1:] = self.last(hit)[:-1]
        return last
