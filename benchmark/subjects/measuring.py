"""`measure(texts)` for agents: values of units on texts of their own, by words, in forward passes that are shared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.subjects.batching import LINGER, MOST_TEXTS, Batcher
from benchmark.subjects.catalog import did_you_mean
from benchmark.subjects.features import FeatureSource
from benchmark.subjects.windows import tokenise
from synthetic_neurons.passages import Floats, Ints, Passages

# Of one forward pass, padding included.
PASS_TOKENS = 4096


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

    def of(self, unit: int) -> Floats:
        """float64 [words]: one unit's greatest value among each word's tokens, 0 where it has none above 0."""
        mine, best = self.unit == unit, np.zeros(self.words)
        np.maximum.at(best, self.word_of[self.token[mine]], self.value[mine].astype(np.float64))
        return best


def text_values(source: FeatureSource, texts: Sequence[str]) -> list[TextValues | Exception]:
    """What the units of `source` do on each of `texts`, or why it cannot be measured.

    Forward passes are of texts of about one length, so that little is padded.
    """
    whole = Passages.of(texts)
    sound = [i for i in range(len(texts)) if whole.first[i + 1] > whole.first[i]]
    found: list[TextValues | Exception] = [MeasureError(f"{text[:40]!r} has no words") for text in texts]
    for i, values in zip(sound, _values(source, [texts[i] for i in sound]), strict=True):
        found[i] = values
    return found


def _values(source: FeatureSource, texts: list[str]) -> list[TextValues | Exception]:
    if not texts:
        return []
    passages = Passages.of(texts)
    coded = tokenise(passages, source.subject.tokenizer)
    room, base = source.subject.context - len(source.before), np.cumsum([0, *map(len, coded.ids)])
    found: list[TextValues | Exception] = [
        MeasureError(f"{text[:40]!r}… has {len(ids)} tokens, and the subject takes {room}; mend: shorten it")
        for text, ids in zip(texts, coded.ids, strict=True)
    ]
    for chosen in _passes([len(ids) for ids in coded.ids], room):
        done = source.encode([coded.ids[i] for i in chosen])
        ends = np.cumsum([0, *(len(coded.ids[i]) for i in chosen)])
        cuts = np.searchsorted(done.token, ends)
        for place, i in enumerate(chosen):
            part = slice(cuts[place], cuts[place + 1])
            found[i] = TextValues(
                int(passages.first[i + 1] - passages.first[i]),
                coded.word_of[base[i] : base[i + 1]] - passages.first[i],
                done.token[part] - ends[place],
                done.unit[part],
                done.value[part],
            )
    return found


def _passes(lengths: list[int], room: int) -> Iterator[list[int]]:
    """Texts that fit, by length, in groups of at most `PASS_TOKENS` with their padding."""
    order = sorted((i for i in range(len(lengths)) if lengths[i] <= room), key=lambda i: lengths[i])
    group: list[int] = []
    for i in order:
        if group and (len(group) + 1) * (lengths[i] + 1) > PASS_TOKENS:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


class Measurer:
    """Measures texts for many agents of one event loop; each asks about a unit of its own.

    Args:
        source: the subject and its units.
        most: at most so many texts a pass.
        linger: seconds in which callers are gathered.
    """

    def __init__(self, source: FeatureSource, most: int = MOST_TEXTS, linger: float = LINGER) -> None:
        self.source = source
        self._place = {name: i for i, name in enumerate(source.units)}
        self._batcher: Batcher[TextValues] = Batcher(self._compute, most, linger)

    def _compute(self, texts: list[str]) -> Sequence[Any]:
        return text_values(self.source, texts)

    async def measure(self, texts: Sequence[str], unit: str) -> list[Floats]:
        """float64 [words] for each text: the unit's value on each word, the greatest among its tokens.

        Raises:
            MeasureError: a text without words or longer than the subject takes, or an unknown unit.
        """
        if unit not in self._place:
            hint = did_you_mean(unit, list(self._place))
            raise MeasureError(f"no unit {unit!r} is measured here: {hint}mend: name one of {len(self._place)}")
        return [values.of(self._place[unit]) for values in await self._batcher(texts)]

    def close(self) -> None:
        """Let the thread go."""
        self._batcher.close()
