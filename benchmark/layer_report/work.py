"""The work of a layer report: unit after unit, by one process or several, each kept as it is done."""

import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from benchmark.console import is_quiet
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.session import explain
from benchmark.layer_report.tasks import Task, contexts

EVERY = 5.0
# Tasks that wait for each worker: enough that none stands idle while the one before is graded.
AHEAD = 2


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
) -> None:
    """Explain the units, finish their records in this process, and keep each.

    Args:
        tasks: each makes a task when its turn comes, so that few are held at once.
        spec: the explainer.
        seconds: its ceiling for one unit.
        workers: processes that explain; 1 explains in this one.
        ledger: where records go.
        finish: adds grades to a record.
        progress: told of each.
    """
    made = (each() for each in tasks)
    for task, found in _here(made, spec, seconds) if workers == 1 else _elsewhere(made, spec, seconds, workers):
        record = {"key": task.key, **task.stated, **found, "contexts": contexts(task.exemplars)}
        began = time.monotonic()
        finish(record)
        record["graded_in"] = round(time.monotonic() - began, 4)
        ledger.add(record)
        progress.step()


def _here(tasks: Iterable[Task], spec: str, seconds: int) -> Iterator[tuple[Task, dict[str, Any]]]:
    for task in tasks:
        yield task, explain(spec, task.exemplars, seconds)


def _elsewhere(tasks: Iterable[Task], spec: str, seconds: int, workers: int) -> Iterator[tuple[Task, dict[str, Any]]]:
    """In processes of their own; what they are given is exemplars alone, so none holds the layer."""
    waiting: deque[tuple[Task, Future[dict[str, Any]]]] = deque()
    with ProcessPoolExecutor(workers, get_context("spawn"), _unmoved) as pool:
        try:
            for task in tasks:
                waiting.append((task, pool.submit(explain, spec, list(task.exemplars), seconds)))
                if len(waiting) >= workers * AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _unmoved() -> None:
    """Ctrl-C is for the process that keeps the records; workers end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
