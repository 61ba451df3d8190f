"""Explainers on string units: `python -m benchmark.strings` writes `results/find_strings.json` and `.md`.

The laboratory, budget and readers are those of every other unit. What is to be seen is a floor: no predicate can say a
string function, so whatever r an explainer reaches comes from words, endings and the like.
"""

import argparse
import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.exam.cross_examination import dequantise, level_threshold, quantise
from benchmark.exam.grading import grade
from benchmark.exam.items import Items, Rows
from benchmark.explainers.constant import Constant
from benchmark.explainers.explainer import Explainer, Journal, NoReport
from benchmark.explainers.oracle import Oracle
from benchmark.explainers.placebo import Placebo
from benchmark.explainers.report import Report
from benchmark.explainers.rule_induction import RuleInduction
from benchmark.explainers.top_tokens import TopTokens
from benchmark.guardrails.registry import select
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory, ReservedPractice
from benchmark.provenance import code_hash, versions
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from benchmark.readers.reader import Reader
from benchmark.statistics.bootstrap import Interval, interval
from benchmark.statistics.weighted import weighted_r
from benchmark.strings.page import to_markdown
from benchmark.strings.world import CUES, StringNulls, StringRoom, StringWorld, cue_of
from benchmark.suites.suite import Suite, load
from synthetic_neurons.arguments import at_least
from synthetic_neurons.strings import parse, string_units
from synthetic_neurons.strings.function import SHAPES

log = logging.getLogger(__name__)

EXPLAINERS = (
    "constant",
    "placebo",
    "top_tokens",
    "rule_induction",
    "rule_induction_agentic",
    "rule_induction_guardrailed",
    "oracle",
)
READERS = ("executable", "lookup")
# Wide enough never to be what ends an explainer: figures must not depend on how busy the machine is.
SECONDS = 3600.0
CALIBRATED_ON = "embedded-2"


@dataclass(frozen=True)
class Score:
    """One report of one explainer on one unit, read by one reader.

    Attributes:
        unit, shape, explainer, reader: whose.
        outcome: "report", "abstained", "declares none" (prose alone, which this reader does not read) or a failure.
        r: weighted Pearson at base rate; 0 for abstentions and failures; None where the reader declares none.
        auprc, simulation_accuracy: alike.
        queries: unit queries spent.
        text: the report.
    """

    unit: str
    shape: str
    explainer: str
    reader: str
    outcome: str
    r: float | None
    auprc: float | None
    simulation_accuracy: float | None
    queries: int
    text: str


def _explainer(name: str, world: StringWorld, laboratory: Laboratory, room: StringRoom) -> Explainer:
    if name == "placebo":
        return Placebo(room.nulls.placebos[room.nulls.names.index(world.unit.identifier)])
    if name == "oracle":
        return Oracle(world.truth)
    if name == "rule_induction_guardrailed":
        return RuleInduction("guardrailed", guardrails=select("classic", ReservedPractice(laboratory, room)))
    makers: dict[str, Callable[[], Explainer]] = {
        "constant": Constant,
        "top_tokens": TopTokens,
        "rule_induction": RuleInduction,
        "rule_induction_agentic": lambda: RuleInduction("agentic"),
    }
    return makers[name]()


def _explained(explainer: Explainer, laboratory: Laboratory) -> tuple[Report | None, str]:
    """The report with its outcome; a failure has no report and its kind for outcome (METHOD.md section 2)."""
    try:
        report = asyncio.run(explainer.explain(laboratory, Journal()))
    except NoReport as error:
        return None, error.kind
    except BudgetExceeded:
        return None, "limit"
    except Exception:  # an explainer that crashes costs its unit, not the board
        log.exception("%s crashed", explainer.name)
        return None, "crash"
    return report, "abstained" if report.abstained else "report"


def _graded(report: Report, reader: Reader, exam: Items) -> tuple[float, float, float] | None:
    """r, AUPRC and simulation accuracy on the exam; None where the reader cannot read the report."""
    levels = reader.read(report, exam.passages)
    if levels is None:
        return None
    stored = dequantise(quantise(levels))
    weight = exam.weight[exam.passages.text_of]
    found = grade(Rows.of_words(exam.values), stored, weight, exam, stored, level_threshold(reader.threshold))
    return found.r, found.auprc, found.simulation_accuracy


def _scores(name: str, world: StringWorld, room: StringRoom, readers: dict[str, Reader]) -> list[Score]:
    """One explainer on one unit, read by every reader."""
    laboratory = world.laboratory(room, Budget(seconds=SECONDS))
    report, outcome = _explained(_explainer(name, world, laboratory, room), laboratory)
    made = []
    for reader in readers.values():
        figures: tuple[float | None, ...] | None = (0.0, 0.0, 0.5 if outcome == "abstained" else 0.0)
        if report is not None and not report.abstained:
            figures = _graded(report, reader, world.exam)
        said = outcome if figures is not None else "declares none"
        r, auprc, accuracy = figures or (None, None, None)
        made.append(
            Score(
                *(world.unit.identifier, world.unit.function.shape, name, reader.name, said),
                *(r, auprc, accuracy, laboratory.spend.unit_queries, report.text if report else ""),
            )
        )
    return made


def _interpreted(world: StringWorld) -> float:
    """The r of the function itself, read back from its JSON and run by its own interpreter: the ceiling."""
    exam = world.exam
    copy = type(world.unit)(world.unit.identifier, parse(world.unit.function.to_json()))
    return weighted_r(exam.values, copy.values(exam.passages), exam.weight[exam.passages.text_of])


