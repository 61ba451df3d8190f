"""The work of a layer report: unit after unit, by one process or several, each kept as it is done."""

import json
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from typing import Any

from benchmark.console import is_quiet
from benchmark.laboratory import Exemplar, Spend
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.session import explain
from benchmark.layer_report.tasks import NO_UNIT, Task, contexts
from benchmark.memory import peak_memory

EVERY = 5.0
# Tasks that wait for each worker: enough that none stands idle while the one before is graded.
AHEAD = 2
# A task, the seconds of making it, and what became of it; and what a worker sends: that, its number and its peak.
Done = tuple[Task, float, dict[str, Any]]
Answer = tuple[dict[str, Any], int, int]


def tell(line: str) -> None:
    """A line of progress, where errors go; nothing with --quiet."""
    if not is_quiet():
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


@dataclass
class Progress:
    """How far the work is, told every few seconds with the time that is left.

    Attributes:
        what: the units' name.
        total: how many there are to do in this run, besides `ready`.
        ready: how many were done before.
    """

    what: str
    total: int
    ready: int = 0
    done: int = 0
    _began: float = field(default_factory=time.monotonic)
    _said: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        if now - self._said >= EVERY or self.done == self.total:
            self._said = now
            rate = self.done / max(now - self._began, 1e-9)
            minutes, seconds = divmod(round((self.total - self.done) / max(rate, 1e-9)), 60)
            left = f"{minutes} min {seconds} s left" if self.done < self.total else "done"
            tell(f"{self.what}: {self.ready + self.done:,} of {self.ready + self.total:,}, {rate:.2f}/s, {left}")


def work(
    tasks: Iterable[Callable[[], Task]],
    spec: str,
    seconds: int,
    workers: int,
    ledger: Ledger,
    finish: Callable[[dict[str, Any]], dict[str, Any]],
    progress: Progress,
) -> int:
    """Explain the units, finish their records in this process, and keep each.

    Args:
        tasks: each makes a task when its turn comes, so that few are held at once.
        spec: the explainer.
        seconds: its ceiling for one unit.
        workers: processes that explain; 1 explains in this one.
        ledger: where records go.
        finish: adds grades to a record.
        progress: told of each.

    Returns:
        the most memory that the other processes held together, in bytes: the sum of their peaks; 0 for one worker.
    """
    made, peaks = _timed(tasks), dict[int, int]()
    for task, made_in, found in (
        _here(made, spec, seconds) if workers == 1 else _elsewhere(made, spec, seconds, workers, peaks)
    ):
        record = {"key": task.key, **task.stated, **kept(found), "contexts": contexts(task.exemplars)}
        began = time.monotonic()
        finish(record)
        record["graded_in"], record["made_in"] = round(time.monotonic() - began, 4), made_in
        ledger.add(record)
        progress.step()
    return sum(peaks.values())


def _timed(tasks: Iterable[Callable[[], Task]]) -> Iterator[tuple[Task, float]]:
    for make in tasks:
        began = time.monotonic()
        task = make()
        yield task, round(time.monotonic() - began, 4)


def kept(found: dict[str, Any]) -> dict[str, Any]:
    """What can be written down of an ending: one that is no JSON in UTF-8, such as one with NaN, is a crash."""
    try:
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError as error:
        said = f"a report that cannot be written down: {type(error).__name__}"
        return {"outcome": "crash", "said": said, "seconds": found["seconds"], "spend": found["spend"]}
    return found


def unmade(task: Task) -> dict[str, Any]:
    """The ending of a unit that there is not."""
    return {"outcome": NO_UNIT, "said": task.unmade, "seconds": 0.0, "spend": asdict(Spend())}


def _here(tasks: Iterable[tuple[Task, float]], spec: str, seconds: int) -> Iterator[Done]:
    for task, made_in in tasks:
        yield task, made_in, unmade(task) if task.unmade else explain(spec, task.exemplars, seconds)


def _elsewhere(
    tasks: Iterable[tuple[Task, float]], spec: str, seconds: int, workers: int, peaks: dict[int, int]
) -> Iterator[Done]:
    """In processes of their own; what they are given is exemplars alone, so none holds the layer.

    Where a process dies, nobody knows at which of the units under way: each of them is tried again alone, and one that
    ends its process again is a crash.
    """
    waiting, pool = deque[tuple[Task, float, Future[Answer]]](), _pool(workers)
    try:
        for task, made_in in tasks:
            waiting.append((task, made_in, _submitted(pool, spec, task, seconds)))
            while len(waiting) >= workers * AHEAD:
                pool = yield from _next(waiting, pool, spec, seconds, workers, peaks)
        while waiting:
            pool = yield from _next(waiting, pool, spec, seconds, workers, peaks)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _next(
    waiting: deque[tuple[Task, float, Future[Answer]]],
    pool: ProcessPoolExecutor,
    spec: str,
    seconds: int,
    workers: int,
    peaks: dict[int, int],
) -> Generator[Done, None, ProcessPoolExecutor]:
    """The first one that waits, or all of them where a process died; and the pool to go on with."""
    task, made_in, future = waiting[0]
    try:
        found = _noted(future.result(), peaks)
    except BrokenProcessPool:
        pool.shutdown(wait=False, cancel_futures=True)
        pool = _pool(workers)
        while waiting:
            task, made_in, _ = waiting.popleft()
            yield task, made_in, _alone(spec, task, seconds, peaks)
        return pool
    waiting.popleft()
    yield task, made_in, found
    return pool


def _alone(spec: str, task: Task, seconds: int, peaks: dict[int, int]) -> dict[str, Any]:
    began = time.monotonic()
    with _pool(1) as pool:
        try:
            return _noted(_submitted(pool, spec, task, seconds).result(), peaks)
        except BrokenProcessPool:
            return {
                "outcome": "crash",
                "said": "the explainer ended its process",
                "seconds": round(time.monotonic() - began, 4),
                "spend": asdict(Spend()),
            }


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, get_context("spawn"), _unmoved)


def _submitted(pool: ProcessPoolExecutor, spec: str, task: Task, seconds: int) -> Future[Answer]:
    if task.unmade:
        done: Future[Answer] = Future()
        done.set_result((unmade(task), os.getpid(), 0))
        return done
    try:
        return pool.submit(_answer, spec, list(task.exemplars), seconds)
    except BrokenProcessPool as error:
        # A process died since the last one was handed over: met again where the result is asked for.
        broken: Future[Answer] = Future()
        broken.set_exception(error)
        return broken


def _answer(spec: str, exemplars: Sequence[Exemplar], seconds: int) -> Answer:
    return explain(spec, exemplars, seconds), os.getpid(), peak_memory()


def _noted(answer: Answer, peaks: dict[int, int]) -> dict[str, Any]:
    found, process, peak = answer
    peaks[process] = max(peak, peaks.get(process, 0))
    return found


def _unmoved() -> None:
    """Ctrl-C is for the process that keeps the records; workers end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
