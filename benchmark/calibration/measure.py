"""Everything that `viva calibrate` measures, in order; what is slow lies in the work folder and is gone on with."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.calibration.decisions import suite_null
from benchmark.calibration.evidence import Bools, Evidence, Room
from benchmark.calibration.exhibit import Exhibit, Exhibition, exhibit
from benchmark.calibration.false_positives import (
    Cell,
    Decided,
    by_breadth,
    cells,
    decided_on_nulls,
    decided_on_placebos,
    family,
    with_paraphrases,
    wrong_matching,
)
from benchmark.calibration.nulls import null_evidence
from benchmark.calibration.placebos import Placebo, Wanted, placebos, unrelated
from benchmark.calibration.power import LadderReport, Power, ladder_evidence, ladder_places, ladder_reports, power
from benchmark.calibration.transfer import Agreement, own_reports, transfer
from benchmark.calibration.work import Desk, Job, facts, make_shards, open_folder, read_bank, shards
from benchmark.explainers.report import Report
from benchmark.ladder import Summary, points, summaries
from benchmark.ladder.publish import LADDER_READERS
from benchmark.ladder.sensitivity import Sensitivity, reworded_points, sensitivities
from benchmark.leaderboard.schema import SCORE_VERSION
from benchmark.statistics.headline import THREE_SIGMA
from benchmark.subjects.shards import read_shard, write_shard
from benchmark.units.unit import PoolKind
from synthetic_neurons.predicate import parse

Say = Callable[[str], None]


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        nulls: independently keyed null units.
        shard: nulls a shard on disk.
        per_family: units of each family whose ladders are placebos.
        rungs: reports of each ladder.
        explained: how many of these units explainers report on as well.
        runs: headline p's of each kind.
        wrong_runs: headline p's of each wrong matching.
        windows_drawn: draws of each number of windows.
        exhibited: placebos in the exhibit, on five units each.
        transferred: units of each tier in the transfer table; None for all.
    """

    nulls: int = 10_000
    shard: int = 240
    per_family: int = 32
    rungs: int = 3
    explained: int = 120
    runs: int = 4_000
    wrong_runs: int = 200
    windows_drawn: int = 3
    exhibited: int = 200
    transferred: int | None = None


QUICK = Sizes(48, 24, 1, 12, 6, 40, 20, 1, 20, 4)


@dataclass
class Measured:
    """What was measured; `benchmark.calibration.publish` writes it down."""

    facts: dict[str, Any]
    false_positives: list[Cell] = field(default_factory=list)
    breadth: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[Cell] = field(default_factory=list)
    paraphrases: list[dict[str, Any]] = field(default_factory=list)
    power: list[Power] = field(default_factory=list)
    validity: list[Summary] = field(default_factory=list)
    transfer: list[Agreement] = field(default_factory=list)
    exhibit: list[Exhibit] = field(default_factory=list)
    nulls: dict[str, Any] = field(default_factory=dict)
    placebos: dict[str, Any] = field(default_factory=dict)
    sensitivity: list[Sensitivity] = field(default_factory=list)


