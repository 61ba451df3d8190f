"""`measure(texts)` for agents: values of units on texts of their own, by words, in forward passes that are shared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.harvest.batches import batches
from benchmark.subjects.batching import LINGER, MOST_TEXTS, Batcher
from benchmark.subjects.catalog import did_you_mean
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.windows import tokenise
from synthetic_neurons.passages import Floats, Ints, Passages

# Of the texts that are measured together, before anybody else's turn comes.
PASS_TOKENS = 4096
# Of one forward pass in float32 on a CPU, padding included: what fits its caches is quickest. Half precision, whose
# kernels pay for being called, and accelerators take all at once.
FORWARD_TOKENS = 512


class MeasureError(UserError):
    """A text cannot be measured; the message says why."""


@dataclass(frozen=True, eq=False)
class TextValues:
    """What all units do on one text, sparse.

    Attributes:
        words: how many words it has.
        word_of: int64 [tokens], the word each token belongs to.
        token, unit, value: the values that are not 0.
    """

    words: int
    word_of: Ints
    token: Ints
    unit: NDArray[np.int32]
    value: NDArray[np.float32]

    def of(self, unit: int, offset: float = 0.0) -> Floats:
        """float64 [words]: one unit's greatest value above `offset` among each word's tokens, less it; else 0."""
        mine, best = self.unit == unit, np.zeros(self.words)
        np.maximum.at(best, self.word_of[self.token[mine]], self.value[mine].astype(np.float64) - offset)
        return best


@dataclass(frozen=True, eq=False)
class TokenisedText:
    """A text that can be measured.

    Attributes:
        ids: its tokens, without special tokens.
        word_of: int64 [tokens], the word each token belongs to.
        words: how many words it has.
    """

    ids: list[int]
    word_of: Ints
    words: int


def tokenised(source: FeatureSource, texts: Sequence[str]) -> list[TokenisedText]:
    """Texts as the subject of `source` takes them.

    Raises:
        MeasureError: one has no words, or more tokens than the subject takes.
    """
    passages = Passages.of(texts)
    words = np.diff(passages.first)
    for text, count in zip(texts, words, strict=True):
        if not count:
            raise MeasureError(f"{text[:40]!r} has no words; mend: leave it out")
    coded = tokenise(passages, source.subject.tokenizer)
    room, base = source.subject.context - len(source.before), np.cumsum([0, *map(len, coded.ids)])
    for text, ids in zip(texts, coded.ids, strict=True):
        if len(ids) > room:
            raise MeasureError(f"{text[:40]!r}… has {len(ids)} tokens, and the subject takes {room}; mend: shorten it")
    return [
        TokenisedText(ids, coded.word_of[base[i] : base[i + 1]] - passages.first[i], int(words[i]))
        for i, ids in enumerate(coded.ids)
    ]


def text_values(source: FeatureSource, texts: Sequence[TokenisedText]) -> list[TextValues]:
    """What the units of `source` do on each of `texts`, in one forward pass."""
    done = source.encode([text.ids for text in texts])
    ends = np.cumsum([0, *(len(text.ids) for text in texts)])
    cuts = np.searchsorted(done.token, ends)
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    return [
        TextValues(text.words, text.word_of, done.token[part] - end, done.unit[part], done.value[part])
        for text, part, end in zip(texts, parts, ends, strict=False)
    ]


class Measurer:
    """Measures texts for many agents of one event loop; each asks about a unit of its own.

    Args:
        source: the subject and its units.
        most: at most so many texts a pass.
        linger: seconds in which callers that were answered together are gathered again.
    """

    def __init__(self, source: FeatureSource, most: int = MOST_TEXTS, linger: float = LINGER) -> None:
        self.source = source
        self._place = {name: i for i, name in enumerate(source.units)}
        before = len(source.before)
        self._batcher: Batcher[TokenisedText, TextValues] = Batcher(
            self._compute, most, linger, lambda text: before + len(text.ids), PASS_TOKENS
        )

    def _compute(self, texts: list[TokenisedText]) -> list[TextValues]:
        """In forward passes over texts of about equal length, so that little of them is padding."""
        subject = self.source.subject
        small = subject.device == "cpu" and subject.spec.dtype == "float32"
        tokens = FORWARD_TOKENS if small else PASS_TOKENS
        found: dict[int, TextValues] = {}
        for group in batches(list(enumerate(texts)), tokens):
            values = text_values(self.source, [text for _, text in group])
            found |= {place: each for (place, _), each in zip(group, values, strict=True)}
        return [found[place] for place in range(len(texts))]

    async def measure(
        self,
        texts: Sequence[str],
        unit: str,
        offset: float = 0.0,
        bill: Callable[[float], None] = lambda seconds: None,
    ) -> list[Floats]:
        """float64 [words] for each text: the unit's value on each word, the greatest among its tokens.

        Args:
            texts: of this caller.
            unit: its name.
            offset: the value above which it fires, which is taken off; what is left is never below 0.
            bill: told of this caller's share of the passes' seconds.

        Raises:
            MeasureError: a text without words or longer than the subject takes, or an unknown unit.
        """
        if unit not in self._place:
            hint = did_you_mean(unit, list(self._place))
            raise MeasureError(f"no unit {unit!r} is measured here: {hint}mend: name one of {len(self._place)}")
        place = self._place[unit]
        found = await self._batcher(tokenised(self.source, texts), bill)
        return [values.of(place, offset) for values in found]

    def close(self) -> None:
        """Let the thread go."""
        self._batcher.close()
