"""How fast the cross-examination is: `python -m benchmark.exam.bench` writes into `results/bench.json`.

1,000 reports × 128 units × 12,000 windows of 32 tokens: r of every report on every unit over 384,000 token columns,
with what strangers are matched on and the rank of each report's own unit. Made-up truths fire on 0.1% to 5% of the
tokens, as found latents of the strata do; half of the reports say a few words' levels, as predicates do, and half a
level for every word, as the embedding reader does. The work is done by a process of its own on two cores, for its
peak memory is that of all of it, the predictions and truths included. Beside it stands how far what it found is from
sums written out in float64, on some of the reports and units.

`cross_examination_seconds`: of the work, once predictions and truths are there; by the clock, and by the processor.
`cross_examination_gib`: the most memory that the process ever held.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.exam.cross_examination import Levels, discrimination, report_features
from benchmark.exam.items import Rows
from benchmark.provenance import versions
from benchmark.statistics.weighted import rows_r_matrix
from synthetic_neurons.arguments import at_least
from synthetic_neurons.bench import record
from synthetic_neurons.passages import Floats

REPORTS, UNITS, WINDOWS, TOKENS = 1_000, 128, 12_000, 32
CORES = 2
SEED = 1
THRESHOLD = 1.0
# Firing rates from the rarest stratum's to beyond the most common one's.
RATES = (0.001, 0.05)
CHECKED = 40


class BenchError(UserError):
    """A measured process failed, or what it found is wrong; the message says which."""


def truths(units: int, columns: int, rng: np.random.Generator) -> list[Rows]:
    """Units that fire on a share of the tokens, with values spread as a latent's are."""
    return [Rows.of_words(_sparse(columns, rate, rng)) for rate in np.geomspace(*RATES, units)]


def _sparse(columns: int, rate: float, rng: np.random.Generator) -> Floats:
    values = np.zeros(columns)
    fires = rng.random(columns) < rate
    values[fires] = rng.gamma(2, 2, int(fires.sum()))
    return values


def predictions(reports: int, rows: Sequence[Rows], rng: np.random.Generator) -> Levels:
    """Stored levels [reports, tokens]: every second report has one for every token, the others for few.

    Each tells of a unit, in turn: half of what it says is where that unit fires.
    """
    stored = np.zeros((reports, len(rows[0].total)), dtype=np.uint8)
    for report in range(reports):
        fires = rows[report % len(rows)].total > 0
        said = np.where(fires, rng.random(len(fires)) < 0.5, rng.random(len(fires)) < 0.01)
        levels = rng.integers(1, 256, len(fires), dtype=np.uint8)
        quiet = rng.integers(0, 64, len(fires), dtype=np.uint8) if report % 2 else np.uint8(0)
        stored[report] = np.where(said, levels, quiet)
    return stored


def examine(rows: Sequence[Rows], stored: Levels, weight: Floats) -> tuple[Floats, Floats, Any]:
    """What is timed: r [units, reports], features [reports, 2], and the rank of each report's own unit."""
    r = rows_r_matrix(rows, stored, weight)
    features = np.stack([report_features(levels, weight, THRESHOLD, "a report") for levels in stored])
    own = np.arange(len(stored)) % len(rows)
    return r, features, discrimination(r, own)


def largest_difference(r: Floats, rows: Sequence[Rows], stored: Levels, weight: Floats) -> float:
    """Between r and numpy's covariance in float64, over some reports and units."""
    units = np.linspace(0, len(rows) - 1, min(CHECKED, len(rows)), dtype=np.int64)
    reports = np.linspace(0, len(stored) - 1, min(CHECKED, len(stored)), dtype=np.int64)
    apart = 0.0
    for report in reports:
        levels = stored[report].astype(np.float64)
        for unit in units[:: max(1, len(units) // 8)]:
            both = np.cov(rows[unit].total, levels, aweights=weight, ddof=0)
            size = np.sqrt(both[0, 0] * both[1, 1])
            apart = max(apart, abs(float(r[unit, report]) - (float(both[0, 1] / size) if size > 0 else 0.0)))
    return apart


def work(reports: int, units: int, windows: int) -> dict[str, Any]:
    """Make the truths and predictions, time the examination, and check it; in this process."""
    from benchmark.memory import peak_memory

    rng = np.random.Generator(np.random.PCG64(SEED))
    rows = truths(units, windows * TOKENS, rng)
    stored = predictions(reports, rows, rng)
    weight = np.repeat(rng.uniform(1, 20, windows), TOKENS)
    wall, processor = time.perf_counter(), time.process_time()
    r, features, ranks = examine(rows, stored, weight)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    peak = peak_memory()
    assert r.shape == (units, reports)
    assert features.shape == (reports, 2)
    return {
        "seconds": round(wall, 4),
        "processor_seconds": round(processor, 4),
        "peak_memory_bytes": peak,
        "largest_difference": largest_difference(r, rows, stored, weight),
        "mean_rank": float(ranks.mean()),
    }


def measured(reports: int, units: int, windows: int) -> dict[str, Any]:
    """`work` in a process of its own, on two cores.

    Raises:
        BenchError: it failed.
    """
    sizes = ["--reports", str(reports), "--units", str(units), "--windows", str(windows)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(CORES))
    command = [sys.executable, "-m", "benchmark.exam.bench", "--here", *sizes]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **threads}, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["nothing was said"]
        raise BenchError(f"the measured process ended with {done.returncode}: {words[-1]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(found: dict[str, Any], reports: int, units: int, windows: int) -> dict[str, Any]:
    """The two entries of `results/bench.json`, each with what it was made on."""
    sizes = {"reports": reports, "units": units, "windows": windows, "columns": windows * TOKENS}
    made_on = {"machine": platform.machine(), "cores": os.cpu_count(), "versions": versions()}
    checked = {"largest_difference": found["largest_difference"]}
    seconds = {"seconds": found["seconds"], "processor_seconds": found["processor_seconds"], **checked}
    memory = {"gib": round(found["peak_memory_bytes"] / 2**30, 3), "peak_memory_bytes": found["peak_memory_bytes"]}
    return {
        "cross_examination_seconds": {**seconds, **sizes, **made_on},
        "cross_examination_gib": {**memory, **sizes, **made_on},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write beside what is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.exam.bench", description="Speed of cross-examination.")
    parser.add_argument("--out", type=Path, default=Path("results/bench.json"), help="where the figures go")
    parser.add_argument("--reports", type=at_least(1), default=REPORTS)
    parser.add_argument("--units", type=at_least(1), default=UNITS)
    parser.add_argument("--windows", type=at_least(1), default=WINDOWS, help=f"of {TOKENS} tokens")
    parser.add_argument("--here", action="store_true", help="measure in this process, and only print")
    chosen = parser.parse_args(arguments)
    sizes = (chosen.reports, chosen.units, chosen.windows)
    if chosen.here:
        print(json.dumps(work(*sizes)))
        return
    try:
        found = figures(measured(*sizes), *sizes)
    except UserError as error:
        raise SystemExit(f"bench: {error}") from None
    record(chosen.out, found)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