def readers_of(suite: Suite) -> dict[str, Reader]:
    """The readers that need no model, with the thresholds of a suite's calibration."""
    stated = suite.manifest["readers"]
    found = (ExecutableReader(stated["executable"]["threshold"]), LookupReader(stated["lookup"]["threshold"]))
    return {reader.name: reader for reader in found}


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - progress of a command


def examine(
    worlds: Sequence[StringWorld], suite: Suite, explainers: Sequence[str], say: Callable[[str], None] = _say
) -> dict[str, Any]:
    """Every explainer on every unit, as a plain JSON value: `rows`, `by_shape`, `units`."""
    strangers = [entry.report for entry in suite.bank.reports if entry.report.has_predicates]
    nulls, readers = StringNulls.of(worlds, strangers), readers_of(suite)
    say(f"{len(worlds)} units, {len(strangers)} strangers' reports in the null of the significance guardrail")
    scores: list[Score] = []
    for world in worlds:
        room = StringRoom(world, nulls, readers["executable"], readers["lookup"])
        for name in explainers:
            scores += _scores(name, world, room, readers)
        mine = [each for each in scores if each.unit == world.unit.identifier and each.reader == READERS[0]]
        say(f"{world.unit.identifier}: " + ", ".join(f"{each.explainer} {_brief(each)}" for each in mine))
    return _document(worlds, suite, scores)


def _brief(score: Score) -> str:
    return score.outcome if score.outcome != "report" or score.r is None else f"{score.r:.3f}"


def _document(worlds: Sequence[StringWorld], suite: Suite, scores: Sequence[Score]) -> dict[str, Any]:
    seed = worlds[0].seed
    ceiling = interval([_interpreted(world) for world in worlds], seed=seed)
    fires = [float(world.exam.weight[world.exam.passages.text_of] @ (world.exam.values > 0)) for world in worlds]
    total = [float(world.exam.weight[world.exam.passages.text_of].sum()) for world in worlds]
    return {
        "seed": seed,
        "units_examined": len(worlds),
        "exam_texts_a_unit": len(worlds[0].exam.strata),
        "firing_rate_a_word": round(float(np.mean(np.divide(fires, total))), 6),
        "calibrated_on": suite.name,
        "ceiling": {"explainer": "oracle", "reader": "string interpreter", "r": _shown(ceiling)},
        "rows": _rows(scores, seed),
        "by_shape": {
            shape: _rows([each for each in scores if each.shape == shape], seed)
            for shape in SHAPES
            if any(each.shape == shape for each in scores)
        },
        "by_cue": {
            cue: _rows([each for each in scores if each.unit in names], seed) for cue, names in _by_cue(worlds).items()
        },
        "units": [_unit(world, scores) for world in worlds],
    }


def _by_cue(worlds: Sequence[StringWorld]) -> dict[str, list[str]]:
    """Identifiers by what words alone give away, in a fixed order."""
    found: dict[str, list[str]] = {}
    for cue in CUES:
        if names := [world.unit.identifier for world in worlds if cue_of(world.unit) == cue]:
            found[cue] = names
    return found


def _rows(scores: Sequence[Score], seed: int) -> list[dict[str, Any]]:
    kinds = dict.fromkeys((each.explainer, each.reader) for each in scores)
    return [
        _row([each for each in scores if (each.explainer, each.reader) == kind], kind[0], kind[1], seed)
        for kind in kinds
    ]


def _row(mine: Sequence[Score], explainer: str, reader: str, seed: int) -> dict[str, Any]:
    graded = [each for each in mine if each.r is not None]
    outcomes = dict.fromkeys(sorted(each.outcome for each in mine), 0)
    for each in mine:
        outcomes[each.outcome] += 1

    def mean(values: Sequence[float | None]) -> float | None:
        kept = [value for value in values if value is not None]
        return round(float(np.mean(kept)), 4) if kept else None

    return {
        "explainer": explainer,
        "reader": reader,
        "units": len(mine),
        "r": _shown(interval([each.r for each in graded if each.r is not None], seed=seed)) if graded else None,
        "auprc": mean([each.auprc for each in graded]),
        "simulation_accuracy": mean([each.simulation_accuracy for each in graded]),
        "outcomes": outcomes,
        "unit_queries": mean([each.queries for each in mine]),
    }


def _shown(found: Interval) -> dict[str, Any]:
    low, high = (None if end is None else round(end, 4) for end in (found.low, found.high))
    return {"mean": round(found.mean, 4), "low": low, "high": high, "n": found.n}


def _unit(world: StringWorld, scores: Sequence[Score]) -> dict[str, Any]:
    mine = [each for each in scores if each.unit == world.unit.identifier]
    return {
        "identifier": world.unit.identifier,
        "shape": world.unit.function.shape,
        "like": world.unit.like,
        "cue": cue_of(world.unit),
        "truth": world.unit.text,
        "function": world.unit.function.to_json(),
        "r": {
            each.explainer: None if each.r is None else round(each.r, 4) for each in mine if each.reader == "executable"
        },
        "reports": {each.explainer: each.text for each in mine if each.reader == "executable"},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Command-line entry."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.strings", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=Path("results/find_strings.json"), help="a .md is written beside it"
    )
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the texts; 0 or more")
    parser.add_argument("--units", type=at_least(1), default=len(string_units()), help="how many, from the first")
    parser.add_argument("--explainers", nargs="+", choices=EXPLAINERS, default=EXPLAINERS)
    chosen = parser.parse_args(arguments)
    worlds = [StringWorld(unit, chosen.seed) for unit in string_units()[: chosen.units]]
    found = examine(worlds, load(CALIBRATED_ON), chosen.explainers)
    found["provenance"] = {"code_sha256": code_hash(), "versions": versions()}
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    chosen.out.with_suffix(".md").write_text(to_markdown(found), "utf-8")


if __name__ == "__main__":
    main()
