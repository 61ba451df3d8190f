"""Tree surgery: predicates one step broader or narrower than a predicate, whatever its operators.

A broader predicate is nowhere below the old one, a narrower one nowhere above it, on any text. That holds by
construction: every step replaces a node by one of greater (lesser) value, all other operators follow the values of
their parts upwards, and "not" and the exception of "unless" turn the direction round.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, singledispatch

from synthetic_neurons import lexicons
from synthetic_neurons.predicate import (
    MARKS,
    MAX_COUNT,
    MAX_DEPTH,
    MAX_NEIGHBOURS,
    MAX_NESTING,
    MAX_NODES,
    MAX_PLACE,
    MAX_REACH,
    MAX_WORDS,
    Always,
    And,
    Count,
    Depth,
    Graded,
    Induction,
    Infix,
    Inside,
    Never,
    Not,
    Or,
    Place,
    Position,
    Predicate,
    Prefix,
    Previous,
    Repeats,
    Shape,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.tables import neighbours

THIRD = 3
# Neighbours taken in for each word of a list that is widened.
NEAR = 3
# What any predicate can be held behind, where nothing in it can be narrowed.
GATES: tuple[Predicate, ...] = (Position(0, 7), Within(Word(("the", "of", "in")), 4), Position(6), Not(Repeats()))


def broader(predicate: Predicate) -> Iterator[Predicate]:
    """Predicates one step broader, the outermost step first; none where nothing can be widened ("always").

    Steps: a gate or exception dropped, a word list with its neighbours or the nearest lexicon, an affix with a letter
    less, a longer reach, a lower count, more places, kinds of marks or shapes.
    """
    return _fitting(predicate, _steps(predicate, True))


def narrower(predicate: Predicate) -> Iterator[Predicate]:
    """Predicates one step narrower, the outermost step first; the last ones hold the whole behind a gate of its own.

    Steps: a branch dropped, a third of a word list, an affix with a condition, a shorter reach, a higher count, fewer
    places or neighbours.
    """
    gated = (_gated(predicate, gate) for gate in GATES)
    return _fitting(predicate, (*_steps(predicate, False), *gated))


def without_a_part(predicate: Predicate) -> Iterator[Predicate]:
    """The predicate without one of the parts that "or" or "and" join, the last first; nothing for a single concept.

    Parts of the context and of exceptions are left alone.
    """
    if isinstance(predicate, Or | And) and len(predicate.of) > 1:
        yield from _less(predicate)
    elif isinstance(predicate, Unless) or predicate.op == "scaled":
        yield from (_with_child(predicate, 0, each) for each in without_a_part(predicate.children[0]))


def word_lists(predicate: Predicate) -> frozenset[str]:
    """All words that stand in the predicate's lists, context included."""
    own = frozenset(predicate.words) if isinstance(predicate, Word) else frozenset[str]()
    return own.union(*map(word_lists, predicate.children))


def _fitting(old: Predicate, made: Iterator[Predicate] | tuple[Predicate, ...]) -> Iterator[Predicate]:
    """Those that are new and within the language's limits."""
    seen = {old}
    for each in made:
        if each not in seen and each.size <= MAX_NODES and each.depth <= MAX_DEPTH:
            seen.add(each)
            yield each


def _gated(predicate: Predicate, gate: Predicate) -> Predicate:
    return And((*predicate.of, gate)) if isinstance(predicate, And) else And((predicate, gate))


def _steps(predicate: Predicate, up: bool) -> Iterator[Predicate]:
    yield from (_up if up else _down)(predicate)
    for at, (child, same) in enumerate(zip(predicate.children, _directions(predicate), strict=True)):
        if same is not None:
            yield from (_with_child(predicate, at, each) for each in _steps(child, up == same))


def _directions(predicate: Predicate) -> tuple[bool | None, ...]:
    """For each child: does the value follow it upwards (True), downwards (False), or neither (None)?"""
    if isinstance(predicate, Not):
        return (False,)
    if isinstance(predicate, Unless):
        return (True, False)
    if isinstance(predicate, Count) and predicate.every:
        return (None,)
    return (True,) * len(predicate.children)


def _with_child(predicate: Predicate, at: int, child: Predicate) -> Predicate:
    if isinstance(predicate, And | Or):
        # What joins in the same way is one list, not a list in a list.
        made = child.of if isinstance(child, And | Or) and child.op == predicate.op else (child,)
        return replace(predicate, of=(*predicate.of[:at], *made, *predicate.of[at + 1 :]))
    return replace(predicate, **{("of", "exception")[at]: child})


