"""`python -m benchmark.circuits`: every explainer without a language model on every planted circuit."""

import argparse
import os
import sys
from pathlib import Path

from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.study.command import SEEDS, hold_study
from benchmark.circuits.study.publish import publish, read
from benchmark.errors import USAGE_ERROR, UserError


def main() -> None:
    """Read the command line, ask the explainers, and name the files; 1 if a gate fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.circuits", description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS), metavar="SEED")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="a circuits.json: write its page anew and run nothing"
    )
    parser.add_argument("--parts", type=Path, default=Path("runs/circuits-planted"), help="where each model is kept")
    parser.add_argument("--out", type=Path, default=Path("results/circuits"))
    chosen = parser.parse_args()
    try:
        if chosen.again:
            files, passed = publish(read(chosen.again), chosen.out)
        else:
            files, passed = hold_study(chosen.kinds, chosen.seeds, chosen.workers, chosen.parts, chosen.out, _say)
    except UserError as error:
        print(f"circuits: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print("circuits: stopped; the same command goes on with the models that are missing", file=sys.stderr)
        sys.exit(130)
    print(f"written: {', '.join(map(str, files))}")
    if not passed:
        sys.exit("circuits: a gate failed; the page says which")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
