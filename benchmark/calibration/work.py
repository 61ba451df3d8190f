"""Null units in shards on disk: made by several processes, each shard whole or not there, so a killed run goes on."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.calibration.evidence import Levels, Room, read
from benchmark.calibration.nulls import Marginal, examine_nulls, make_null, marginals
from benchmark.calibration.teaching import Teaching
from benchmark.errors import UserError
from benchmark.examiner import Examiner
from benchmark.provenance import sources_hash
from benchmark.readers.encoder import Encoder
from benchmark.subjects.shards import appearing, read_shard, write_shard
from benchmark.suites import Suite, load
from synthetic_neurons.passages import Ints

Say = Callable[[str], None]

# What decides a null or a placebo, its report and its grades.
DECIDING = (
    *(f"benchmark/calibration/{name}.py" for name in ("evidence", "nulls", "teaching", "placebos")),
    *(f"benchmark/explainers/{name}.py" for name in ("rule_induction", "rule_search", "atoms", "word_data")),
    *(f"benchmark/readers/{name}.py" for name in ("executable", "lookup", "embedding", "encoder", "reader")),
    "benchmark/units/null.py",
    "benchmark/statistics/weighted.py",
    "benchmark/suites/bank.py",
    "benchmark/exam/cross_examination.py",
    "benchmark/suites/sampling.py",
    *(f"synthetic_neurons/{name}" for name in ("predicate", "ladder", "families", "prose", "lexicons", "texts")),
    *(f"synthetic_neurons/{name}.py" for name in ("evaluate", "hashing", "passages", "planted", "assembly", "knobs")),
)


class CalibrationError(UserError):
    """A calibration cannot begin or go on; the message names the mend."""


@dataclass(frozen=True)
class Job:
    """One calibration's nulls.

    Attributes:
        suite: name or folder of a frozen suite.
        seed: of the nulls' keys and of every draw.
        nulls: how many.
        shard: nulls a shard; they are one another's other units, and headline groups are drawn within a shard.
        folder: where the shards lie.
    """

    suite: str
    seed: int
    nulls: int
    shard: int
    folder: Path

    @property
    def shards(self) -> list[range]:
        """The numbers of the nulls of each shard."""
        return [range(at, min(at + self.shard, self.nulls)) for at in range(0, self.nulls, self.shard)]

    def path(self, place: int) -> Path:
        """Where a shard lies."""
        return self.folder / f"nulls-{place:05d}-{len(self.shards[place])}.safetensors"


class Desk:
    """What a process needs to make shards; the parts are made when they are first asked for.

    Args:
        suite: a frozen suite, or its name or folder.
        encoder: of words and sentences; the shipped one if None.
    """

    def __init__(self, suite: str | Suite, encoder: Encoder | None = None) -> None:
        self.suite = load(suite) if isinstance(suite, str) else suite
        self.examiner = Examiner(self.suite, encoder)

    @cached_property
    def teaching(self) -> Teaching:
        """The suite's teach windows."""
        assert self.examiner.encoder is not None
        return Teaching(self.suite, self.examiner.encoder)

    @cached_property
    def rooms(self) -> dict[str, Room]:
        """Both pools."""
        return {kind: Room(self.suite, kind, self.examiner.readers) for kind in ("natural", "planted")}

    @cached_property
    def marginals(self) -> list[Marginal]:
        """What nulls take from found units; of the suite alone, whatever the seed of a calibration."""
        return marginals(self.suite, seed=0)

    @cached_property
    def bank(self) -> dict[str, tuple[Levels, Ints]]:
        """What each reader predicts from the bank's reports on the natural pool, and which of them it can read."""
        return {name: read_bank(self.rooms["natural"], name) for name in self.examiner.readers}

    def shard(self, job: Job, place: int) -> dict[str, Any]:
        """Make one shard."""
        numbers = job.shards[place]
        found = [make_null(self.suite.hash, self.marginals, self.teaching, job.seed, number) for number in numbers]
        return examine_nulls(self.rooms["natural"], self.bank, found)


def read_bank(room: Room, reader: str) -> tuple[Levels, Ints]:
    """uint8 [readable bank reports, words], and int64 [readable]: which they are."""
    able = np.flatnonzero(~np.isnan(room.suite.bank.r[reader][0]))
    return read(room.readers[reader], [room.suite.bank.reports[i].report for i in able], room.passages), able


