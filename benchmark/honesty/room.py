"""The examination of the planted cases: a small suite of planted units alone, made as `viva freeze` makes one.

Texts, item sets, the shared pool at base rate and its weights are those of METHOD.md section 1. The null bank has the
ladders of off-suite planted units and WordNet statements; reports on latents are left out, since nothing here is found
in a model.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
from transformers import AutoTokenizer

from benchmark.errors import UserError
from benchmark.exam.items import STRATA
from benchmark.examiner import Examiner
from benchmark.honesty.bank import write_bank
from benchmark.honesty.cases import COUNTS, RESERVE, Case, Kind, candidates
from benchmark.laboratory import OPEN_SLICE, SHIFTED_SLICE, SUBMISSION_SLICES, Budget, Laboratory, computed
from benchmark.provenance import DECIDING, sources_hash
from benchmark.subjects.embedded import subject_folder
from benchmark.suites.fields import Book, Field
from benchmark.suites.freeze import Draft, enter_pool, population_of, type_similarity
from benchmark.suites.planting import planted, teachable
from benchmark.suites.recipe import Recipe
from benchmark.suites.sampling import TypeSimilarity, deal
from benchmark.suites.sources import natural_fields, natural_windows, planted_fields
from benchmark.suites.suite import Suite
from benchmark.suites.suite import load as load_suite
from benchmark.suites.tables import write_table
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Floats, Passages

NAME = "honesty"
# Readers are calibrated on the bank of this suite, which has no unit of ours.
CALIBRATED_ON = "embedded-2"
STOP_R = 0.7
# Windows of natural text in each part; every n-th is taken, so that all topics stay.
MOST_WINDOWS = {"teach": 3000, "practice": 3000, "exam": 5000, "ood": 2000}
# What decides units, their exam and their halves: other code makes them anew.
UNITS = (
    *(f"benchmark/honesty/{name}" for name in ("cases.py", "room.py", "bank.py", "halves.py", "measure.py", "themes")),
    *DECIDING,
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Room:
    """The cases with their exam.

    Attributes:
        cases: in the order of the suite's units.
        suite: the texts, items, pool and null bank.
        passed_over: candidates that fired too seldom, and gave way to a later one of their kind.
    """

    cases: tuple[Case, ...]
    suite: Suite
    passed_over: int

    @cached_property
    def examiner(self) -> Examiner:
        """The readers over the suite."""
        return Examiner(self.suite)

    def unit(self, case: Case) -> Unit:
        """The case's unit, as the suite has it."""
        return self.suite.unit(f"planted-{case.name}")

    def laboratory(self, case: Case) -> Laboratory:
        """A fresh laboratory for one unit, with the budget of all."""
        unit = self.unit(case)

        def values(texts: Sequence[str]) -> list[Floats]:
            passages = Passages.of(texts)
            return np.split(10 * case.unit.values(passages), passages.first[1:-1])

        practice = self.examiner.practice(unit)
        return Laboratory(self.suite.exemplars(unit), computed(values), practice, Budget(), self.suite.forbidden)