def _less(predicate: And | Or) -> Iterator[Predicate]:
    """One part less; gates before what is about the word, the last first."""
    order = sorted(range(len(predicate.of)), key=lambda i: (_leads(predicate.of[i]), -i))
    for at in order if len(order) > 1 else []:
        left = (*predicate.of[:at], *predicate.of[at + 1 :])
        yield left[0] if len(left) == 1 else replace(predicate, of=left)


def _leads(predicate: Predicate) -> bool:
    """Whether a part says which words, and not where."""
    if isinstance(predicate, And | Or | Unless) or predicate.op == "scaled":
        return any(map(_leads, predicate.children))
    return isinstance(predicate, Word | Prefix | Suffix | Infix | Similar | Graded | Shape)


# Steps of a node itself, each towards greater values.


@singledispatch
def _up(predicate: Predicate) -> Iterator[Predicate]:
    """Broader forms of the node itself, its parts as they are."""
    yield from ()


@_up.register
def _(predicate: Word) -> Iterator[Predicate]:
    near = [word for each in predicate.words for word in neighbours().nearest.get(each, ())[:NEAR]]
    more = tuple(dict.fromkeys(word for word in near if word not in predicate.words))
    if more and len(predicate.words) + len(more) <= MAX_WORDS:
        yield Word((*predicate.words, *more), None if predicate.name is None else _wider_name(predicate.name))
    if (other := _nearest_lexicon(predicate.words)) is not None:
        yield Or((predicate, Word(other.words, other.description)))


def _wider_name(name: str) -> str:
    """The name of a list with its neighbours, and of one with theirs."""
    near, far = " and anything close to it", " and anything even loosely related to it"
    return name.removesuffix(near).removesuffix(far) + (far if name.endswith((near, far)) else near)


@lru_cache(maxsize=4096)
def _nearest_lexicon(words: tuple[str, ...]) -> lexicons.Lexicon | None:
    """The lexicon, of those that share no word, with most neighbours of these words; by name among equals."""
    links = Counter(near for word in words for near in neighbours().nearest.get(word, ()))
    found = [lexicons.load(name) for name in lexicons.names()]
    apart = [each for each in found if not set(each.words) & set(words)]
    return max(apart, key=lambda each: sum(links[word] for word in each.words), default=None)


@_up.register(Prefix)
@_up.register(Suffix)
@_up.register(Infix)
def _(predicate: Prefix | Suffix | Infix) -> Iterator[Predicate]:
    text = predicate.text
    shorter = text[1:] if isinstance(predicate, Suffix) else text[:-1]
    if shorter.strip():
        yield type(predicate)(shorter)
    yield Or((predicate, *(kind(text) for kind in (Prefix, Suffix, Infix) if kind is not type(predicate))))


@_up.register
def _(predicate: Similar) -> Iterator[Predicate]:
    if predicate.nearest < MAX_NEIGHBOURS:
        yield replace(predicate, nearest=min(MAX_NEIGHBOURS, 2 * predicate.nearest + 2), graded=False)
    elif predicate.graded:
        yield replace(predicate, graded=False)
    yield Or((predicate, Similar(neighbours().nearest[predicate.to.lower()][0], MAX_NEIGHBOURS)))


@_up.register
def _(predicate: Graded) -> Iterator[Predicate]:
    yield Or((predicate, Shape("digit") if predicate.scale == "magnitude" else Suffix("ly")))


_KIN = {
    "capitalised": ("upper", "mixed"),
    "upper": ("capitalised", "mixed"),
    "mixed": ("capitalised", "upper"),
    "digit": ("punctuation",),
    "punctuation": ("digit",),
    "lower": ("capitalised",),
}


@_up.register
def _(predicate: Shape) -> Iterator[Predicate]:
    yield Or((predicate, *map(Shape, _KIN[predicate.shape])))


