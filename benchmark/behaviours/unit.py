"""A behaviour stated as a question, with the pairs of prompts on which it is taught and examined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.errors import UserError

Tier = Literal["planted", "null", "found", "own"]
SLOT = "{}"
# Pairs of teach, and of the exam, where no other number is asked for.
MOST_PAIRS, EXAM_PAIRS = 8, 6
FEWEST_PAIRS = 3


class BehaviourError(UserError):
    """A behaviour is not stated as it has to be; the message names the mend."""


@dataclass(frozen=True)
class Pair:
    """A minimal pair: two prompts that differ in what is asked about, and two words that may follow.

    Attributes:
        prompt: does not end in white space.
        twin: its counterpart; None where the question is of one prompt alone.
        x, y: the words, without the blank before them.
    """

    prompt: str
    twin: str | None
    x: str
    y: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The prompt, and the twin if there is one."""
        return (self.prompt,) if self.twin is None else (self.prompt, self.twin)


@dataclass(frozen=True)
class Wording:
    """Templates with one slot and what fills it; either may be two strings, for the prompt and for its twin."""

    templates: tuple[tuple[str, str], ...]
    fillers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, templates: Sequence[str | Sequence[str]], fillers: Sequence[str | Sequence[str]]) -> "Wording":
        """From strings, or pairs of them."""
        return cls(tuple(map(_two, templates)), tuple(map(_two, fillers)))

    def pairs(self, x: str, y: str, seed: int, most: int = MOST_PAIRS) -> tuple[Pair, ...]:
        """At most so many pairs, every template and every filler about equally often.

        Raises:
            BehaviourError: a template has no slot.
        """
        for template in self.templates:
            if any(each.count(SLOT) != 1 for each in template):
                raise BehaviourError(f"the template {template[0]!r} has not one slot; mend: write {SLOT} once")
        order = np.random.default_rng(seed).permutation(len(self.fillers)).tolist()
        times = len(self.templates)
        # Along the diagonals, so that every combination is met once and neighbours share neither.
        places = [(i % times, (i // times + i % times) % len(order)) for i in range(times * len(order))]
        return tuple(_filled(self.templates[t], self.fillers[order[f]], x, y) for t, f in places[:most])


def _two(value: str | Sequence[str]) -> tuple[str, str]:
    if isinstance(value, str):
        return value, value
    if len(value) != 2 or not all(isinstance(each, str) for each in value):
        raise BehaviourError(f"{value!r} is neither a text nor two; mend: give [of the prompt, of its twin]")
    return value[0], value[1]


def _filled(template: tuple[str, str], filler: tuple[str, str], x: str, y: str) -> Pair:
    prompt, twin = (each.replace(SLOT, word) for each, word in zip(template, filler, strict=True))
    return Pair(prompt, None if twin == prompt else twin, x, y)


@dataclass(frozen=True)
class BehaviourUnit:
    """One behaviour.

    Attributes:
        identifier: its name.
        tier: planted, null, found, or a user's own.
        kind: preference, stereotype, trigger phrase, and so on.
        question: in words.
        teach: pairs that an explainer sees.
        exam: pairs that it does not.
    """

    identifier: str
    tier: Tier
    kind: str
    question: str
    teach: tuple[Pair, ...]
    exam: tuple[Pair, ...]

    def __post_init__(self) -> None:
        for name, pairs in (("teach", self.teach), ("exam", self.exam)):
            if len(pairs) < FEWEST_PAIRS:
                raise BehaviourError(
                    f"{self.identifier}: {len(pairs)} {name} pairs; mend: give templates and fillers for at least "
                    f"{FEWEST_PAIRS}"
                )
            _once(pairs, f"{self.identifier}, {name}")
        _sound([*self.teach, *self.exam], self.identifier)
        taught = {_plain(text) for pair in self.teach for text in pair.texts}
        shared = sorted(taught & {_plain(text) for pair in self.exam for text in pair.texts})
        if shared:
            raise BehaviourError(f"{self.identifier}: {shared[0]!r} is in teach and in exam; mend: use it in one")

    @property
    def paired(self) -> bool:
        """Whether its prompts have twins."""
        return self.teach[0].twin is not None


def _once(pairs: Sequence[Pair], where: str) -> None:
    """No pair twice: the t-test over pairs would take it for two."""
    seen = set()
    for pair in pairs:
        texts = tuple(map(_plain, pair.texts))
        if texts in seen:
            raise BehaviourError(f"{where}: the pair of {pair.prompt!r} is given twice; mend: leave one out")
        seen.add(texts)


def _sound(pairs: Sequence[Pair], name: str) -> None:
    if len({pair.twin is None for pair in pairs}) > 1:
        raise BehaviourError(
            f"{name}: some prompts have a twin and some have none; mend: give all of them one, or none"
        )
    for pair in pairs:
        for text in pair.texts:
            if not text or text != text.strip():
                raise BehaviourError(f"{name}: the prompt {text!r} begins or ends in white space; mend: end in a word")
        if pair.twin is not None and _plain(pair.twin) == _plain(pair.prompt):
            raise BehaviourError(f"{name}: the twin of {pair.prompt!r} is the same; mend: give another, or none to any")
        if pair.x == pair.y or not pair.x or not pair.y:
            raise BehaviourError(f"{name}: x={pair.x!r} and y={pair.y!r} are to be two words; mend: correct them")


def worded(
    identifier: str,
    tier: Tier,
    kind: str,
    question: str,
    words: tuple[str, str],
    teach: Wording,
    exam: Wording,
    seed: int = 0,
    most: tuple[int, int] = (MOST_PAIRS, EXAM_PAIRS),
) -> BehaviourUnit:
    """A unit from templates and fillers, neither of which teach and exam may have in common.

    Args:
        identifier: as of `BehaviourUnit`.
        tier: likewise.
        kind: likewise.
        question: likewise.
        words: x and y.
        teach: its templates and fillers.
        exam: likewise.
        seed: of the order of fillers.
        most: pairs of teach, and of the exam.

    Raises:
        BehaviourError: they have some in common, or make too few pairs.
    """
    for name in ("templates", "fillers"):
        mine, theirs = ({_plain(text) for two in getattr(part, name) for text in two} for part in (teach, exam))
        if shared := sorted(mine & theirs):
            raise BehaviourError(
                f"{identifier}: teach and exam share the {name.removesuffix('s')} {shared[0]!r}; mend: use it in one"
            )
    x, y = words
    taught, examined = teach.pairs(x, y, seed, most[0]), exam.pairs(x, y, seed, most[1])
    return BehaviourUnit(identifier, tier, kind, question, taught, examined)


def turned(unit: BehaviourUnit, seed: int) -> BehaviourUnit:
    """A null of it: x and y change places on half of the pairs of either part, so that no answer is consistent."""
    rng = np.random.default_rng(seed)

    def some(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
        chosen = set(rng.permutation(len(pairs))[: len(pairs) // 2].tolist())
        return tuple(
            Pair(each.prompt, each.twin, each.y, each.x) if i in chosen else each for i, each in enumerate(pairs)
        )

    name = f"{unit.identifier}_turned"
    return BehaviourUnit(name, "null", f"{unit.kind}, words in turn", unit.question, some(unit.teach), some(unit.exam))


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