def make(seed: int, folder: Path, counts: dict[Kind, int] | None = None, say: Say = lambda line: None) -> Room:
    """Make the cases and their exam from a seed, or read them where `folder` has them.

    Args:
        seed: of units, texts and draws.
        folder: where the suite's files are kept.
        counts: units of each kind; `COUNTS` if None.
        say: is told what is being done.

    Raises:
        UserError: too few candidates of a kind fire often enough, or the folder's units are others.
    """
    wanted = counts or COUNTS
    every = [case for kind, count in wanted.items() for case in candidates(seed, kind, ceil(RESERVE * count))]
    done, asked = folder / "chosen.json", {"seed": seed, "counts": wanted, "code": sources_hash(UNITS)}
    if done.exists():
        _check(folder, asked)
    else:
        say("cutting texts")
        windows = natural_windows(AutoTokenizer.from_pretrained(subject_folder()), tuple(MOST_WINDOWS))
        thinned = {part: each[:: -(-len(each) // MOST_WINDOWS[part])] for part, each in windows.items()}
        recipe = recipe_of(seed, len(every))
        say(f"writing texts for {len(every)} units")
        units = [case.unit for case in every if case.kind != "null"]
        fields = planted_fields(recipe, natural_fields(thinned), units)
        chosen, passed_over = choose(recipe, fields, every, wanted)
        say(f"{len(chosen)} units; drawing items and the pool")
        _write(recipe, folder, chosen, fields, say)
        stated = {**asked, "names": [case.name for case in chosen], "passed_over": passed_over}
        done.write_text(json.dumps(stated), "utf-8")
    by_name = {case.name: case for case in every}
    kept = json.loads(done.read_text("utf-8"))
    return Room(tuple(by_name[name] for name in kept["names"]), Suite(folder, verify=False), kept["passed_over"])


def _check(folder: Path, asked: dict[str, Any]) -> None:
    """Raise where a folder's units are not those that are asked for."""
    kept = json.loads((folder / "chosen.json").read_text("utf-8"))
    found = dict.fromkeys(asked) | (kept if isinstance(kept, dict) else {})
    for name, value in asked.items():
        if found[name] != value:
            near = f"--seed {found['seed']} or " if name == "seed" and found["seed"] is not None else ""
            raise UserError(
                f"the units in {folder} were made with {name} {found[name]}, not {value}; mend: {near}another --work"
            )


def recipe_of(seed: int, units: int) -> Recipe:
    """What the suite is made of; texts for two practice slices and the shifted one, since no more are graded."""
    generated = MOST_WINDOWS["exam"] // 3
    return Recipe(
        NAME,
        seed,
        planted=units,
        planted_natural=MOST_WINDOWS["exam"],
        planted_generated=generated,
        generated_firing=0.95,
        generated_teach=60,
        generated_practice=80,
        generated_ood=40,
    )


def choose(
    recipe: Recipe, fields: dict[str, Field], every: Sequence[Case], wanted: dict[Kind, int]
) -> tuple[tuple[Case, ...], int]:
    """The first candidates of each kind that fire often enough in every part, and how many before them do not.

    Raises:
        UserError: too few do.
    """
    least = {"teach": recipe.items, "practice": 2 * recipe.items, "ood": recipe.items, "exam": recipe.expect}
    chosen: list[Case] = []
    passed_over = 0
    for kind, count in wanted.items():
        found, seldom = 0, 0
        for case in (each for each in every if each.kind == kind):
            if found == count:
                break
            often = all(_positives(fields[part], case) >= n for part, n in least.items())
            found, seldom = found + often, seldom + (not often)
            chosen += [case] * often
        if found < count:
            raise UserError(f"only {found} {kind} units of {count} fire often enough; mend: another seed")
        passed_over += seldom
    return tuple(chosen), passed_over


def _positives(source: Field, case: Case) -> int:
    return int((source.passages.per_text_max(case.unit.values(source.passages)) > 0).sum())


def _as_unit(case: Case) -> Unit:
    made = planted(case.unit)
    return replace(made, notes={**made.notes, "kind": case.kind})


def _enter_items(draft: Draft, index: int, case: Case, fields: dict[str, Field], similarity: TypeSimilarity) -> None:
    """Teach exemplars, two practice slices, the shifted one and the own items of one unit."""
    unit, rng = draft.units[index], np.random.default_rng([draft.recipe.seed, index])
    taught = population_of(fields["teach"], unit, similarity, teachable(fields["teach"], case.unit))
    for stratum in STRATA:
        hand = deal(taught, draft.recipe.teach[stratum], 1, rng)[0]
        draft.add_items("teach", index, {stratum: hand[stratum]}, fields["teach"])
    for part, names in (
        ("practice", (OPEN_SLICE, SUBMISSION_SLICES[0])),
        ("ood", (SHIFTED_SLICE,)),
        ("exam", ("own",)),
    ):
        hands = deal(population_of(fields[part], unit, similarity), draft.recipe.items, len(names), rng)
        for name, hand in zip(names, hands, strict=True):
            draft.add_items(name, index, hand, fields[part])


def _write(recipe: Recipe, folder: Path, cases: Sequence[Case], fields: dict[str, Field], say: Say) -> None:
    """Draw pool and items, and write the suite with its bank."""
    similarity = type_similarity(list(fields.values()))
    draft = Draft(recipe, Book(_a_token_a_word), [_as_unit(case) for case in cases])
    enter_pool(draft, "planted", fields["exam"], similarity, say)
    for index, case in enumerate(cases):
        _enter_items(draft, index, case, fields, similarity)
    folder.mkdir(parents=True, exist_ok=True)
    units = [unit.to_json() for unit in draft.units]
    (folder / "units.json").write_text(json.dumps(units, ensure_ascii=False) + "\n", "utf-8")
    for name, columns in (("windows", draft.book.columns()), ("items", draft.items), ("pools", draft.pools)):
        write_table(folder, name, columns)
    write_table(folder, "found", {name: np.zeros(0) for name in ("unit", "window", "token", "value")})
    manifest = {"name": NAME, "seed": recipe.seed, "hash": "", "stop_r": STOP_R, "pools": draft.pool_facts}
    manifest["readers"] = load_suite(CALIBRATED_ON).manifest["readers"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    say("making the null bank")
    write_bank(Suite(folder, verify=False), folder, recipe)


def _a_token_a_word(texts: Sequence[str]) -> list[list[int]]:
    """Planted truth sits on words: no subject's tokens are kept."""
    passages = Passages.of(texts)
    return [[1] * int(count) for count in np.diff(passages.first)]
