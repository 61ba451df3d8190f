"""`python -m benchmark.circuits.found`: circuits of a language model's behaviours, found and validated. Resumes."""

import os
import sys
from pathlib import Path

from benchmark.arguments import Parser
from benchmark.errors import USAGE_ERROR, UserError


def main() -> None:
    """Read the command line, run what is missing, and name the files."""
    parser = Parser(prog="python -m benchmark.circuits.found", description=__doc__)
    parser.add_argument("--config", default="embedded", help="a name in conf/circuits, or a file: subject, seed, sizes")
    parser.add_argument("--parts", type=Path, default=Path("runs/circuits-found"), help="where parts are kept")
    parser.add_argument("--out", type=Path, default=Path("results/circuits"))
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        chosen = parser.parse_args()
        from benchmark.circuits.found.publish import publish, read_config

        files = publish(read_config(chosen.config), chosen.parts, chosen.out, _say)
    except UserError as error:
        print(f"found: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print("found: stopped; the same command goes on with the parts that are missing", file=sys.stderr)
        sys.exit(130)
    print(f"written: {', '.join(map(str, files))}")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
