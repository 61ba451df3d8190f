"""The cross-examination of a layer: its reports and the null bank's, on every sampled latent and null unit.

The strangers of METHOD.md section 4 are the bank's reports; the reports of other latents of the same run stand beside
them, to see how often the test rejects where a report has nothing to do with its unit.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.calibration.evidence import Bools, Evidence, read
from benchmark.exam.cross_examination import report_features, stranger_mask
from benchmark.exam.items import Rows
from benchmark.explainers.report import Report
from benchmark.layer_report.layer import Layer
from benchmark.layer_report.tasks import Desk
from benchmark.layer_report.work import Progress
from benchmark.readers.reader import Reader
from benchmark.statistics.weighted import rows_r_matrix, truths_r
from benchmark.subjects.shards import read_shard, write_shard
from benchmark.suites.suite import Bank
from benchmark.suites.tables import content_hash
from synthetic_neurons.passages import Floats, Ints

# Reports read at once: 64 x 550,000 words are 35 MB of levels, and 280 MB while they are made.
CHUNK = 64
LATENT = "latent/"


@dataclass(frozen=True, eq=False)
class Sitting:
    """Who is examined, and on what.

    Attributes:
        latents: records of the sampled latents, in the sample's order.
        nulls: records of the null units on which there is a report.
        rows: the truths of the latents, then of those null units.
        speaking: int64, places among the latents of those with a report.
    """

    latents: Sequence[Mapping[str, Any]]
    nulls: Sequence[Mapping[str, Any]]
    rows: Sequence[Rows]
    speaking: Ints

    @property
    def reports(self) -> list[Report]:
        """The reports on latents, then those on null units."""
        spoke = [*(self.latents[place] for place in self.speaking), *self.nulls]
        return [Report.from_json(each["report"]) for each in spoke]


def sit(desk: Desk, latents: Sequence[Mapping[str, Any]], nulls: Sequence[Mapping[str, Any]]) -> Sitting:
    """Lay out the truths."""
    spoke = [each for each in nulls if each["outcome"] == "report"]
    speaking = np.array([i for i, each in enumerate(latents) if each["outcome"] == "report"], dtype=np.int64)
    rows = [desk.layer.rows(int(each["latent"])) for each in latents]
    return Sitting(latents, spoke, [*rows, *(desk.exam(each)[1] for each in spoke)], speaking)


@dataclass(frozen=True, eq=False)
class Crossed:
    """One reader's r and features of bank and own reports.

    Attributes:
        r: float64 [rows of the sitting, bank reports and then own reports]; NaN where the reader cannot read a report.
        features: float64 [reports, 2].
        took: seconds of reading all reports, and of all their r; NaN where nobody noted them.
    """

    r: Floats
    features: Floats
    took: tuple[float, float] = (float("nan"), float("nan"))


def cross(
    sitting: Sitting, bank: Bank, reader: Reader, layer: Layer, folder: Path, facts: Mapping[str, Any]
) -> Crossed:
    """Every report on every unit by one reader; kept in the folder, so that it is not done again.

    Args:
        sitting: the units and own reports.
        bank: the strangers.
        reader: reads all reports that it can.
        layer: whose exam.
        folder: of the layer report.
        facts: what decided the records.
    """
    reports = [*(each.report for each in bank.reports), *sitting.reports]
    named = [*(str(each["key"]) for each in sitting.latents), *(str(each["key"]) for each in sitting.nulls)]
    key = content_hash(
        {"reports": [each.to_json() for each in reports], "units": named, "facts": dict(facts), "by": reader.name}
    )
    path = folder / f"crossed-{reader.name}-{key[:16]}.safetensors"
    found = read_shard(path)
    if found is None:
        found = _crossed(sitting.rows, reports, reader, layer)
        write_shard(path, found)
    reading, comparing = np.asarray(found.get("took", (np.nan, np.nan)), dtype=float).tolist()
    return Crossed(found["r"].astype(float), found["features"].astype(float), (reading, comparing))


def _crossed(rows: Sequence[Rows], reports: Sequence[Report], reader: Reader, layer: Layer) -> dict[str, Any]:
    readable = [i for i, each in enumerate(reports) if reader.name != "executable" or each.has_predicates]
    r, features = np.full((len(rows), len(reports)), np.nan), np.zeros((len(reports), 2))
    weight = np.ones(len(layer.exam.words))
    progress, took = Progress(f"reports read ({reader.name})", len(readable)), np.zeros(2)
    for first in range(0, len(readable), CHUNK):
        some, began = readable[first : first + CHUNK], time.monotonic()
        levels = read(reader, [reports[i] for i in some], layer.exam)
        for i, row in zip(some, levels, strict=True):
            features[i] = report_features(row, weight, reader.threshold, reports[i].text)
        seen = time.monotonic()
        r[:, some] = rows_r_matrix(rows, levels, weight)
        took += (seen - began, time.monotonic() - seen)
        for _ in some:
            progress.step()
    return {"r": r.astype(np.float32), "features": features, "took": took}


def evidence(sitting: Sitting, crossed: Crossed, strangers: "Strangers", bank: int) -> Evidence:
    """What a decision needs, on the latents and the null units; the own reports are columns, in their order."""
    rates = np.array([len(each.active) for each in sitting.rows]) / max(1, int((sitting.rows[0].count > 0).sum()))
    bank_r = crossed.r[:, :bank]
    return Evidence(
        np.nan_to_num(crossed.r[:, bank:]),
        strangers.own,
        crossed.features[bank:],
        np.nan_to_num(bank_r),
        strangers.bank & ~np.isnan(bank_r),
        crossed.features[:bank],
        rates,
    )


@dataclass(frozen=True, eq=False)
class Strangers:
    """Who may stand in for whom.

    Attributes:
        bank: bool [units, bank reports], unrelated by METHOD.md's mask: by truth and by what the report predicts.
        own: bool [units, own reports], by the same mask.
        unrelated: bool [units, own reports], by the truths alone. What the test makes of a report is no reason to leave
            it out of the examination of that test.
    """

    bank: Bools
    own: Bools
    unrelated: Bools


def strangers(sitting: Sitting, bank: Bank, executable: Crossed, layer: Layer, same_home: bool) -> Strangers:
    """The mask of METHOD.md section 1, on this layer.

    A bank report serves as a stranger where neither its source nor any report on that source correlates with the unit
    (r below 0.1). A source that is a latent has its truth here; of any other, all reports on it stand for its truth,
    which masks more than METHOD asks.

    Args:
        sitting: the units.
        bank: the null bank.
        executable: the cross-examination by the executable reader.
        layer: for the truths of bank sources.
        same_home: whether the bank's latents are this layer's; those of another SAE have no truth here.
    """
    count = len(bank.reports)
    named = [each.source for each in bank.reports]
    latents = sorted({name for name in named if name.startswith(LATENT)}) if same_home else []
    truths = truths_r(
        [*sitting.rows, *(layer.rows(int(name.removeprefix(LATENT))) for name in latents)],
        np.ones(len(layer.exam.words)),
    )[: len(sitting.rows)]
    column = {name: len(sitting.rows) + i for i, name in enumerate(latents)}
    own = executable.r[:, :count]
    source = np.full(own.shape, np.nan)
    for name in dict.fromkeys(named):
        members = [i for i, each in enumerate(named) if each == name]
        known = [own[:, i] for i in members if not np.isnan(own[:, i]).any()]
        known += [truths[:, column[name]]] if name in column else []
        if known:
            source[:, members] = np.max(known, axis=0)[:, None]
    mine = [*sitting.speaking, *range(len(sitting.latents), len(sitting.rows))]
    between = truths[:, mine]
    return Strangers(
        stranger_mask(source, own), stranger_mask(between, executable.r[:, count:]), stranger_mask(between)
    )
