"""Which conditions of a predicate some texts exercise, where it matters (modified condition/decision coverage).

An atom (a leaf, or a gate on the left context) matters on a word where the predicate with the atom forced on and with
it forced off differ. It is exercised *on* where it matters and the value is not that of the atom forced off, and *off*
where it matters and the value is that. Of a graded leaf levels count too, and of "within k" the distances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthetic_neurons.evaluate import Flags, evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, Graded, Never, Predicate, Previous, Similar, Within
from synthetic_neurons.tables import TENTHS, neighbours, scale
from synthetic_neurons.texts.idle import unreachable
from synthetic_neurons.texts.parts import Path, atoms, is_graded, part, swapped

# As many different values, or all that there are, have to be seen of a graded leaf.
LEVELS = 3
_WHOLE = "on", "off"


@dataclass(frozen=True)
class Feature:
    """One way of exercising an atom.

    Attributes:
        path: the atom's path.
        side: "on" or "off"; "near" and "far", for "within k": the word right before does it, or only one further back;
            "level", for graded leaves: a value of the whole predicate.
        level: that value.
    """

    path: Path
    side: str
    level: float = 0.0


def exercised(predicate: Predicate, passages: Passages) -> dict[Feature, Flags]:
    """Bool [texts] for each feature: which texts have it. Every feature but levels that no text shows is there."""
    found: dict[Feature, Flags] = {}
    values = evaluate(predicate, passages)
    for path in atoms(predicate):
        for feature, hit in _of_atom(predicate, path, values, passages).items():
            found[feature] = passages.per_text_max(hit.astype(np.float64)) > 0
    return found


def _of_atom(predicate: Predicate, path: Path, values: Floats, passages: Passages) -> dict[Feature, Flags]:
    forced_on, forced_off = (evaluate(swapped(predicate, path, each), passages) for each in (Always(), Never()))
    matters: Flags = forced_on != forced_off
    on: Flags = matters & (values != forced_off)
    off: Flags = matters & (values == forced_off)
    found = {Feature(path, "on"): on, Feature(path, "off"): off}
    atom = part(predicate, path)
    if isinstance(atom, Within) and atom.k > 1:
        near: Flags = evaluate(swapped(predicate, path, Previous(atom.of)), passages) == values
        found |= {Feature(path, "near"): on & near, Feature(path, "far"): on & ~near}
    if is_graded(atom):
        found |= {Feature(path, "level", float(level)): on & (values == level) for level in np.unique(values[on])}
    return found


def _most_levels(atom: Predicate, without: frozenset[str]) -> int:
    """How many levels of a graded leaf can be seen, up to as many as have to be."""
    if isinstance(atom, Graded):
        found = scale(atom.scale)
        levels = {level for word, level in found.words.items() if word not in without} | set(found.digits)
    elif isinstance(atom, Similar):
        table, word = neighbours(), atom.to.lower()
        steps = zip((word, *table.nearest[word][: atom.nearest]), (TENTHS, *table.steps), strict=False)
        levels = {step for each, step in steps if each not in without}
    return min(LEVELS, len(levels))


@dataclass(frozen=True)
class Atom:
    """What some texts show of one atom.

    Attributes:
        path: where it stands in the predicate.
        node: the atom.
        on, off: whether each side was exercised where the atom matters.
        missing: what else was not: "near", "far" or "levels"; and "on" and "off".
        unreachable: which of "on" and "off" no text can exercise, with the reason; empty as a rule.
    """

    path: Path
    node: Predicate
    on: bool
    off: bool
    missing: tuple[str, ...]
    unreachable: dict[str, str]

    @property
    def complete(self) -> bool:
        """Whether all was exercised that can be."""
        return not self.missing

    @property
    def name(self) -> str:
        """Its path and form, for messages."""
        return f"{'.'.join(map(str, self.path)) or 'root'} {self.node.op}"


@dataclass(frozen=True)
class Coverage:
    """What some texts show of each atom of a unit."""

    atoms: tuple[Atom, ...]

    @property
    def exercised_on(self) -> tuple[bool, ...]:
        """Of each atom, whether it was on where it matters."""
        return tuple(atom.on for atom in self.atoms)

    @property
    def exercised_off(self) -> tuple[bool, ...]:
        """Of each atom, whether it was off where it matters."""
        return tuple(atom.off for atom in self.atoms)

    @property
    def complete(self) -> bool:
        """Whether every atom was exercised in every way that some text can."""
        return all(atom.complete for atom in self.atoms)

    @property
    def missing(self) -> tuple[str, ...]:
        """A line for each atom that lacks something."""
        return tuple(f"{atom.name}: not seen {', '.join(atom.missing)}" for atom in self.atoms if atom.missing)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """A line for each side of an atom that no text can exercise."""
        return tuple(f"{atom.name} {side}: {why}" for atom in self.atoms for side, why in atom.unreachable.items())


def coverage(unit: PlantedUnit, texts: Sequence[str], without: frozenset[str] = frozenset()) -> Coverage:
    """What the texts show of each atom of the unit's predicate (before any hashing).

    Args:
        unit: any planted unit.
        texts: the texts.
        without: lower-case words that the texts cannot have, such as the held-out ones in teach; what only they could
            exercise is called unreachable.
    """
    seen = {feature for feature, hit in exercised(unit.predicate, Passages.of(texts)).items() if hit.any()}
    return covered(unit.predicate, seen, without)


def covered(predicate: Predicate, seen: set[Feature], without: frozenset[str] = frozenset()) -> Coverage:
    """The same from the features that were seen."""
    never = unreachable(predicate, without)
    return Coverage(tuple(_atom(predicate, path, seen, never[path], without) for path in atoms(predicate)))


def _atom(predicate: Predicate, path: Path, seen: set[Feature], never: dict[str, str], without: frozenset[str]) -> Atom:
    node = part(predicate, path)
    sides = [*_WHOLE, *(("near", "far") if isinstance(node, Within) and node.k > 1 and "on" not in never else ())]
    missing = [side for side in sides if side not in never and Feature(path, side) not in seen]
    if is_graded(node) and "on" not in never:
        levels = sum(feature.path == path and feature.side == "level" for feature in seen)
        missing += ["levels"] * (levels < _most_levels(node, without))
    on, off = (Feature(path, side) in seen for side in _WHOLE)
    return Atom(path, node, on, off, tuple(missing), never)
