"""Suites of planted units: so many of each family, no two alike, from a seed.

The same arguments give the same suite, byte for byte, on every machine: chance comes from numpy's seeded generators and
keyed hashes alone.
"""

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np

from synthetic_neurons.alike import Company
from synthetic_neurons.families import FAMILIES, TRIVIAL, Family
from synthetic_neurons.knobs import Knobs, apply
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, Never
from synthetic_neurons.siblings import sibling

Split = Literal["dev", "test"]
SPLITS: tuple[Split, ...] = ("dev", "test")
DEV_SEED = 20_261_121
PER_FAMILY = 20
ATTEMPTS = 500
# Draws of what a knob adds, before a unit is left out.
TURNS = 8
# How a suite is made; a change in what the same arguments give is a new version.
VERSION = 2


class SuiteError(ValueError):
    """A suite that cannot be made; the message names the mend."""


@dataclass(frozen=True)
class PlantedSuite:
    """Planted units under one hash.

    Attributes:
        units: the units, family by family.
        split: "dev" or "test".
        seed: None for dev, whose seed is public and fixed.
        knobs: what was turned.
    """

    units: tuple[PlantedUnit, ...]
    split: Split
    seed: str | None = None
    knobs: Knobs = field(default_factory=Knobs)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the suite as canonical JSON."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """A plain JSON value; `from_json` reads it back."""
        units = [unit.to_json() for unit in self.units]
        return {
            "version": VERSION,
            "split": self.split,
            "seed": self.seed,
            "knobs": self.knobs.to_json(),
            "units": units,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "PlantedSuite":
        """Read what `to_json` wrote.

        Raises:
            SuiteError: another version wrote it.
        """
        if value.get("version") != VERSION:
            raise SuiteError(f"this suite is of version {value.get('version')!r}; this package reads version {VERSION}")
        units = tuple(map(PlantedUnit.from_json, value["units"]))
        return cls(units, value["split"], value["seed"], Knobs.from_json(value["knobs"]))

    def by_family(self) -> dict[str, tuple[PlantedUnit, ...]]:
        """Family to its units, in the suite's order."""
        names = dict.fromkeys(unit.family for unit in self.units)
        return {name: tuple(unit for unit in self.units if unit.family == name) for name in names}

    def __len__(self) -> int:
        """How many units."""
        return len(self.units)

    def __iter__(self) -> Iterator[PlantedUnit]:
        """The units in order."""
        return iter(self.units)

    def __getitem__(self, key: int | str) -> PlantedUnit:
        """A unit by its index or identifier.

        Raises:
            UnknownUnitError: no unit has this identifier; the message gives the nearest.
            IndexError: no unit has this index.
        """
        if isinstance(key, int):
            return self.units[key]
        found = {unit.identifier: unit for unit in self.units}
        if key not in found:
            near = [name for name in found if name.startswith(key)] or difflib.get_close_matches(key, found, 1, 0.0)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise UnknownUnitError(f"no unit {key!r} among the {len(found)} of this suite{hint}")
        return found[key]


class UnknownUnitError(SuiteError, KeyError):
    """No unit has this identifier."""

    def __str__(self) -> str:
        """The message itself, where KeyError would quote it."""
        return str(self.args[0])


def _stream(seed: int, family: str, index: int) -> np.random.Generator:
    """Every unit's own numbers, whatever other families there are."""
    return np.random.default_rng([seed, _number(family), index])


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _next(family: Family, seed: int, index: int, company: Company) -> PlantedUnit:
    rng = _stream(seed, family.name, index)
    for _ in range(ATTEMPTS):
        unit = family.make(rng, index)
        if company.admit(unit):
            return unit
    raise SuiteError(f"family {family.name!r} gave no unit {index} unlike those before; ask for fewer per family")


def _chosen(families: Sequence[str] | None) -> list[Family]:
    """Families by name; by default all but the trivial one."""
    if families is None:
        return list(FAMILIES.values())
    known = {**FAMILIES, TRIVIAL.name: TRIVIAL}
    for name in families:
        if name not in known:
            (near,) = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise SuiteError(f"no family {name!r}; the nearest is {near!r}, and FAMILIES lists all")
    return [known[name] for name in known if name in families]


def planted_units(
    seed: int, per_family: int = 4, families: Sequence[str] | None = None, apart: bool = True
) -> tuple[PlantedUnit, ...]:
    """`per_family` units of each family, family by family; the same arguments give the same units.

    Args:
        seed: 0 or more.
        per_family: how many of each.
        families: which families, all by default; the first units do not depend on how many follow.
        apart: no two units correlate 0.8 or more on the reference text, which keeps them below 0.9 on others.
            Otherwise only their truths differ.

    Raises:
        SuiteError: `per_family` is below 1, a family is unknown, or one gives no further unit unlike the others.
    """
    if per_family < 1:
        raise SuiteError(f"per_family is {per_family}; give 1 or more")
    chosen = _chosen(families)
    in_turn = planted_total(seed, per_family * len(chosen), families, apart)
    return tuple(unit for start in range(len(chosen)) for unit in in_turn[start :: len(chosen)])


