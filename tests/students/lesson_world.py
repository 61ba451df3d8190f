"""A unit that fires on colours, with windows to teach and to examine it, and a neighbour that fires on animals."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import numpy as np

from benchmark.exam.items import Items, Stratum
from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import Exemplar
from benchmark.students.course import Course
from benchmark.students.library import Library
from benchmark.students.material import Material
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

T = TypeVar("T")
COLOURS = ("red", "green", "blue", "white", "yellow", "purple")
ANIMALS = ("dog", "horse", "cow", "sheep", "goat", "hen")
FRAMES = ("the {} thing stood there", "we saw one {} thing more", "nobody wanted the {} one", "a {} sign hung low")


def claim(words: tuple[str, ...], name: str) -> Claim:
    return Claim(
        f"the words {', '.join(f'{word!r}' for word in words)} ({name})", parse({"op": "word", "words": words})
    )


COLOUR, ANIMAL = claim(COLOURS, "colours"), claim(ANIMALS, "animals")
TRUTH, OTHER = Report("Colours.", (COLOUR,)), Report("Animals.", (ANIMAL,))
LIBRARY = Library([COLOUR, ANIMAL, claim(("thing", "sign"), "things"), Claim("no predicate")])


def window(word: str, frame: str, fires: bool, stratum: Stratum | None = None) -> Exemplar:
    text = frame.format(word)
    words = Passages.of([text]).words
    values = np.array([10.0 if fires and each == word else 0.0 for each in words])
    return Exemplar(text, words, values, stratum or ("firing" if fires else "silent"))


def exemplars(fires_on: tuple[str, ...] = COLOURS, silent_on: tuple[str, ...] = ANIMALS) -> list[Exemplar]:
    firing = [window(word, frame, True) for frame in FRAMES for word in fires_on[:4]]
    near = [window(word, frame, False, "near_miss") for frame in FRAMES for word in silent_on[:4]]
    return [*firing, *near, *(window("plain", frame, False) for frame in FRAMES)]


def items(fires_on: tuple[str, ...] = COLOURS) -> Items:
    """Two firing windows of each word, seen or not, and as many near misses and silent ones."""
    made = [("firing", window(word, frame, True)) for word in fires_on for frame in FRAMES[:2]]
    made += [("near_miss", window(word, frame, False)) for word in ANIMALS for frame in FRAMES[:2]]
    made += [("silent", window(word, frame, False)) for word in ("plain", "broken", "empty") for frame in FRAMES]
    windows = [each for _, each in made]
    return Items(
        Passages.of([each.text for each in windows]),
        np.concatenate([each.values for each in windows]),
        tuple(stratum for stratum, _ in made),  # type: ignore[arg-type]
        np.ones(len(windows)),
    )


def course(report: Report = TRUTH, flipped: bool = False, measure: Any = None) -> Course:
    other = (OTHER, exemplars(ANIMALS, COLOURS))
    return Course.of("colours", report, exemplars(), other, TRUTH, items(), flipped, measure)


def material(report: Report = TRUTH) -> Material:
    return Material.of(report, exemplars())


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
