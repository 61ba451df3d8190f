"""Small planted units: texts from a fixed vocabulary, a predicate for truth, and the real laboratory around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmark.exam.claim_gains import ClaimGrade, claim_grades
from benchmark.exam.items import Items, Stratum
from benchmark.exam.trigger_free import FreeGrade, FreeItems, FreeMasks, count_free, free_masks, grade_free
from benchmark.explainers.report import Report
from benchmark.explainers.word_data import predicted, weighted_correlation
from benchmark.guardrails.guardrail import Guardrail
from benchmark.guardrails.registry import select
from benchmark.laboratory import Budget, Exemplar, Laboratory, PracticeGrade, ReservedPractice, computed
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import parse

CONTENT = [
    "river",
    "bank",
    "money",
    "loan",
    "tree",
    "stone",
    "house",
    "garden",
    "window",
    "door",
    "teacher",
    "market",
    "bridge",
    "letter",
    "doctor",
    "city",
    "winter",
    "summer",
    "music",
    "paper",
    "kitchen",
    "farmer",
    "horse",
    "engine",
    "walking",
    "running",
    "looking",
    "talking",
    "saw",
    "took",
    "gave",
    "unhappy",
    "unkind",
    "small",
    "green",
    "quiet",
    "bright",
    "lonely",
]
COMMON = ["the", "a", "of", "in", "and", "to", "with", "by", "from", "near", "that", "it", "was", "is", "for", "on"]


def words(*listed: str) -> dict[str, Any]:
    return {"op": "word", "words": list(listed)}


GATED = {"op": "and", "of": [words("bank"), {"op": "within", "k": 4, "of": words("river", "money")}]}


def sentence(rng: np.random.Generator) -> str:
    lists = [COMMON if draw < 0.45 else CONTENT for draw in rng.random(16)]
    return " ".join(each[int(rng.integers(len(each)))] for each in lists) + " ."


def truth(value: dict[str, Any], texts: Sequence[str]) -> list[Floats]:
    passages = Passages.of(texts)
    values = 10 * evaluate(parse(value), passages)
    return np.split(values, passages.first[1:-1]) if texts else []


def exemplar(text: str, values: Floats, stratum: Stratum) -> Exemplar:
    return Exemplar(text, Passages.of([text]).words, values, stratum)


@dataclass
class Room:
    """A practice room over `texts`; `overrides` sets single fields of a slice's grade; `read` reads reports."""

    value: dict[str, Any]
    texts: Sequence[str]
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    graded: list[str] = field(default_factory=list)
    read: Callable[[Report, Passages], Floats] = predicted
    triggers: frozenset[str] = frozenset()

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        self.graded.append(slice_name)
        passages = Passages.of(self.texts)
        values, guess = np.concatenate(truth(self.value, self.texts)), self.read(report, passages)
        r = weighted_correlation(values, guess, np.ones(len(values)))
        fires, says = passages.per_text_max(values) > 0, passages.per_text_max(guess) >= 0.5
        accuracy = float((says[fires].mean() + (~says[~fires]).mean()) / 2)
        grade = {"r": r, "simulation_accuracy": accuracy, "p": 1e-6 if r > 0.2 else 0.5, "z": 0.0}
        grade = {**grade, "passed": accuracy > 0.9 and r > 0.7, **self.overrides.get(slice_name, {})}
        return PracticeGrade(slice_name=slice_name, **grade)

    def items(self, texts: Sequence[str]) -> Items:
        passages, values = Passages.of(texts), np.concatenate(truth(self.value, texts))
        strata = tuple[Stratum, ...]("firing" if peak > 0 else "silent" for peak in passages.per_text_max(values))
        return Items(passages, values, strata, np.ones(len(texts)))

    def free_items(self) -> FreeItems:
        return count_free([self._masks(self.items(self.texts[20:100]))])

    def grade_free(self, report: Report) -> FreeGrade:
        items = self.items(self.texts[20:100])
        return grade_free([self._masks(items)], [items], [self.read(report, items.passages)], 0.5)

    def grade_claims(self, report: Report, slice_name: str) -> list[ClaimGrade]:
        items = self.items(self.texts)
        alone = [self.read(Report(claim.text, (claim,)), items.passages) for claim in report.claims]
        return claim_grades(items, alone, 0.5)

    def _masks(self, items: Items) -> FreeMasks:
        return free_masks(items, self.triggers, 10.0, negatives=True)


@dataclass
class World:
    """A planted unit's exemplars, practice room and unseen texts."""

    value: dict[str, Any]
    seed: int = 0
    counts: tuple[int, int, int] = (30, 20, 60)
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    read: Callable[[Report, Passages], Floats] = predicted

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        texts = list(dict.fromkeys(sentence(rng) for _ in range(3000)))
        values = truth(self.value, texts)
        firing = [i for i, each in enumerate(values) if each.max() > 0]
        silent = [i for i, each in enumerate(values) if each.max() == 0]
        fire, near, quiet = self.counts
        self.exemplars = [exemplar(texts[i], values[i], "firing") for i in firing[:fire]]
        self.exemplars += [exemplar(texts[i], values[i], "near_miss") for i in silent[:near]]
        self.exemplars += [exemplar(texts[i], values[i], "silent") for i in silent[near : near + quiet]]
        unseen = [*firing[fire : fire + 60], *silent[near + quiet : near + quiet + 300]]
        self.unseen = [texts[i] for i in unseen]
        shown = (pair for each in self.exemplars for pair in zip(each.words, each.values, strict=True))
        triggers = frozenset(word.lower() for word, value in shown if value > 0)
        self.room = Room(self.value, self.unseen, self.overrides, read=self.read, triggers=triggers)

    def laboratory(self, budget: Budget | None = None) -> Laboratory:
        return Laboratory(
            self.exemplars, computed(lambda texts: truth(self.value, texts)), self.room, budget or Budget()
        )

    def guardrails(self, spec: str, laboratory: Laboratory) -> list[Guardrail]:
        return select(spec, ReservedPractice(laboratory, self.room))

    def r(self, report: Report) -> float:
        values = np.concatenate(truth(self.value, self.unseen))
        return weighted_correlation(values, predicted(report, Passages.of(self.unseen)), np.ones(len(values)))


def underdetermined(value: dict[str, Any] = GATED) -> World:
    """A gated unit whose exemplars never show the trigger without its gate: only experiments can find the gate."""
    world = World(value)
    shown = [each for each in world.exemplars if each.words.count("bank") == (each.values > 0).sum()]
    world.exemplars = shown
    return world


def null_world(seed: int) -> World:
    """Values drawn apart from the text: nothing to explain."""
    world = World(words("bank"), seed)
    rng = np.random.default_rng(seed + 100)
    noise = [
        (rng.random(len(each.words)) < 0.1) * rng.uniform(1, 10, len(each.words)) * (each.stratum == "firing")
        for each in world.exemplars
    ]
    world.exemplars = [exemplar(e.text, v, e.stratum) for e, v in zip(world.exemplars, noise, strict=True)]
    return world