def planted_total(
    seed: int, count: int, families: Sequence[str] | None = None, apart: bool = True
) -> tuple[PlantedUnit, ...]:
    """`count` units, the families taking turns, so that every beginning of the list is spread evenly.

    Args, and what is raised: see `planted_units`.
    """
    return _in_turn(seed, count, _chosen(families), Company(apart))


def _in_turn(seed: int, count: int, families: Sequence[Family], company: Company) -> tuple[PlantedUnit, ...]:
    if count < 1:
        raise SuiteError(f"{count} units were asked for; give 1 or more")
    places = (divmod(number, len(families)) for number in range(count))
    return tuple(_next(families[which], seed, index, company) for index, which in places)


def suite(
    split: Split = "dev",
    seed: str | int | None = None,
    families: Sequence[str] | None = None,
    per_family: int = PER_FAMILY,
    knobs: Knobs | None = None,
) -> PlantedSuite:
    """A suite of planted units with exact truth.

    Args:
        split: "dev" is public. "test" is made from `seed`, and none of its units is like one of dev's.
        seed: test only: any text or whole number, such as the first digits of a commit.
        families: keep only these; their units are the same whatever others are kept.
        per_family: units a family.
        knobs: turned on every unit; with `Knobs(sibling=…)` every unit is followed by its sibling. A unit that they
            silence, or make like one before it, is left out.

    Raises:
        SuiteError: an unknown split or family, a seed where there is none to give, or none where one is needed.
    """
    number = _seed_number(split, seed)
    wanted = {family.name for family in _chosen(families)}
    whole = _dev(per_family) if split == "dev" else _made(number, per_family, _dev(max(per_family, PER_FAMILY)))
    trivial = [TRIVIAL.make(np.random.default_rng(0), i) for i in range(2)] if TRIVIAL.name in wanted else []
    kept = [*(unit for unit in whole if unit.family in wanted), *trivial]
    set_to = Knobs() if knobs is None else knobs
    units = tuple(each for turned in turned_apart(kept, set_to, number) for each in turned)
    return PlantedSuite(units, split, None if split == "dev" else str(seed), set_to)


def turned_apart(units: Iterable[PlantedUnit], knobs: Knobs, seed: int) -> Iterator[list[PlantedUnit]]:
    """Each unit, and its sibling if there is to be one, with the knobs turned.

    What the knobs silenced, or made like a unit before it, is left out.
    """
    company = Company()
    for unit in units:
        free = knobs == Knobs() or isinstance(unit.predicate, Always | Never)
        drawn = (_turned(unit, knobs, seed, attempt) for attempt in range(TURNS))
        if (pair := next((pair for pair in drawn if free or company.admit(pair[0])), None)) is not None:
            yield pair


def _turned(unit: PlantedUnit, knobs: Knobs, seed: int, attempt: int) -> list[PlantedUnit]:
    rng = np.random.default_rng([seed, _number(f"knobs/{unit.identifier}"), attempt])
    made = apply(unit, knobs, rng)
    other = None if knobs.sibling is None else sibling(made, knobs.sibling, rng)
    return [each for each in (made, other) if each is not None]


def _seed_number(split: Split, seed: str | int | None) -> int:
    if split not in SPLITS:
        raise SuiteError(f"no split {split!r}; choose 'dev' or 'test'")
    if split == "dev":
        if seed is not None and seed != DEV_SEED:
            raise SuiteError(f"dev is public and has one seed, not {seed!r}; leave it out, or choose split='test'")
        return DEV_SEED
    if seed is None:
        raise SuiteError("split 'test' needs a seed, which the runner gives; such as suite('test', seed='3f9a1c07')")
    return _number(f"test/{seed}")


@cache
def _dev(per_family: int) -> tuple[PlantedUnit, ...]:
    return _made(DEV_SEED, per_family, ())


def _made(seed: int, per_family: int, public: Sequence[PlantedUnit]) -> tuple[PlantedUnit, ...]:
    """Units unlike each other and unlike all of `public`."""
    if per_family < 1:
        raise SuiteError(f"per_family is {per_family}; give 1 or more")
    families = list(FAMILIES.values())
    company = Company(shut=frozenset(unit.predicate for unit in public))
    company.seat(public)
    units = _in_turn(seed, per_family * len(families), families, company)
    return tuple(unit for start in range(len(families)) for unit in units[start :: len(families)])
