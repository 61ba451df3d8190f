"""Placebo reports: of units and by explainers that are not in the null bank (METHOD.md section 4, (b))."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.calibration.evidence import Bools, Evidence, Room
from benchmark.calibration.teaching import Teaching, searched, top_tokens
from benchmark.exam.cross_examination import stranger_mask
from benchmark.explainers.report import Report
from benchmark.statistics.weighted import rows_r_matrix
from benchmark.suites.bank import ladder_entries
from benchmark.suites.recipe import PLANTED
from benchmark.suites.suite import Suite
from synthetic_neurons.assembly import planted_units
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.planted import PlantedUnit
from synthetic_neurons.predicate import Predicate

Say = Callable[[str], None]


@dataclass(frozen=True)
class Placebo:
    """A report with the unit that it is about.

    Attributes:
        report: with predicates for all claims.
        writer: who wrote it.
        source: the name of what it is about; reports on one source are one cluster.
        truth: what it is about.
    """

    report: Report
    writer: str
    source: str
    truth: Predicate


def _key(report: Report) -> str:
    return json.dumps([report.text, [claim.to_json() for claim in report.claims]], sort_keys=True)


def _by_explainers(units: Sequence[PlantedUnit], teaching: Teaching, seed: int) -> list[Placebo]:
    """What two explainers say of the units that fire often enough in teach windows."""
    made = []
    for place, unit in enumerate(units):
        exemplars = teaching.exemplars(unit.values(teaching.passages), (seed, place))
        if not exemplars:
            continue
        reports = {"rule_induction": searched(exemplars).best, "top_tokens": top_tokens(exemplars)}
        made += [
            Placebo(report, writer, f"placebo/{unit.identifier}", unit.predicate)
            for writer, report in reports.items()
            if report is not None
        ]
    return made


@dataclass(frozen=True)
class Wanted:
    """How many placebos.

    Attributes:
        per_family: units of each family.
        rungs: reports of each unit's ladder, drawn at random. Few reports on many units are worth more than many on
            few, since what is said of one unit is much alike.
        explained: how many of the units explainers report on as well, spread over the families.
    """

    per_family: int
    rungs: int
    explained: int


def _some(found: Sequence[Placebo], each: int, seed: int) -> list[Placebo]:
    """At most so many reports on each source, in their order."""
    taken: dict[str, int] = {}
    kept = []
    for place in np.random.default_rng([seed, 7]).permutation(len(found)):
        source = found[place].source
        taken[source] = taken.get(source, 0) + 1
        if taken[source] <= each:
            kept.append(int(place))
    return [found[place] for place in sorted(kept)]


def placebos(
    suite: Suite, teaching: Teaching, seed: int, wanted: Wanted, say: Say = lambda line: None
) -> list[Placebo]:
    """Rungs of the ladders of planted units of another seed, and explainers' reports on some; none is in the bank.

    Args:
        suite: whose bank they stay out of.
        teaching: what explainers are shown.
        seed: of the units; not that of the suite, nor of its bank's.
        wanted: how many.
        say: told of progress.
    """
    units = planted_units(seed, wanted.per_family, PLANTED)
    say(f"{len(units)} planted units of seed {seed} for placebo reports")
    predicates = {unit.identifier: unit.predicate for unit in units}
    ladders = [
        Placebo(entry.report, entry.writer, f"placebo/{name}", predicates[name])
        for entry in ladder_entries(units, "placebo", teaching.passages)
        for name in [entry.source.name.removeprefix("planted/placebo/")]
    ]
    every = max(1, len(units) // max(1, wanted.explained))
    made = _some(ladders, wanted.rungs, seed) + _by_explainers(units[::every][: wanted.explained], teaching, seed)
    known = {_key(entry.report) for entry in suite.bank.reports}
    fresh = {_key(each.report): each for each in reversed(made) if _key(each.report) not in known}
    say(f"{len(fresh)} different placebo reports, {len(made) - len(fresh)} like another or like the bank's left out")
    return list(fresh.values())[::-1]


def unrelated(room: Room, found: Sequence[Placebo]) -> Bools:
    """Bool [units, placebos]: neither the placebo's source nor its predicates correlate 0.1 or more with the unit."""
    sources = {each.source: each.truth for each in found}
    weight, passages = room.pool.word_weight, room.passages
    truths = np.stack([evaluate(truth, passages) for truth in sources.values()])
    source_r = rows_r_matrix(room.rows, truths, weight)
    column = {name: place for place, name in enumerate(sources)}
    own_r, _ = room.examine("executable", [each.report for each in found], room.rows)
    by_source = source_r[:, [column[each.source] for each in found]]
    return stranger_mask(by_source) & stranger_mask(by_source, own_r)


def placebo_evidence(room: Room, found: Sequence[Placebo], say: Say = lambda line: None) -> dict[str, Evidence]:
    """The placebos on every unit of a pool, by reader."""
    allowed = unrelated(room, found)
    reports = [each.report for each in found]
    made = {}
    for name in room.readers:
        made[name] = room.evidence(name, reports, allowed)
        say(f"{len(reports)} placebo reports read by {name} on the {room.kind} pool")
    return made
