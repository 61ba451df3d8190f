"""Units of made-up words: as many as one likes, real ones and null ones, with a course for each."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from lesson_world import FRAMES, claim, window

from benchmark.exam.items import Items
from benchmark.explainers.report import Report
from benchmark.laboratory import Exemplar
from benchmark.students.course import Course
from benchmark.students.library import Library
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages

# No word is another's stem.
_WORDS = ["".join(letters) for letters in product("bdfgklmnprtv", "aeiou", "kmpt", "aeiou", "kpt")]
SIZE = 6
# Of a unit's words these are in its own report, and these in its teach windows.
REPORTED, TAUGHT = 3, 4
QUIET = ("plain", "broken", "empty")


def words(block: int) -> tuple[str, ...]:
    """Six words that no other block has."""
    return tuple(_WORDS[block * SIZE : (block + 1) * SIZE])


@dataclass(frozen=True)
class Made:
    """A made-up unit with its course.

    Attributes:
        unit: as a suite has it.
        course: its own.
        key: words on which it fires in the exam.
    """

    unit: Unit
    course: Course
    key: tuple[str, ...]


def _exemplars(fires_on: tuple[str, ...], silent_on: tuple[str, ...]) -> list[Exemplar]:
    firing = [window(word, frame, True) for frame in FRAMES for word in fires_on[:TAUGHT]]
    near = [window(word, frame, False, "near_miss") for frame in FRAMES for word in silent_on[:TAUGHT]]
    return [*firing, *near, *(window(word, frame, False) for word in QUIET for frame in FRAMES)]


def _items(fires_on: tuple[str, ...], silent_on: tuple[str, ...]) -> Items:
    made: list[tuple[Any, Exemplar]] = [("firing", window(word, at, True)) for word in fires_on for at in FRAMES[:2]]
    made += [("near_miss", window(word, at, False)) for word in silent_on for at in FRAMES[:2]]
    made += [("silent", window(word, at, False)) for word in QUIET for at in FRAMES]
    windows = [each for _, each in made]
    return Items(
        Passages.of([each.text for each in windows]),
        np.concatenate([each.values for each in windows]),
        tuple(stratum for stratum, _ in made),
        np.ones(len(windows)),
    )


def made(number: int, tier: str = "planted") -> Made:
    """The unit of that number; what a null unit fires on in the exam has nothing to do with what it fired on before."""
    taught, near, other, elsewhere = (words(4 * number + place) for place in range(4))
    key = taught if tier == "planted" else elsewhere
    truth = Report("Truth.", (claim(taught, f"{number}"),))
    own = Report("Own.", (claim(taught[:REPORTED], f"some of {number}"),))
    placebo = Report("Placebo.", (claim(other, f"other than {number}"),))
    course = Course.of(
        f"{tier}-{number}",
        own,
        _exemplars(taught, near),
        (placebo, _exemplars(other, near)),
        truth if tier == "planted" else None,
        _items(key, near),
        bool(number % 2),
    )
    unit = Unit(f"{tier}-{number}", tier, "made-up", {})  # type: ignore[arg-type]
    return Made(unit, course, key)


def library(units: list[Made]) -> Library:
    """What somebody who thinks in predicates can think: every claim of every lesson."""
    materials = [part for each in units for part in (each.course.material, each.course.placebo, each.course.oracle)]
    return Library([each for part in materials if part is not None for each in part.claims])
