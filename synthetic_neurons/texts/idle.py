"""Atoms that cannot matter: sides of a condition that no text can exercise, found by going through all cases.

Within a tree of "and", "or", "not", "unless" and "scaled", conditions on the word itself take only combinations that
some word has, conditions on its place those that some place has, and all others are taken to be free. What makes no
difference in any of these cases makes none in any text of shipped words. Where others hang together, something may be
unreachable without being called so here.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from synthetic_neurons.passages import Floats
from synthetic_neurons.predicate import Always, And, Count, Never, Not, Or, Place, Position, Predicate, Scaled, Unless
from synthetic_neurons.texts.parts import GATES, JOINTS, LEXICAL, Path, atoms, is_graded, part, swapped, walk
from synthetic_neurons.texts.pool import Pool

# More cases than this are not gone through; then nothing is called unreachable.
MOST_CASES = 200_000
_PLACES = 64
_HALF = (0.0, 0.5, 1.0)
BOTH = ("on", "off")


@lru_cache(maxsize=512)
def unreachable(predicate: Predicate, without: frozenset[str] = frozenset()) -> dict[Path, dict[str, str]]:
    """For each atom, the sides ("on", "off") that no text can exercise, with the reason; empty where both can be.

    Args:
        predicate: any.
        without: lower-case words that the texts cannot have.
    """
    found: dict[Path, dict[str, str]] = {}
    pool = Pool([predicate], without)
    for path in atoms(predicate):
        gates = [path[:i] for i in range(len(path)) if isinstance(part(predicate, path[:i]), GATES)]
        root = (*gates[-1], 0) if gates else ()
        inherited = _inherited(predicate, gates[-1], path, found[gates[-1]]) if gates else {}
        found[path] = {**_sides(part(predicate, root), path[len(root) :], pool), **inherited}
    return found


def _inherited(predicate: Predicate, gate: Path, path: Path, sides: dict[str, str]) -> dict[str, str]:
    """What the gate around an atom says of it.

    An atom in a gate matters where it turns the gate, and the gate matters there. A gate that is never off where it
    matters is on there, and so is the atom; or off, under an odd number of denials.
    """
    if len(sides) == len(BOTH):
        return dict.fromkeys(BOTH, "the gate it stands in never matters")
    node = part(predicate, gate)
    if not sides or _free(node) == _HALF or (isinstance(node, Count) and node.every):
        return {}
    denials = [path[: i + 1] for i in range(len(gate), len(path)) if _denies(part(predicate, path[:i]), path[i])]
    (side,) = sides
    own = side if len(denials) % 2 == 0 else BOTH[side == "on"]
    return {own: f"the gate it stands in is never {side} where it matters"}


def _denies(node: Predicate, child: int) -> bool:
    return isinstance(node, Not) or (isinstance(node, Unless) and child == 1)


def _sides(tree: Predicate, path: Path, pool: Pool) -> dict[str, str]:
    cases = _cases(tree, pool)
    if cases is None:
        return {}
    values, on, off = (
        _value(each, cases) for each in (tree, swapped(tree, path, Always()), swapped(tree, path, Never()))
    )
    matters = on != off
    if not matters.any():
        return dict.fromkeys(BOTH, "the other conditions decide without it")
    states = {"on": matters & (values != off), "off": matters & (values == off)}
    return {side: f"never {side} where it matters" for side, hit in states.items() if not hit.any()}


Cases = dict[Predicate, Floats]


def _cases(tree: Predicate, pool: Pool) -> Cases | None:
    """float64 [cases] for each leaf or gate of the tree: its value in every case; None if there are too many."""
    nodes = dict.fromkeys(_opaque(tree))
    axes = [axis for axis in (_words(nodes, pool), *_places(nodes)) if axis[0]]
    axes += [([node], np.array([[each] for each in _free(node)])) for node in nodes if _is_free(node)]
    if np.prod([float(len(rows)) for _, rows in axes] or [1.0]) > MOST_CASES:
        return None
    picks = np.array(list(product(*(range(len(rows)) for _, rows in axes))), dtype=np.int64)
    found = {node: rows[picks[:, i], j] for i, (own, rows) in enumerate(axes) for j, node in enumerate(own)}
    return {Always(): np.ones(len(picks)), Never(): np.zeros(len(picks)), **found}


def _opaque(tree: Predicate) -> Iterable[Predicate]:
    if not isinstance(tree, JOINTS):
        yield tree
        return
    for child in tree.children:
        yield from _opaque(child)


Axis = tuple[list[Predicate], NDArray[np.float64]]


def _words(nodes: Iterable[Predicate], pool: Pool) -> Axis:
    """Conditions on the word, and the rows of values that some word has."""
    own: list[Predicate] = [node for node in nodes if isinstance(node, LEXICAL)]
    return own, pool.rows(own) if own else np.zeros((1, 0))


def _places(nodes: Iterable[Predicate]) -> list[Axis]:
    """Conditions on the place in the text, the clause and the sentence, and what they are at each place."""
    axes: list[Axis] = []
    for key in (None, "clause", "sentence"):
        own = [node for node in nodes if _placed(node) and getattr(node, "part", None) == key]
        rows = [[float(_holds(node, place)) for node in own] for place in range(_PLACES)]
        axes.append((list(own), np.unique(np.array(rows), axis=0) if own else np.zeros((1, 0))))
    return axes


def _placed(node: Predicate) -> bool:
    return isinstance(node, (Position, Place))


def _holds(node: Predicate, place: int) -> bool:
    assert isinstance(node, (Position, Place))
    return node.first <= place and (node.last is None or place <= node.last)


def _is_free(node: Predicate) -> bool:
    return not (isinstance(node, LEXICAL) or _placed(node) or isinstance(node, (Always, Never)))


def _free(node: Predicate) -> tuple[float, ...]:
    """What a gate may be: half on too where something in it has levels."""
    partial = any(is_graded(each) or isinstance(each, Scaled) for _, each in walk(node))
    return _HALF if partial else (0.0, 1.0)


def _value(tree: Predicate, cases: Cases) -> Floats:
    """The tree's value in every case."""
    if isinstance(tree, (And, Or)):
        join: Callable[[list[Floats]], Floats] = np.minimum.reduce if isinstance(tree, And) else np.maximum.reduce
        return join([_value(child, cases) for child in tree.of])
    if isinstance(tree, Not):
        return 1.0 - _value(tree.of, cases)
    if isinstance(tree, Unless):
        return np.minimum(_value(tree.of, cases), 1.0 - _value(tree.exception, cases))
    if isinstance(tree, Scaled):
        return _value(tree.of, cases) * tree.factor
    return cases[tree]
