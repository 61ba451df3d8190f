"""The parts of a predicate by their paths: which are its atoms, and what the tree is with a part replaced."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from synthetic_neurons.predicate import (
    Always,
    And,
    Count,
    Graded,
    Infix,
    Never,
    Not,
    Or,
    Predicate,
    Prefix,
    Previous,
    Scaled,
    Shape,
    Similar,
    Suffix,
    Unless,
    Within,
    Word,
)
from synthetic_neurons.predicate.nodes import _Many

# Which child to take at each level, from the root down.
Path = tuple[int, ...]

JOINTS = (And, Or, Not, Unless, Scaled)
GATES = (Previous, Within, Count)
LEXICAL = (Word, Prefix, Suffix, Infix, Similar, Graded, Shape)


def walk(predicate: Predicate, path: Path = ()) -> Iterator[tuple[Path, Predicate]]:
    """Every part with its path, parents first."""
    yield path, predicate
    for index, child in enumerate(predicate.children):
        yield from walk(child, (*path, index))


def part(predicate: Predicate, path: Path) -> Predicate:
    """The part at a path."""
    return part(predicate.children[path[0]], path[1:]) if path else predicate


def swapped(predicate: Predicate, path: Path, new: Predicate) -> Predicate:
    """The tree with the part at a path replaced."""
    if not path:
        return new
    children = list(predicate.children)
    children[path[0]] = swapped(children[path[0]], path[1:], new)
    if isinstance(predicate, _Many):
        return replace(predicate, of=tuple(children))
    if isinstance(predicate, Unless):
        return replace(predicate, of=children[0], exception=children[1])
    return replace(predicate, of=children[0])  # type: ignore[call-arg]  # every other parent has one child, `of`


@cache
def atoms(predicate: Predicate) -> tuple[Path, ...]:
    """The paths of its atoms: leaves that can be on or off, and gates on the left context."""
    return tuple(
        path for path, node in walk(predicate) if not isinstance(node, JOINTS) and not isinstance(node, (Always, Never))
    )


def is_graded(node: Predicate) -> bool:
    """Whether a leaf has levels between 0 and 1."""
    return isinstance(node, Graded) or (isinstance(node, Similar) and node.graded)
