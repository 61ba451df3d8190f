"""Delphi's detection score and ours on the same units, reports and windows, with the same reader.

    python -m benchmark.comparison.delphi_detection LOGS --delphi PYTHON --out results/delphi_detection.json

LOGS are those of `viva run`; PYTHON is that of an environment which has delphi (`benchmark.comparison.delphi_scores`
says how to make one). No reader is run: decisions come from the run's stored predictions.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.comparison import delphi_scores
from benchmark.comparison.cases import READERS, Case, ComparisonError, cases, chosen, the_run
from benchmark.comparison.compared import PROCEDURES, by_reader, summary
from benchmark.comparison.detection_page import publish
from benchmark.errors import USAGE_ERROR, UserError
from benchmark.leaderboard.collect import read_logs
from benchmark.leaderboard.schema import SCORE_VERSION
from synthetic_neurons.arguments import at_least

UNITS = 50


def delphi_says(python: Path, made: Sequence[Case]) -> dict[str, Any]:
    """Every case's sheet scored by delphi, in a process of its own environment.

    Raises:
        ComparisonError: the process cannot be started, or failed; its last words are in the message.
    """
    with tempfile.TemporaryDirectory(prefix="viva-delphi-") as name:
        given, out = Path(name) / "sheets.json", Path(name) / "scores.json"
        sheets = {"procedures": PROCEDURES, "sheets": [case.sheet() for case in made]}
        given.write_text(json.dumps(sheets), "utf-8")
        _run([str(python), delphi_scores.__file__, str(given), str(out)])
        found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def _run(command: Sequence[str]) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    mend = f"mend: make the environment as {delphi_scores.__file__} says"
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    except OSError as error:
        raise ComparisonError(f"{command[0]} cannot be started ({error.strerror}); {mend}") from None
    if done.returncode:
        words = done.stderr.strip().splitlines() or ["nothing was said"]
        raise ComparisonError(f"delphi ended with {done.returncode}: {words[-1]}; {mend}")


def compare(options: argparse.Namespace) -> list[Path]:
    """The whole comparison; returns the files that were written.

    Raises:
        UserError: logs, units or delphi are not as they must be.
    """
    suite, runs, _ = read_logs([options.logs])
    run = the_run(runs, options.explainer, options.model)
    units, without = chosen(suite, run, options.tier, options.units, options.seed)
    made = cases(suite, run, units, options.readers)
    if not made:
        raise ComparisonError(f"none of {', '.join(options.readers)} read all reports; mend: --readers")
    said = delphi_says(options.delphi, made)
    beside = by_reader(made, said)
    facts = {
        **{"suite": suite.name, "suite_hash": suite.hash, "score_version": SCORE_VERSION, "delphi": said["version"]},
        **{"explainer": run.explainer, "model": run.model, "tier": options.tier, "units": len(units)},
        **{"seed": options.seed, "without_report": without, "procedures": list(PROCEDURES)},
        "readers": {reader: summary(side, options.seed) for reader, side in beside.items()},
    }
    return publish(options.out, facts, beside)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, compare, and name the files."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmark.comparison.delphi_detection", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("logs", type=Path, help="a folder of logs, such as runs/default/logs")
    parser.add_argument("--delphi", type=Path, required=True, help="the Python of an environment that has delphi")
    parser.add_argument("--explainer", default="top_tokens", help="whose reports")
    parser.add_argument("--model", help="of the explainer, if it ran with several")
    parser.add_argument("--tier", default="found", help="of the units")
    parser.add_argument("--units", type=at_least(1), default=UNITS, help="how many")
    parser.add_argument("--readers", nargs="+", choices=READERS, default=READERS[:2], help="whose decisions")
    parser.add_argument("--seed", type=at_least(0), default=0, help="of the units' draw and the intervals")
    parser.add_argument("--out", type=Path, default=Path("results/delphi_detection.json"), help="the JSON file")
    try:
        written = compare(parser.parse_args(arguments))
    except UserError as error:
        sys.stderr.write(f"delphi_detection: {error}\n")
        sys.exit(USAGE_ERROR)
    for path in written:
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