@_up.register(Position)
@_up.register(Place)
def _(predicate: Position | Place) -> Iterator[Predicate]:
    first, last = predicate.first, predicate.last
    most = MAX_PLACE if isinstance(predicate, Place) else 2**52
    if last is not None:
        yield replace(predicate, last=min(most, 2 * last + 2))
        yield replace(predicate, first=first // 2, last=min(most, 2 * last + 2))
    elif first > 0:
        yield replace(predicate, first=first // 2)


@_up.register
def _(predicate: Previous) -> Iterator[Predicate]:
    yield Within(predicate.of, THIRD)


@_up.register
def _(predicate: Within) -> Iterator[Predicate]:
    if predicate.k < MAX_REACH:
        yield replace(predicate, k=min(MAX_REACH, 3 * predicate.k))


@_up.register
def _(predicate: Count) -> Iterator[Predicate]:
    if predicate.every:
        yield replace(predicate, every=False)
    elif predicate.n > 1:
        yield replace(predicate, n=predicate.n // 2)


@_up.register
def _(predicate: Depth) -> Iterator[Predicate]:
    if predicate.n > 1:
        yield replace(predicate, n=predicate.n - 1)
    yield Or((predicate, Inside("quotes")))


@_up.register
def _(predicate: Inside) -> Iterator[Predicate]:
    yield Or((predicate, *(Inside(mark) for mark in MARKS if mark != predicate.mark)))


@_up.register
def _(predicate: Repeats) -> Iterator[Predicate]:
    yield Or((predicate, Previous(predicate)))


@_up.register
def _(predicate: Induction) -> Iterator[Predicate]:
    yield Repeats()


@_up.register
def _(predicate: And) -> Iterator[Predicate]:
    return _less(predicate)


@_up.register
def _(predicate: Unless) -> Iterator[Predicate]:
    yield predicate.of


@_up.register
def _(predicate: Never) -> Iterator[Predicate]:
    yield Word(("the",))


# Steps of a node itself, each towards lesser values.


@singledispatch
def _down(predicate: Predicate) -> Iterator[Predicate]:
    """Narrower forms of the node itself, its parts as they are."""
    yield from ()


@_down.register
def _(predicate: Word) -> Iterator[Predicate]:
    if len(predicate.words) > 1:
        yield Word(predicate.words[:: min(THIRD, len(predicate.words))])
        yield Word(predicate.words[1::2])


@_down.register
def _(predicate: Similar) -> Iterator[Predicate]:
    if predicate.nearest > 1:
        yield replace(predicate, nearest=predicate.nearest // 2)
    yield Word((predicate.to.lower(),))


@_down.register
def _(predicate: Graded) -> Iterator[Predicate]:
    yield And((predicate, Shape("digit") if predicate.scale == "magnitude" else Suffix("ly")))


@_down.register
def _(predicate: Shape) -> Iterator[Predicate]:
    if predicate.shape == "punctuation":
        yield Word((",", ";"))


@_down.register(Position)
@_down.register(Place)
def _(predicate: Position | Place) -> Iterator[Predicate]:
    first, last = predicate.first, predicate.last
    if last is None:
        yield replace(predicate, last=first + max(2, first))
    elif last > first:
        yield replace(predicate, last=(first + last) // 2)
        yield replace(predicate, first=(first + last + 1) // 2)


@_down.register
def _(predicate: Within) -> Iterator[Predicate]:
    if predicate.k > 1:
        yield replace(predicate, k=predicate.k // 2) if predicate.k > THIRD else Previous(predicate.of)


@_down.register
def _(predicate: Count) -> Iterator[Predicate]:
    if 2 * predicate.n <= MAX_COUNT:
        yield replace(predicate, n=2 * predicate.n)


@_down.register
def _(predicate: Depth) -> Iterator[Predicate]:
    if predicate.n < MAX_NESTING:
        yield replace(predicate, n=predicate.n + 1)


@_down.register(Inside)
@_down.register(Prefix)
@_down.register(Suffix)
@_down.register(Infix)
def _(predicate: Predicate) -> Iterator[Predicate]:
    """The first inside the marks; an affix only where the word has not been met."""
    yield And((predicate, Not(Previous(predicate)) if isinstance(predicate, Inside) else Not(Repeats())))


@_down.register
def _(predicate: Repeats) -> Iterator[Predicate]:
    yield Induction()


@_down.register
def _(predicate: Induction) -> Iterator[Predicate]:
    yield And((predicate, Previous(predicate)))


@_down.register
def _(predicate: Or) -> Iterator[Predicate]:
    return _less(predicate)


@_down.register
def _(predicate: Always) -> Iterator[Predicate]:
    yield Shape("lower")