@dataclass
class Calibration:
    """One calibration of one suite.

    Args:
        desk: the suite and its readers.
        job: the null units, and where what is slow is kept.
        sizes: how much.
        workers: processes for the null units.
        say: told of progress.
    """

    desk: Desk
    job: Job
    sizes: Sizes
    workers: int
    say: Say

    def measure(self) -> Measured:
        """Measure everything."""
        suite = self.desk.suite
        open_folder(self.job, suite.hash, suite.bank_hash)
        make_shards(self.job, self.workers, self.say, self.desk)
        stated = {**facts(self.job), "suite": suite.name, "suite_hash": suite.hash, "bank_hash": suite.bank_hash}
        stated["score_version"] = SCORE_VERSION
        sizes = asdict(self.sizes)
        done = Measured({**stated, "sizes": sizes, "family_of_bounds": family(len(self.readers))})
        self._on_nulls(done)
        found = self._placebos()
        self._on_placebos(done, found)
        self._on_ladder(done, found)
        reports = own_reports(suite, self.say, self.sizes.transferred)
        done.transfer = transfer(self.desk.rooms, reports, self.job.seed)
        return done

    @property
    def readers(self) -> list[str]:
        """The readers, in the board's order."""
        return list(self.desk.examiner.readers)

    @property
    def _members(self) -> int:
        return family(len(self.readers))

    def _on_nulls(self, done: Measured) -> None:
        natural = self.desk.rooms["natural"]
        arrays = list(shards(self.job))
        submitted = [each["submitted"] for each in arrays]
        size = sum(unit.tier == "found" for unit in self.desk.suite.units)
        nothing = np.zeros((len(natural.units), 0), dtype=bool)
        for reader in self.readers:
            null = suite_null(natural.evidence(reader, [], nothing))
            evidence = [null_evidence(natural, reader, each) for each in arrays]
            pairs = list(zip(evidence, submitted, strict=True))
            decided = decided_on_nulls(null, natural.rates(), pairs, size, self.sizes.runs, self.job.seed)
            self._take(done, reader, decided)
        hypotheses = np.concatenate([each["hypotheses"] for each in arrays])
        handed_in = np.concatenate(submitted)
        done.nulls = {
            "units": len(handed_in),
            "claims": int(handed_in.sum()),
            "claim_rate": float(handed_in.mean()),
            "hypotheses_ranked": float(hypotheses.mean()),
            "candidates_submitted": 1,
            "units_of_a_headline": size,
        }

    def _take(self, done: Measured, reader: str, decided: dict[str, Decided]) -> None:
        done.false_positives += cells(reader, decided, self._members)
        done.breadth += by_breadth(reader, decided)
        self.say(f"false positives of {reader}: {', '.join(decided)}")

    def _placebos(self) -> list[Placebo]:
        """Placebo reports, kept in the work folder, since their explainers take time."""
        wanted = Wanted(self.sizes.per_family, self.sizes.rungs, self.sizes.explained)
        path = self.job.folder / f"{self._placebo_name}.safetensors"
        if (kept := read_shard(path)) is None:
            seed = 1_000_000 + self.job.seed
            found = placebos(self.desk.suite, self.desk.teaching, seed, wanted, self.say)
            told = [[p.report.to_json(), p.writer, p.source, p.truth.to_json()] for p in found]
            kept = {"told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8).copy()}
            write_shard(path, kept)
        rows = json.loads(kept["told"].tobytes())
        return [Placebo(Report.from_json(r), writer, source, parse(truth)) for r, writer, source, truth in rows]

    @property
    def _placebo_name(self) -> str:
        return f"placebos-{self.sizes.per_family}-{self.sizes.rungs}-{self.sizes.explained}"

    def _placebo_evidence(self, kind: PoolKind, found: Sequence[Placebo]) -> tuple[Bools, dict[str, Evidence]]:
        """The placebos on one pool by every reader; each reader's part is kept in the work folder."""
        room, reports = self.desk.rooms[kind], [each.report for each in found]
        allowed = self._kept(
            f"{kind}-unrelated", len(found), lambda: {"allowed": unrelated(room, found).astype(np.uint8)}
        )
        related = allowed["allowed"].astype(bool)
        made = {}
        for name in self.readers:
            kept = self._kept(f"{kind}-{name}", len(found), lambda name=name: _examined(room, name, reports))  # type: ignore[misc]
            made[name] = Evidence(kept["r"], related, kept["features"], *room.bank(name), room.rates())
            self.say(f"{len(found):,} placebo reports read by {name} on the {kind} pool")
        return related, made

    def _kept(self, name: str, count: int, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        path: Path = self.job.folder / f"{self._placebo_name}-{count}-{name}.safetensors"
        found = read_shard(path)
        if found is None:
            found = make()
            write_shard(path, found)
        return found

    def _on_placebos(self, done: Measured, found: Sequence[Placebo]) -> None:
        sources = np.array([each.source for each in found])
        writers = np.array([each.writer.split("/")[0] for each in found])
        names, counts = np.unique(writers, return_counts=True)
        done.placebos = {
            "reports": len(found),
            "sources": len(np.unique(sources)),
            "writers": {str(name): int(count) for name, count in zip(names, counts, strict=True)},
        }
        decided: dict[str, dict[str, Decided]] = {name: {} for name in self.readers}
        for kind, tier in (("natural", "found"), ("planted", "planted")):
            room = self.desk.rooms[kind]
            units = np.array([i for i, unit in enumerate(room.units) if unit.tier == tier], dtype=np.int64)
            _, evidence = self._placebo_evidence(room.kind, found)
            for name, each in evidence.items():
                single, together = decided_on_placebos(each, units, sources, self.sizes.runs, self.job.seed)
                decided[name] |= {f"placebo_{tier}": single, f"placebo_headline_{tier}": together}
                done.wrong += wrong_matching(name, each.on(units), tier, sources, self.sizes.wrong_runs, self.job.seed)
        for name, each_decided in decided.items():
            self._take(done, name, each_decided)

    def _on_ladder(self, done: Measured, found: Sequence[Placebo]) -> None:
        suite, room = self.desk.suite, self.desk.rooms["planted"]
        ladder = ladder_reports(suite)
        for name in self.readers:
            bank = read_bank(room, name)
            done.power += power(room, name, bank, ladder, self.job.seed, draws=self.sizes.windows_drawn)
            done.paraphrases.append(self._paraphrased(room, name, ladder))
            self.say(f"power of {name} on {len(ladder)} rungs")
        readers = [self.desk.examiner.readers[name] for name in LADDER_READERS]
        rungs = points(suite, readers)
        done.validity = summaries(rungs, seed=self.job.seed)
        done.sensitivity = sensitivities([*rungs, *reworded_points(suite, readers)], seed=self.job.seed)
        self.say("validity on the ladder")
        done.exhibit = self._exhibit(done, ladder, found)

    def _paraphrased(self, room: Room, reader: str, ladder: Sequence[LadderReport]) -> dict[str, Any]:
        evidence, of = ladder_evidence(room, reader, ladder), ladder_places(room, ladder)
        own: list[list[int]] = [[] for _ in room.units]
        exact = np.zeros(len(room.units), dtype=np.int64)
        for place, (unit, each) in enumerate(zip(of, ladder, strict=True)):
            if each.rung.startswith("paraphrase"):
                own[int(unit)].append(place)
            if each.rung == "exact":
                exact[int(unit)] = place
        return with_paraphrases(reader, evidence, own, exact, self._members)

    def _exhibit(self, done: Measured, ladder: Sequence[LadderReport], found: Sequence[Placebo]) -> list[Exhibit]:
        room = self.desk.rooms["planted"]
        chosen = np.random.default_rng([self.job.seed, 6]).permutation(len(found))[: self.sizes.exhibited]
        related, _ = self._placebo_evidence("planted", found)
        some = [found[place].report for place in chosen]
        shown = Exhibition(room, ladder, some, related[:, chosen], self.job.seed)
        evidence, of = ladder_evidence(room, "executable", ladder), ladder_places(room, ladder)
        own_r = evidence.r[of, np.arange(len(ladder))]
        passed = next(
            each.bound.rate
            for each in done.false_positives
            if (each.reader, each.kind, each.bound.alpha) == ("executable", "placebo_planted", THREE_SIGMA)
        )
        made = exhibit(shown)
        self.say("known-bad metrics")
        return [*made, shown.ranks(suite_null(evidence), own_r, evidence.features[:, 0], passed)]


def _examined(room: Room, reader: str, reports: Sequence[Report]) -> dict[str, Any]:
    r, features = room.examine(reader, reports, room.rows)
    return {"r": r, "features": features}
