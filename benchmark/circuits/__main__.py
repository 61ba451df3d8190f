"""`python -m benchmark.circuits`: every explainer without a language model on every planted circuit."""

import os
import sys
from argparse import Namespace
from pathlib import Path

from benchmark.arguments import Parser
from benchmark.circuits.kinds.catalog import KINDS
from benchmark.circuits.study.command import SEEDS, hold_study
from benchmark.circuits.study.publish import publish, read
from benchmark.errors import USAGE_ERROR, UserError
from benchmark.folders import writable


def main() -> None:
    """Read the command line, ask the explainers, and name the files; 1 if a gate fails."""
    try:
        files, passed = _run(_parser().parse_args())
    except UserError as error:
        print(f"circuits: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print("circuits: stopped; the same command goes on with the models that are missing", file=sys.stderr)
        sys.exit(130)
    print(f"written: {', '.join(map(str, files))}")
    if not passed:
        sys.exit("circuits: a gate failed; the page says which")


def _parser() -> Parser:
    parser = Parser(prog="python -m benchmark.circuits", description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS), metavar="SEED")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument(
        "--again", type=Path, metavar="FILE", help="a circuits.json: write its page anew and run nothing"
    )
    parser.add_argument("--parts", type=Path, default=Path("runs/circuits-planted"), help="where each model is kept")
    parser.add_argument("--out", type=Path, default=Path("results/circuits"))
    return parser


def _run(chosen: Namespace) -> tuple[list[Path], bool]:
    if not chosen.again:
        return hold_study(chosen.kinds, chosen.seeds, chosen.workers, chosen.parts, chosen.out, _say)
    writable(chosen.out, "--out", "name another folder")
    return publish(read(chosen.again), chosen.out)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
