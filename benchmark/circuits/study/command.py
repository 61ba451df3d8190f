"""The study of planted circuits on every model, over several processes."""

import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.study.models import on_model
from benchmark.circuits.study.publish import measured, publish
from benchmark.errors import UserError
from benchmark.neuronpedia.line import nearest
from benchmark.worker_processes import in_processes

SEEDS = (1, 2)


def hold_study(
    kinds: Sequence[str], seeds: Sequence[int], workers: int, out: Path, say: Callable[[str], None]
) -> tuple[list[Path], bool]:
    """Ask every explainer about every model, and write what came of it.

    Args:
        kinds: of planted circuits.
        seeds: of each kind.
        workers: processes.
        out: folder of the files; made if it is not there.
        say: told of each model as it is done.

    Returns:
        The files, and whether every gate is passed.

    Raises:
        UserError: a kind that there is not, or nothing to do.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UserError(f"no kind of circuit is called {kind!r}; {nearest(kind, KINDS)}")
    jobs, started = list(product(kinds, seeds)), time.monotonic()
    if not jobs:
        raise UserError("no model is left; name a kind and a seed")
    done = []
    for found in in_processes(on_model, jobs, workers):
        done.append(found)
        say(f"-- {len(done)} of {len(jobs)}: {found.kind} {found.seed}, {time.monotonic() - started:.0f} s")
    return publish(measured(tuple(done), time.monotonic() - started, workers), out)
