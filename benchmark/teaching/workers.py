"""A study over several processes, each of which loads the suite once."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache

from benchmark.runtime.workshop import workshop
from benchmark.teaching.cohort import Cohort, cohort
from benchmark.teaching.study import OnUnit, on_unit
from benchmark.units.unit import Unit

Job = tuple[str, str, str]


def studied(suite: str, units: Sequence[Unit], teacher: str, workers: int) -> Iterator[OnUnit]:
    """Unit by unit, in order; the number of processes changes nothing.

    Args:
        suite: a frozen suite.
        units: of it.
        teacher: an explainer without a model.
        workers: processes; below 2 this one does it.
    """
    jobs = [(suite, unit.identifier, teacher) for unit in units]
    if workers < 2:
        yield from map(_one, jobs)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
    try:
        yield from pool.map(_one, jobs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """One thread a process, since they share the cores; Ctrl-C is the parent's to tell."""
    import torch

    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@lru_cache(maxsize=1)
def _students(suite: str) -> Cohort:
    return cohort(workshop(suite))


def _one(job: Job) -> OnUnit:
    suite, unit, teacher = job
    shop = workshop(suite)
    return asyncio.run(on_unit(shop, shop.suite.unit(unit), _students(suite), teacher))
