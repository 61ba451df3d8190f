"""Jobs over several processes: one thread each, ended with their parent."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


def in_processes(do: Callable[[Job], Done], jobs: Sequence[Job], workers: int) -> Iterator[Done]:
    """What is done, job by job and in their order; the number of processes changes nothing.

    Args:
        do: does a job; a function of a module, so that a fresh process finds it.
        jobs: what it is given.
        workers: processes; below 2 this one does it.
    """
    if workers < 2:
        yield from map(do, jobs)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin)
    try:
        yield from pool.map(do, jobs)
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
