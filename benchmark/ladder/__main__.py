"""`python -m benchmark.ladder SUITE --out results`: the ladder's table, JSON and figure of a frozen suite."""

import argparse
import os
import sys
from pathlib import Path

from benchmark.errors import USAGE_ERROR
from benchmark.suites import SuiteError, load


def main() -> None:
    """Read the command line, measure, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.ladder", description=__doc__)
    parser.add_argument("suite", nargs="?", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--out", type=Path, default=Path("results"), help="files go to OUT/<suite>/")
    chosen = parser.parse_args()
    # All that ships is local; who wants a hub sets HF_HUB_OFFLINE=0 and says so.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        suite = load(chosen.suite)
    except SuiteError as error:
        print(f"ladder: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    from benchmark.ladder.publish import publish

    for path in publish(suite, chosen.out / suite.name):
        print(path)


if __name__ == "__main__":
    main()