def open_folder(job: Job, suite_hash: str, bank_hash: str) -> None:
    """Write the manifest, or see that the one that is there is of the very same calibration.

    Raises:
        CalibrationError: the folder holds another calibration's shards.
    """
    stated = {"suite_hash": suite_hash, "bank_hash": bank_hash, "seed": job.seed, "shard": job.shard}
    manifest = {**stated, "suite": job.suite, "code": sources_hash(DECIDING)}
    path = job.folder / "manifest.json"
    if path.exists():
        found = _manifest(path)
        if different := [name for name in (*stated, "code") if found.get(name) != manifest[name]]:
            raise CalibrationError(
                f"viva calibrate: {job.folder} holds a calibration with another {' and '.join(different)}; "
                "mend: give work=<another folder>, or delete it"
            )
        return
    job.folder.mkdir(parents=True, exist_ok=True)
    with appearing(path) as scratch:
        scratch.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def _manifest(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise CalibrationError(f"viva calibrate: {path} is damaged; mend: delete its folder and run again") from None
    return value


_desk: list[Desk] = []


def _make(job: Job, place: int) -> int:
    """In a process of its own: one shard, with a desk that is set up once."""
    if not _desk:
        _desk.append(Desk(job.suite))
    write_shard(job.path(place), _desk[0].shard(job, place))
    return place


def _made_here(job: Job, todo: Sequence[int], desk: Desk) -> Iterator[int]:
    for place in todo:
        write_shard(job.path(place), desk.shard(job, place))
        yield place


def _missing(job: Job) -> list[int]:
    return [place for place in range(len(job.shards)) if read_shard(job.path(place)) is None]


def make_shards(job: Job, workers: int, say: Say, desk: Desk | None = None) -> None:
    """Make the shards that are not there yet, with several processes.

    A shard is written whole or not at all, and names its null units by number alone, so what a killed run left is gone
    on with, by any number of processes, to the same bytes.

    Args:
        job: what to make.
        workers: processes; 1 works in this one.
        say: told of progress, rate and time left.
        desk: what one worker in this process uses; made if None.
    """
    todo = _missing(job)
    if not todo:
        return
    ready = job.nulls - sum(len(job.shards[place]) for place in todo)
    clock = _Progress(job.nulls, ready, say)
    clock.begin(len(todo))
    if workers == 1:
        for place in _made_here(job, todo, desk or Desk(job.suite)):
            clock.done(len(job.shards[place]))
        return
    with ProcessPoolExecutor(min(workers, len(todo)), mp_context=get_context("spawn")) as pool:
        for place in _as_they_come(pool, job, todo):
            clock.done(len(job.shards[place]))


def _as_they_come(pool: ProcessPoolExecutor, job: Job, todo: Sequence[int]) -> Iterator[int]:
    waiting: set[Future[int]] = {pool.submit(_make, job, place) for place in todo}
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from (each.result() for each in done)


@dataclass
class _Progress:
    """Says how far the nulls are and how long the rest will take."""

    total: int
    ready: int
    say: Say

    def begin(self, shards: int) -> None:
        """Say what is there."""
        self._start, self._made = time.monotonic(), 0
        self.say(f"nulls: {self.ready:,} of {self.total:,} are there; {shards} shards to make")

    def done(self, nulls: int) -> None:
        """A shard more."""
        self._made += nulls
        rate = self._made / max(time.monotonic() - self._start, 1e-9)
        left = (self.total - self.ready - self._made) / rate / 60
        ready = self.ready + self._made
        self.say(f"nulls: {ready:,} of {self.total:,}, {rate:.2f} a second, about {left:.0f} min left")


def shards(job: Job) -> Iterator[dict[str, Any]]:
    """The shards in order.

    Raises:
        CalibrationError: one is missing or damaged.
    """
    for place in range(len(job.shards)):
        found = read_shard(job.path(place))
        if found is None:
            raise CalibrationError(f"viva calibrate: {job.path(place)} is missing or damaged; mend: run it again")
        yield found


def facts(job: Job) -> dict[str, Any]:
    """The job as JSON, without the place on this machine."""
    return {name: value for name, value in asdict(job).items() if name != "folder"}
