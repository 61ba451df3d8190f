"""A study over several processes, each of which loads the suite once."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import lru_cache

from benchmark.runtime.workshop import workshop
from benchmark.teaching.cohort import Cohort, cohort
from benchmark.teaching.study import OnUnit, on_unit
from benchmark.units.unit import Unit
from benchmark.worker_processes import in_processes

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
    yield from in_processes(_one, jobs, workers)


@lru_cache(maxsize=1)
def _students(suite: str) -> Cohort:
    return cohort(workshop(suite))


def _one(job: Job) -> OnUnit:
    suite, unit, teacher = job
    shop = workshop(suite)
    return asyncio.run(on_unit(shop, shop.suite.unit(unit), _students(suite), teacher))
