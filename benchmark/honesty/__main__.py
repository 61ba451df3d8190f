"""`python -m benchmark.honesty`: how often hiders and alarmists are caught, by detector; some five minutes at first."""

import argparse
import os
import sys
import time
from pathlib import Path

from benchmark.errors import USAGE_ERROR, UserError
from benchmark.provenance import sources_hash
from benchmark.subjects.embedded import cache_folder

# The first eight hexadecimal digits of the commit that holds the predictions.
SEED = 0x21453EAB


def main() -> None:
    """Read the command line, examine, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.honesty", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="of units, texts, halves and fits")
    parser.add_argument("--out", type=Path, default=Path("results/honesty"), help="where the files go")
    parser.add_argument("--work", type=Path, help="where the units' exam is kept (the cache folder)")
    chosen = parser.parse_args()
    # All that ships is local; who wants a hub sets HF_HUB_OFFLINE=0 and says so.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    begun = time.perf_counter()

    def say(line: str) -> None:
        sys.stderr.write(f"{time.perf_counter() - begun:.0f} s: {line}\n")

    from benchmark.honesty.publish import publish
    from benchmark.honesty.room import UNITS

    try:
        work = chosen.work or cache_folder() / f"honesty-{chosen.seed}-{sources_hash(UNITS)[:8]}"
        files = publish(chosen.seed, work, chosen.out, say)
        say(f"done, with {time.process_time():.0f} s of processor time")
    except UserError as error:
        sys.stderr.write(f"honesty: {error}\n")
        sys.exit(USAGE_ERROR)
    sys.stdout.write("".join(f"{path}\n" for path in files))


if __name__ == "__main__":
    main()
