"""Witnesses: words laid around a place of a text so that a predicate has a wanted value there.

A `Sketch` holds places relative to the one where the predicate is to be on or off: 0 is that word, -1 the one before.
`want` asks for what a predicate needs, part by part. It may leave something to luck or ask for what cannot be; whoever
makes texts from sketches takes the truth from the evaluator and drops what came out otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np

from synthetic_neurons.predicate import (
    Always,
    And,
    Count,
    Depth,
    Induction,
    Inside,
    Never,
    Not,
    Or,
    Place,
    Position,
    Predicate,
    Previous,
    Repeats,
    Scaled,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.texts.neutral import word_share
from synthetic_neurons.texts.parts import LEXICAL, Path, is_graded
from synthetic_neurons.texts.pool import NoWord, Pool

# Conditions that hold on more than this share of neutral words have to be kept away word by word.
USUAL = 0.08
FARTHEST = 9
MOST_BACK = 24
LONGEST_LIST = 8
_BREAKS = {"clause": (",", ";"), "sentence": (".",)}
_ANY_BREAK = Word((",", ";", ":", ".", "?", "!", "-", "—"))
_OPENERS = {"parentheses": ("(", ")"), "brackets": ("[", "]"), "quotes": ('"', '"')}


@dataclass
class Slot:
    """One word to be chosen; two places may share it, and are then the same word."""

    wants: dict[Predicate, float] = field(default_factory=dict)

    def add(self, predicate: Predicate, value: float) -> None:
        """One more condition; `NoWord` if it denies an earlier one."""
        if self.wants.setdefault(predicate, value) != value:
            raise NoWord(f"{predicate.to_json()} both ways")


@dataclass(frozen=True)
class Placing:
    """Where a place of the sketch has to be (or not to be) in the "text", the "clause" or the "sentence"."""

    part: str
    at: int
    first: int
    last: int | None
    on: bool


@dataclass
class Sketch:
    """What is asked of the words around a place."""

    pool: Pool
    rng: np.random.Generator
    asked: dict[tuple[int, Predicate], bool] = field(default_factory=dict)
    slots: dict[int, Slot] = field(default_factory=dict)
    bans: list[tuple[int, int, Predicate]] = field(default_factory=list)
    twins: list[tuple[int, int]] = field(default_factory=list)
    placings: list[Placing] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    closers: list[str] = field(default_factory=list)

    def coin(self, chance: float = 0.5) -> bool:
        """True with this chance."""
        return bool(self.rng.random() < chance)

    def draw(self, options: tuple[int, ...]) -> int:
        """One of these."""
        return options[int(self.rng.integers(len(options)))]

    def slot(self, at: int) -> Slot:
        """The slot of a place, made at the first need; `NoWord` if no text goes so far back."""
        if at < -MOST_BACK:
            raise NoWord(f"{-at} words back is more than a text has")
        return self.slots.setdefault(at, Slot())

    def free(self, below: int, slack: int = 2) -> int:
        """A place before `below` that nothing is asked of: the nearest, or one of the next few."""
        places = [at for at in range(below - 1, -MOST_BACK - 1, -1) if at not in self.slots][: 1 + slack]
        if not places:
            raise NoWord("no place is free")
        return places[int(self.rng.integers(len(places)))]

    def mark(self, at: int, text: str) -> None:
        """This mark stands here."""
        self.slot(at).add(Word((text,)), 1.0)

    def link(self, first: int, second: int) -> None:
        """Two places have the same word."""
        one, other = self.slot(first), self.slot(second)
        for predicate, value in one.wants.items():
            other.add(predicate, value)
        for at, slot in self.slots.items():
            if slot is one:
                self.slots[at] = other

    def words(self) -> dict[int, str]:
        """A word for every slot, by place.

        Raises:
            NoWord: for some slot there is none.
        """
        for at, slot in self.slots.items():
            for first, last, banned in self.bans:
                if first <= at <= last and not (slot.wants.get(banned) or self._is_mark(slot)):
                    slot.add(banned, 0.0)
        chosen: dict[int, str] = {}
        for at, slot in self.slots.items():
            if at not in chosen:
                word = self._chosen(slot)
                chosen.update({each: word for each, other in self.slots.items() if other is slot})
        for at, like in self.twins:
            wants = {**self.slots[like].wants, **self.slot(at).wants}
            chosen[at] = self.pool.choose(wants, self.rng, other_than=chosen[like])
        return chosen

    @staticmethod
    def _is_mark(slot: Slot) -> bool:
        return any(
            isinstance(each, Word) and not each.words[0].isalnum() and value for each, value in slot.wants.items()
        )

    def _chosen(self, slot: Slot) -> str:
        if slot.wants:
            return self.pool.choose(slot.wants, self.rng)
        nouns = self.pool.fillers["n"]
        return nouns[int(self.rng.integers(len(nouns)))]

    def allows(self, at: int, word_values: Callable[[Predicate], float]) -> bool:
        """Whether a word may stand at a place that nothing is asked of but bans."""
        return not any(first <= at <= last and word_values(banned) > 0 for first, last, banned in self.bans)


def _below(focus: Path | None, index: int) -> Path | None:
    """The focus within a child: the rest of the path if it leads there."""
    return focus[1:] if focus and focus[0] == index else None


def want(node: Predicate, sketch: Sketch, at: int, on: bool, focus: Path | None = None) -> None:
    """Ask for what `node` needs to be on (above 0) or off (0) at a place.

    Args:
        node: any predicate.
        sketch: where to ask.
        at: the place.
        on: the wanted state.
        focus: the path within `node` of the atom on which its value is to depend; None for any.

    Raises:
        NoWord: it cannot be, or contradicts what is asked already.
    """
    earlier = sketch.asked.setdefault((at, node), on)
    if earlier != on:
        raise NoWord(f"{node.op} both ways")
    _want(node, sketch, at, on, focus)


@singledispatch
def _want(node: Predicate, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    """A condition on single words, unless one of the functions below takes it."""
    if not isinstance(node, LEXICAL):
        raise TypeError(f"{type(node).__name__} has no witness; register one in synthetic_neurons.texts.witness")
    level = 1.0
    if on and is_graded(node):
        levels = sketch.pool.levels(node)
        level = levels[int(sketch.rng.integers(len(levels)))]
    sketch.slot(at).add(node, level if on else 0.0)


@_want.register
def _(node: Always, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    if not on:
        raise NoWord("always is never off")


@_want.register
def _(node: Never, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    if on:
        raise NoWord("never is never on")


@_want.register(Not)
def _(node: Not, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    want(node.of, sketch, at, not on, _below(focus, 0))


@_want.register(Scaled)
def _(node: Scaled, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    want(node.of, sketch, at, on, _below(focus, 0))


@_want.register(Unless)
def _(node: Unless, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    stopped = not on and (focus[0] == 1 if focus else sketch.coin())
    pairs = [(0, node.of, on or stopped), (1, node.exception, stopped)]
    for index, child, state in sorted(pairs, key=lambda each: _order(each[1])):
        want(child, sketch, at, state, _below(focus, index))


@_want.register(And)
@_want.register(Or)
def _(node: And | Or, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    """And on, or off: every part; otherwise one part decides, and the others are as they do not.

    These matter where the value is to depend on the deciding part of an "and". The others of an "or" are mostly off
    anyway, and may have to be on where they share words with it; without a focus one part is enough.
    """
    common = isinstance(node, And)
    decider = None if on == common else focus[0] if focus else int(sketch.rng.integers(len(node.of)))
    strict = decider is None or (common and focus is not None) or sketch.coin()
    for index in sorted(range(len(node.of)), key=lambda each: _order(node.of[each])):
        if strict or index == decider:
            want(node.of[index], sketch, at, common != (index == decider), _below(focus, index))


def _order(node: Predicate) -> int:
    """Conditions with fixed places come before those that take what is free."""
    if isinstance(node, (And, Or, Not, Scaled, Unless)):
        return max(map(_order, node.children))
    order = ((Previous,), (Position, Place), (Within,), (Induction, Repeats), (Inside, Depth), (Count,))
    return next((rank + 1 for rank, kinds in enumerate(order) if isinstance(node, kinds)), 0)


def _ban(node: Predicate, sketch: Sketch, first: int, last: int) -> None:
    """Keep a condition away from some places; only conditions on single words can be."""
    if isinstance(node, LEXICAL):
        sketch.bans.append((first, last, node))
        if word_share(node) > USUAL and last - first < FARTHEST and sketch.coin(0.7):
            for at in range(first, last + 1):
                sketch.slot(at)


@_want.register(Previous)
def _(node: Previous, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    inner = _below(focus, 0)
    if not on and inner is None and sketch.coin():
        want(node.of, sketch, at - 2, True)
    if on or inner is not None or sketch.coin():
        want(node.of, sketch, at - 1, on, inner)
    else:
        _ban(node.of, sketch, at - 1, at - 1)


@_want.register(Within)
def _(node: Within, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    inner, reach = _below(focus, 0), min(node.k, FARTHEST)
    if on:
        near = [by for by in range(1, reach + 1) if at - by not in sketch.slots] or list(range(1, reach + 1))
        by = near[0] if sketch.coin(0.35) else near[int(sketch.rng.integers(len(near)))]
        return want(node.of, sketch, at - by, True, inner)
    if inner is not None:
        want(node.of, sketch, at - int(sketch.rng.integers(1, reach + 1)), False, inner)
    elif node.k < FARTHEST and sketch.coin(0.4):
        want(node.of, sketch, at - node.k - 1, True)
    if word_share(node.of) > USUAL and sketch.coin(0.3):
        sketch.placings.append(Placing("text", at, 0, 0, True))
    return _ban(node.of, sketch, at - node.k, at - 1)


@_want.register(Count)
def _(node: Count, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    """As many as are asked for, or one too few or (of every n-th) too many; what is everywhere is left to luck."""
    inner = _below(focus, 0)
    if (word_share(node.of) > USUAL and sketch.coin(0.8)) or node.n > LONGEST_LIST:
        return
    many = node.n if on or inner is not None else sketch.draw((node.n - 1, node.n - 1, 0))
    if node.every and inner is None and sketch.coin(0.3):
        many = 2 * node.n if on else node.n + 1
    below = at
    for index in range(min(many, LONGEST_LIST)):
        below = sketch.free(below, slack=1 if many > 3 else 2)
        last = index == many - 1
        want(node.of, sketch, below, on or inner is None or not last, inner if last else None)


@_want.register(Position)
def _(node: Position, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    sketch.slot(at)
    sketch.placings.append(Placing("text", at, node.first, node.last, on))


@_want.register(Place)
def _(node: Place, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    """By a mark so many words before, or by where in a template the sketch goes."""
    sketch.slot(at)
    most = FARTHEST if node.last is None else node.last + 3
    good = tuple(by for by in range(min(most, FARTHEST) + 1) if on == _between(by, node.first, node.last))
    if not good or sketch.coin():
        sketch.placings.append(Placing(node.part, at, node.first, node.last, on))
        return
    by = sketch.draw(good)
    if any(each > at - by - 1 for each in sketch.breaks):
        raise NoWord("another break stands between")
    marks = _BREAKS[node.part]
    sketch.mark(at - by - 1, marks[int(sketch.rng.integers(len(marks)))])
    sketch.breaks.append(at - by - 1)
    sketch.slot(at - by - 2)
    sketch.bans.append((at - by, at - 1, _ANY_BREAK))


def _between(place: int, first: int, last: int | None) -> bool:
    return first <= place and (last is None or place <= last)


@_want.register(Inside)
def _(node: Inside, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    sketch.slot(at)
    if on:
        _open(sketch, at, node.mark, 1)
    elif sketch.coin():
        _closed(sketch, at, node.mark)
    elif sketch.coin():
        others = [mark for mark in _OPENERS if mark != node.mark]
        _open(sketch, at, others[int(sketch.rng.integers(len(others)))], 1)


@_want.register(Depth)
def _(node: Depth, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    sketch.slot(at)
    mark = node.mark or ("parentheses" if sketch.coin(0.7) else "brackets")
    _open(sketch, at, mark, node.n if on else node.n - 1)
    if not on and sketch.coin():
        _closed(sketch, at, mark)


def _open(sketch: Sketch, at: int, mark: str, many: int) -> None:
    below = at
    for _ in range(many):
        below = sketch.free(below)
        sketch.mark(below, _OPENERS[mark][0])
        sketch.closers.append(_OPENERS[mark][1])


def _closed(sketch: Sketch, at: int, mark: str) -> None:
    """A pair of marks around a word or two, closed before the place."""
    end = sketch.free(at)
    start = sketch.free(end - 1, slack=1)
    sketch.mark(end, _OPENERS[mark][1])
    sketch.mark(start, _OPENERS[mark][0])


@_want.register(Repeats)
def _(node: Repeats, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    sketch.slot(at)
    if on:
        sketch.link(sketch.free(at, slack=4), at)
    elif sketch.coin(0.6):
        earlier = sketch.free(at, slack=4)
        sketch.slot(earlier)
        sketch.twins.append((earlier, at))


@_want.register(Induction)
def _(node: Induction, sketch: Sketch, at: int, on: bool, focus: Path | None) -> None:
    """The pair before, or only half of it."""
    sketch.slot(at - 1)
    sketch.slot(at)
    earlier = sketch.free(at - 1, slack=4)
    if earlier - 1 in sketch.slots:
        raise NoWord("no two free places side by side")
    halves = (True, True) if on else (sketch.coin(0.7), sketch.coin(0.2))
    for by, same in ((1, halves[0]), (0, halves[1])):
        if same:
            sketch.link(earlier - by, at - by)
        elif halves != (False, False):
            sketch.slot(earlier - by)
            sketch.twins.append((earlier - by, at - by))
