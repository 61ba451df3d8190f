"""A small suite of two found units, a run with stored predictions, and what delphi would say of perfect parsing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmark import papers as sidecar
from benchmark.comparison.cases import Case, cases
from benchmark.exam.cross_examination import quantise
from benchmark.exam.items import Items, Pool, Rows
from benchmark.examiner import Paper
from benchmark.leaderboard.collect import Run
from synthetic_neurons.passages import Floats, Passages

HOSTILE = "<script>alert(1)</script> | *fires* on\nfish \x1b[31m"
# Population shares of the strata over three windows each.
WEIGHT = {"firing": 0.05 / 3, "near_miss": 0.02 / 3, "silent": 0.93 / 3}
STRATA = ("firing",) * 3 + ("near_miss",) * 3 + ("silent",) * 3


def own_items() -> Items:
    """Nine windows of three words; the second word of a firing one fires."""
    passages = Passages.of([f"{stratum.replace('_', '')} word{place}, end" for place, stratum in enumerate(STRATA)])
    values = np.zeros(len(passages.words))
    values[passages.first[:3] + 1] = (3.0, 2.0, 1.0)
    return Items(passages, values, STRATA, np.array([WEIGHT[stratum] for stratum in STRATA]))


def pool() -> Pool:
    """Forty windows of five words; both units fire on the second word of four of them."""
    passages = Passages.of([f"a b{place} c d e" for place in range(40)])
    truth = np.zeros(200)
    truth[1:20:5] = (4.0, 3.0, 2.0, 1.0)
    weight = np.array([1.0] * 10 + [20.0] * 30)
    return Pool(passages, weight, {name: Rows.of_words(truth) for name in ("found-1", "found-2")})


def suite() -> Any:
    """What the comparison asks of a suite."""
    units = [SimpleNamespace(identifier=f"found-{n}", tier="found", pool="natural") for n in (1, 2)]
    units.append(SimpleNamespace(identifier="found-3", tier="found", pool="natural"))
    readers = {"embedding": {"threshold": 5.0}, "executable": {"threshold": 5.0}}
    return SimpleNamespace(
        units=units, manifest={"readers": readers}, pool=lambda kind: pool(), items=lambda unit, which: own_items()
    )


def own_levels(said: Sequence[int]) -> Floats:
    """Level 8 on a word of the windows that are said to fire, 1 elsewhere."""
    items = own_items()
    levels = np.ones(len(items.values))
    levels[items.passages.first[list(said)]] = 8.0
    return levels


def a_run(folder: Path) -> Run:
    """Unit 1: right windows and half of the near misses; unit 2: silent windows too; unit 3: abstained."""
    samples: dict[str, dict[str, Any]] = {"found-3": {"outcome": "abstained"}}
    pool_levels = np.ones(200)
    pool_levels[1:60:5] = 9.0
    for name, said in (("found-1", [0, 1, 2, 3, 4]), ("found-2", [0, 1, 3, 6, 7, 8])):
        paper = Paper(quantise(pool_levels), quantise(own_levels(said)), quantise(np.ones(2)))
        other = Paper(quantise(np.ones(200)), quantise(own_levels([8])), quantise(np.ones(2)))
        address = sidecar.store({"embedding": paper, "executable": other}, folder)
        samples[name] = {"outcome": "report", "report": {"text": f"{HOSTILE} {name}"}, "papers": address}
    return Run("top_tokens", "none", samples, folder)


def made(folder: Path, readers: Sequence[str] = ("embedding",)) -> list[Case]:
    """The cases of that run."""
    whole = suite()
    return cases(whole, a_run(folder), whole.units[:2], readers)


def confusion(sheet: Mapping[str, Any], strata: Sequence[str]) -> dict[str, Any]:
    """The figures of delphi's that the comparison reads, written out by hand from a sheet."""
    rows = [each for each in sheet["windows"] if each["fires"] or each["stratum"] in strata]
    tp = sum(each["fires"] and each["said"] for each in rows)
    fp = sum(not each["fires"] and each["said"] for each in rows)
    firing = sum(each["fires"] for each in rows)
    recall, specificity = tp / firing, 1 - fp / (len(rows) - firing)
    precision = tp / (tp + fp) if tp + fp else 0
    return {
        "accuracy": (recall + specificity) / 2,
        "f1_score": 2 * precision * recall / (precision + recall) if precision + recall else 0,
        "precision": precision,
        "recall": recall,
        "given": len(rows),
        "unanswered": 0,
        "failed_count": 0,
    }


def answered(found: Sequence[Case], procedures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What delphi's script would write of these cases."""
    scored = [
        {
            "name": each["name"],
            "sheets": [confusion(case.sheet(), each["silent_strata"]) for case in found],
            "together": {case.reader: {"accuracy": 0.5} for case in found},
        }
        for each in procedures
    ]
    return {"version": "0.1.3", "procedures": scored}
