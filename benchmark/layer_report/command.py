"""`viva report`: explain a layer's latents, examine the reports, and write them for people."""

import os
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmark.explainers.loading import is_own
from benchmark.folders import writable
from benchmark.layer_report.findings import Material, examined, findings
from benchmark.layer_report.flag_units import flag_tasks, flag_units
from benchmark.layer_report.layer import Layer, open_layer, sampled
from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.options import Options, parse, usage
from benchmark.layer_report.publish import publish
from benchmark.layer_report.tasks import Desk, Task, keys
from benchmark.layer_report.work import Progress, tell, work
from benchmark.memory import peak_memory
from benchmark.provenance import commit, explainer_hash, sources_hash
from benchmark.rounding import rounded_json

# Whose readers, as it calibrated them, and whose null bank.
SUITE = "embedded-2-reference"
READERS = ("executable", "embedding")
# What decides a line of the ledger.
DECIDING = (
    *(f"benchmark/layer_report/{name}.py" for name in ("layer", "nulls", "session", "tasks")),
    "benchmark/calibration/teaching.py",
    "benchmark/explainers",
    "benchmark/laboratory.py",
    *(f"benchmark/exam/{name}.py" for name in ("grading", "items", "cross_examination")),
    *(f"benchmark/readers/{name}.py" for name in ("executable", "embedding", "encoder", "reader")),
    *(f"benchmark/suites/{name}.py" for name in ("sampling", "sources", "selection", "off_suite")),
    *(f"benchmark/subjects/{name}.py" for name in ("readings", "windows", "corpus")),
    *(f"benchmark/units/{name}.py" for name in ("null", "split")),
    "benchmark/statistics/weighted.py",
    *(f"synthetic_neurons/{name}" for name in ("predicate", "evaluate.py", "word_index.py", "passages.py")),
)
# What decides the planted units' records besides.
FLAG_UNITS = tuple(f"benchmark/layer_report/{name}" for name in ("flag_units.py", "lexicon.py", "lexicons"))
PLANTED = "planted.jsonl"


def run(parser: ArgumentParser, arguments: list[str], say: Callable[[str], None]) -> None:
    """The command.

    Raises:
        UserError: an option leads nowhere, or the folder is closed to us or holds another report's work.
    """
    if {"-h", "--help"} & set(arguments):
        say(usage())
        return
    options = parse(arguments)
    writable(options.out, "viva report", "mend: out=<a folder of yours>")
    began = time.monotonic()
    layer, dwelling = open_layer(options.home, options.windows, tell)
    sample = sampled(layer, options.sample, options.seed)
    from benchmark.examiner import Examiner
    from benchmark.suites.suite import load

    suite = load(SUITE)
    every = Examiner(suite).readers
    desk = Desk(layer, {name: every[name] for name in READERS}, options.seed)
    decided_by = facts(options, layer, suite.hash)
    ledger = Ledger(options.out, decided_by)
    try:
        explained(options, desk, sample, ledger, time.monotonic() - began)
        planted = flagged(options, layer, ledger, len(sample))
        directions = dwelling.source().measured.sae.W_dec.detach().float().cpu().numpy()
        given = Material(options, layer, directions, desk, suite, ledger, planted, sample, decided_by)
        with noted(ledger, "examined", len(sample)):
            verdicts = examined(given)
        found = rounded_json(findings(given, verdicts))
    finally:
        ledger.close()
    for path in publish(found, options.out):
        say(f"written: {path}")


def facts(options: Options, layer: Layer, suite_hash: str) -> dict[str, Any]:
    """What decides a line of the ledger; neither the sample's size nor the number of processes is among it."""
    own = {"file": explainer_hash(options.explainer)} if is_own(options.explainer) else {}
    return {
        "subject": dict(layer.facts),
        "layer": options.layer,
        "explainer": {"name": options.explainer, **own},
        "seconds": options.seconds,
        "seed": options.seed,
        "windows": options.windows,
        "suite": {"name": SUITE, "hash": suite_hash},
        "code": sources_hash(DECIDING),
    }


def explained(options: Options, desk: Desk, sample: Sequence[int], ledger: Ledger, opened: float) -> None:
    """Explain and grade what is not done yet, and note what this run of the command took."""
    wanted = list(keys(sample, options.null_units(len(sample))))
    todo = [each for each in wanted if f"{each[0]}/{each[1]}" not in ledger.records]
    if not todo:
        return
    began, before = time.monotonic(), len(ledger.records)
    progress, beside = Progress("explained", len(todo), len(wanted) - len(todo)), 0
    try:
        beside = work(
            [partial(_task, desk, *each) for each in todo],
            options.explainer,
            options.seconds,
            options.workers,
            ledger,
            desk.graded,
            progress,
        )
    finally:
        ledger.end_session(
            {
                "what": "explained",
                "opened_in": round(opened, 2),
                "seconds": round(time.monotonic() - began, 2),
                "units": len(ledger.records) - before,
                "workers": options.workers,
                "peak_memory": peak_memory(),
                "workers_peak_memory": beside,
                "load": round(os.getloadavg()[0], 2),
                "commit": commit(),
            }
        )


def _task(desk: Desk, kind: str, number: int, matched: int) -> Task:
    return desk.latent(number) if kind == "latent" else desk.null(number, matched)


def flagged(options: Options, layer: Layer, ledger: Ledger, sample: int) -> list[dict[str, Any]]:
    """Records of the planted units of the test seed, explained by the same explainer; kept beside the others.

    What it took is noted in `ledger`.
    """
    from benchmark.readers.embedding_cache import CachedEncoder
    from benchmark.subjects.embedded import cache_folder
    from benchmark.subjects.embeddings import MiniLM

    units = flag_units("test")
    own = {"file": explainer_hash(options.explainer)} if is_own(options.explainer) else {}
    decided_by = {
        "explainer": {"name": options.explainer, **own},
        "seconds": options.seconds,
        "windows": options.windows,
        "code": sources_hash((*DECIDING, *FLAG_UNITS)),
    }
    kept = Ledger(options.out, decided_by, PLANTED)
    try:
        encoder = CachedEncoder(MiniLM(), cache_folder() / "embeddings")
        todo = flag_tasks(units, layer.teach.texts, encoder, kept.records)
        if todo:
            with noted(ledger, "flags", sample):
                progress = Progress("planted units for flags", len(todo), len(units) - len(todo))
                work(todo, options.explainer, options.seconds, options.workers, kept, lambda record: record, progress)
    finally:
        kept.close()
    return [kept.records[unit.key] for unit in units]


@contextmanager
def noted(ledger: Ledger, what: str, sample: int) -> Iterator[None]:
    """Note in the ledger what a piece of work took, with the size of the sample that it was done for."""
    began = time.monotonic()
    yield
    ledger.end_session(
        {
            "what": what,
            "sample": sample,
            "seconds": round(time.monotonic() - began, 2),
            "peak_memory": peak_memory(),
            "commit": commit(),
        }
    )
