"""The study of planted circuits on every model, over several processes; each model is kept, so that it resumes."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import partial
from itertools import product
from pathlib import Path

from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.study.models import OnModel, on_model
from benchmark.circuits.study.publish import DECIDING, from_json, measured, publish
from benchmark.errors import UserError
from benchmark.folders import writable
from benchmark.neuronpedia.line import nearest
from benchmark.provenance import sources_hash
from benchmark.worker_processes import in_processes

SEEDS = (3, 4)
# Seeds of prompts and training are made of it, and have to stay whole numbers that generators take.
GREATEST_SEED = 100_000
Job = tuple[str, int]


def hold_study(
    kinds: Sequence[str], seeds: Sequence[int], workers: int, parts: Path, out: Path, say: Callable[[str], None]
) -> tuple[list[Path], bool]:
    """Ask every explainer about every model, and write what came of it.

    Args:
        kinds: of planted circuits.
        seeds: of each kind.
        workers: processes.
        parts: folder where each model's figures are kept as they are done, by the hash of what decides them.
        out: folder of the files; made if it is not there.
        say: told of each model as it is done.

    Returns:
        The files, and whether every gate is passed.

    Raises:
        UserError: a kind or a seed that there is not, nothing to do, a folder that cannot be written, a lost process.
    """
    jobs, started = _jobs(kinds, seeds), time.monotonic()
    kept = parts / sources_hash(DECIDING)[:12]
    for named, folder in (("--parts", kept), ("--out", out)):
        writable(folder, named, "name another folder")
    kept.mkdir(parents=True, exist_ok=True)
    done = []
    try:
        for found in in_processes(partial(kept_model, kept), jobs, workers):
            done.append(found)
            say(f"-- {len(done)} of {len(jobs)}: {found.kind} {found.seed}, {time.monotonic() - started:.0f} s")
    except BrokenProcessPool:
        raise UserError("a process was killed (memory?); the same command goes on with what is missing") from None
    return publish(measured(tuple(done), sum(found.seconds for found in done), workers), out)


def _jobs(kinds: Sequence[str], seeds: Sequence[int]) -> list[Job]:
    for kind in kinds:
        if kind not in KINDS:
            raise UserError(f"no kind of circuit is called {kind!r}; {nearest(kind, KINDS)}")
    for seed in seeds:
        if not 0 <= seed <= GREATEST_SEED:
            raise UserError(f"seed {seed} is out of range; give a whole number from 0 to {GREATEST_SEED}")
    jobs = list(product(dict.fromkeys(kinds), dict.fromkeys(seeds)))
    if not jobs:
        raise UserError("no model is left; name a kind and a seed")
    return jobs


def kept_model(folder: Path, job: Job) -> OnModel:
    """A model's figures, measured unless they are kept already; a file appears by one rename.

    Raises:
        UserError: what is kept is damaged.
    """
    path = folder / f"{job[0]}-{job[1]}.json"
    if path.is_file():
        return _from_file(path)
    found = on_model(job)
    scratch = path.with_suffix(".part")
    scratch.write_text(json.dumps(asdict(found)), "utf-8")
    scratch.replace(path)
    return found


def _from_file(path: Path) -> OnModel:
    try:
        return from_json(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        told = f"{path} is damaged ({type(error).__name__})"
        raise UserError(f"{told}; remove it, and the same command measures that model again") from None
