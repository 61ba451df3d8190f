"""How fast planted truth is: `python -m synthetic_neurons.bench` (or `make bench`) writes `results/bench.json`.

Evaluation is timed in words/s a predicate, against the same trees as a plain Python loop (`plain`), turn about in one
run. Both are given split texts. The evaluator's index of them, made once a corpus and used by every predicate, is timed
by itself; what an op adds to it when first used counts as the op's. Generation is in units/s. All times are of the
processor, so that other work on the machine does not count.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from synthetic_neurons.arguments import at_least
from synthetic_neurons.assembly import planted_total, planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.families import FAMILIES
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.plain import Line, plain_values
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Always, Predicate, parse
from synthetic_neurons.texts.generate import generate

SEED = 1
UNITS = 16_384
TEXTS = 40
ROUNDS = 3
WARM_UP = 20
# The least time that is told apart from none.
TICK = 1e-6
# Null units have no texts of their own.
EXPLAINED = tuple(name for name in FAMILIES if name != "null")
_COMMA = {"op": "word", "words": [","]}
# One tree for each op that `embedded-1` had no unit of.
OPS: dict[str, dict[str, Any]] = {
    "infix": {"op": "infix", "text": "oo"},
    "similar": {"op": "similar", "to": "rain", "nearest": 12, "graded": True},
    "graded": {"op": "graded", "scale": "magnitude"},
    "place": {"op": "place", "in": "clause", "from": 0, "to": 2},
    "count": {"op": "count", "n": 2, "of": _COMMA},
    "depth": {"op": "depth", "n": 1},
    "induction": {"op": "induction"},
}


@dataclass(frozen=True)
class Corpus:
    """The same texts for both sides: their strings' words as arrays, and as lists."""

    texts: tuple[str, ...]
    lines: tuple[Line, ...]
    words: int

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Corpus":
        """Split `texts`."""
        passages = Passages.of(texts)
        spaced = [False, *(passages.start[1:] > passages.end[:-1]).tolist()]
        edges = list(zip(passages.first[:-1].tolist(), passages.first[1:].tolist(), strict=True))
        lines = tuple(Line(list(passages.words[a:b]), spaced[a:b]) for a, b in edges)
        return cls(tuple(texts), lines, len(passages.words))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _vectorised(predicates: Sequence[Predicate], passages: Passages) -> list[Floats]:
    return [evaluate(each, passages) for each in predicates]


def _plainly(predicates: Sequence[Predicate], corpus: Corpus) -> list[list[float]]:
    return [[value for line in corpus.lines for value in plain_values(each, line)] for each in predicates]


def _compare(predicates: Sequence[Predicate], corpus: Corpus) -> dict[str, Any]:
    """Words/s of both, the best of a few turns each; fresh passages a turn, so that nothing is kept."""
    index, ours, plain = [], [], []
    for _ in range(ROUNDS):
        passages = Passages.of(corpus.texts)
        index.append(_seconds(partial(evaluate, Always(), passages)))
        ours.append(_seconds(partial(_vectorised, predicates, passages)))
        plain.append(_seconds(partial(_plainly, predicates, corpus)))
    _check(predicates, corpus)
    work = corpus.words * len(predicates)
    fast, slow = round(work / max(min(ours), TICK)), round(work / max(min(plain), TICK))
    return {
        "predicates": len(predicates),
        "words_per_s": fast,
        "plain_words_per_s": slow,
        "index_words_per_s": round(corpus.words / max(min(index), TICK)),
        "times": round(fast / slow, 1),
        # For one predicate on a corpus never seen before, and for all of them.
        "times_alone": round(min(plain) / len(predicates) / max(min(index) + min(ours) / len(predicates), TICK), 1),
        "times_together": round(min(plain) / max(min(index) + min(ours), TICK), 1),
    }


def _check(predicates: Sequence[Predicate], corpus: Corpus) -> None:
    """A rival that gives other values is no rival."""
    passages = Passages.of(corpus.texts)
    for each, values in zip(predicates, _plainly(predicates, corpus), strict=True):
        if not np.array_equal(evaluate(each, passages), values):
            raise AssertionError(f"the plain loop and the evaluator differ on {each.to_json()}; mend one of them")


def _generation(wanted: int) -> dict[str, Any]:
    """Units/s for `wanted` units with different truths, the families taking turns; lists are read before."""
    planted_total(SEED, WARM_UP * len(FAMILIES), apart=False)
    start = time.process_time()
    units = planted_total(SEED, wanted, apart=False)
    seconds = max(time.process_time() - start, TICK)
    made = {"families": len(FAMILIES), "units": len(units), "different": len({_truth(unit) for unit in units})}
    return {**made, "seconds": round(seconds, 3), "units_per_s": round(len(units) / seconds)}


def _truth(unit: PlantedUnit) -> str:
    return json.dumps(unit.truth, sort_keys=True)


def _evaluation(units: Sequence[PlantedUnit], texts_a_unit: int) -> dict[str, Any]:
    corpus = Corpus.of([text for unit in units for text in generate(unit, "teach", texts_a_unit, SEED)])
    planted = _compare([unit.predicate for unit in units], corpus)
    ops = {op: _compare([parse(tree)], corpus) for op, tree in OPS.items()}
    return {"texts": len(corpus.texts), "words": corpus.words, "planted": planted, "ops": ops}


def measure(units: int = UNITS, texts_a_unit: int = TEXTS) -> dict[str, Any]:
    """Both measurements, with what they were made on."""
    machine = {"python": platform.python_version(), "numpy": np.__version__, "machine": platform.machine()}
    return {
        "seed": SEED,
        "machine": {**machine, "cores": os.cpu_count()},
        "generation": _generation(units),
        "evaluation": _evaluation(planted_units(SEED, families=EXPLAINED), texts_a_unit),
    }


def record(path: Path, figures: Mapping[str, Any]) -> None:
    """Write figures into a file of them, in the place of those of the same name; the others stay.

    Raises:
        ValueError: the file is there and is not JSON.
    """
    there = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**there, **figures}, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m synthetic_neurons.bench", description="Speed of planted truth.")
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"), help="where the figures go")
    parser.add_argument("--units", type=at_least(1), default=UNITS, help="how many units to generate")
    parser.add_argument("--texts", type=at_least(1), default=TEXTS, help="texts a unit to evaluate on")
    chosen = parser.parse_args(arguments)
    found = measure(chosen.units, chosen.texts)
    record(chosen.out, found)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
