"""What nearly counts: each condition of a predicate widened a little, and the predicate with one condition changed."""

from dataclasses import replace
from functools import lru_cache, singledispatch

from synthetic_neurons.predicate import (
    MARKS,
    MAX_NEIGHBOURS,
    MAX_REACH,
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
    Within,
    Word,
)
from synthetic_neurons.tables import neighbours, scale
from synthetic_neurons.texts.neutral import text_share
from synthetic_neurons.texts.parts import LEXICAL, atoms, part, swapped

# A changed predicate that fires in more of the neutral texts than this makes no text a near-miss.
COMMON = 0.5
_NEIGHBOURS = 4
_MORE_PLACES = 2
_WIDER_REACH = 3
_LONG_AFFIX = 3
_LIKE = {
    "capitalised": ("upper", "mixed"),
    "upper": ("capitalised", "mixed"),
    "mixed": ("capitalised", "upper"),
    "lower": ("capitalised",),
}


@lru_cache(maxsize=512)
def near_misses(predicate: Predicate) -> tuple[Predicate, ...]:
    """The predicate with one condition changed, in each way that tells something.

    An atom is forced on, forced off, or widened. Where what is left is so loose that it fires in most texts about
    nothing, words that meet it are not near to anything, and the change is left out.
    """
    found: dict[Predicate, None] = {}
    for path in atoms(predicate):
        for new in (Always(), Never(), widened(part(predicate, path))):
            if new is not None:
                found.setdefault(swapped(predicate, path, new))
    return tuple(each for each in found if each != predicate and text_share(each) <= COMMON)


@singledispatch
def widened(node: Predicate) -> Predicate | None:
    """A condition that holds where the atom does and a little beyond; None where there is no such thing."""
    return None


def _listed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words nearest to any of these, these left out."""
    own, table = {word.lower() for word in words}, neighbours().nearest
    near = dict.fromkeys(each for word in words for each in table.get(word.lower(), ())[:_NEIGHBOURS])
    return tuple(each for each in near if each not in own)


def _or_word(node: Predicate, words: tuple[str, ...]) -> Predicate | None:
    return Or((node, Word(words))) if words else None


@widened.register
def _(node: Word) -> Predicate | None:
    return _or_word(node, _listed(node.words))


@widened.register(Prefix)
@widened.register(Suffix)
@widened.register(Infix)
def _(node: Prefix | Suffix | Infix) -> Predicate | None:
    """The letters elsewhere in the word, or, of three letters and more, all but one."""
    kinds: list[Predicate] = [kind(node.text) for kind in (Prefix, Suffix, Infix) if kind is not type(node)]
    if len(node.text) >= _LONG_AFFIX:
        kinds.append(Prefix(node.text[:-1]) if isinstance(node, Prefix) else type(node)(node.text[1:]))
    return Or((node, *kinds))


@widened.register
def _(node: Similar) -> Predicate | None:
    near = neighbours().nearest[node.to.lower()]
    whole = (node.to.lower(), *near[:MAX_NEIGHBOURS])
    return _or_word(node, (*near[node.nearest :], *_listed(whole)))


@widened.register
def _(node: Graded) -> Predicate | None:
    beyond = _or_word(node, _listed(tuple(scale(node.scale).words)))
    if node.scale == "magnitude" and beyond is not None:
        return Or((beyond, Shape("digit")))
    return beyond


@widened.register
def _(node: Shape) -> Predicate | None:
    if node.shape == "digit":
        return Or((node, Graded("magnitude")))
    return Or((node, *map(Shape, _LIKE[node.shape]))) if node.shape in _LIKE else None


@widened.register(Position)
@widened.register(Place)
def _(node: Position | Place) -> Predicate | None:
    last = None if node.last is None else node.last + _MORE_PLACES
    return replace(node, first=max(0, node.first - _MORE_PLACES), last=last)


@widened.register
def _(node: Previous) -> Predicate | None:
    return Within(node.of, _WIDER_REACH)


@widened.register
def _(node: Within) -> Predicate | None:
    return replace(node, k=min(MAX_REACH, node.k + _WIDER_REACH)) if node.k < MAX_REACH else None


@widened.register
def _(node: Count) -> Predicate | None:
    if node.every:
        return replace(node, every=False)
    return replace(node, n=node.n - 1) if node.n > 1 else None


@widened.register
def _(node: Depth) -> Predicate | None:
    if node.n > 1:
        return replace(node, n=node.n - 1)
    return Or((node, *map(Inside, MARKS)))


@widened.register
def _(node: Inside) -> Predicate | None:
    return Or(tuple(map(Inside, MARKS)))


@widened.register
def _(node: Induction) -> Predicate | None:
    return And((Repeats(), Previous(Repeats())))


def lookalikes(node: Predicate) -> Predicate | None:
    """Words that an atom about single words does not hold for though they resemble those it does; None if unknown."""
    wider = widened(node) if isinstance(node, LEXICAL) else None
    return None if wider is None else And((wider, Not(node)))
