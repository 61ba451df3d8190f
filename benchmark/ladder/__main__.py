"""`python -m benchmark.ladder SUITE --out results`: the ladder's table, JSON and figure of a frozen suite."""

import argparse
import os
import sys
from pathlib import Path

from benchmark.errors import USAGE_ERROR, UserError
from benchmark.suites import Suite, SuiteError, load

SUITE = "embedded-2"
# The other suite has too few units of the families on which the finetuned reader may be judged.
MANY_UNITS = "embedded-2-reference"


def main() -> None:
    """Read the command line, measure, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.ladder", description=__doc__)
    parser.add_argument(
        "suite", nargs="?", help=f"a suite that ships, or a folder ({SUITE}; {MANY_UNITS} with --finetuned)"
    )
    parser.add_argument("--out", type=Path, default=Path("results"), help="files go to OUT/<suite>/")
    parser.add_argument("--finetuned", action="store_true", help="the finetuned reader beside the others, sampled")
    parser.add_argument("--per-family", type=int, default=3, help="with --finetuned: units of a judged family")
    parser.add_argument("--windows", type=int, default=240, help="with --finetuned: windows of a unit")
    parser.add_argument("--ship", action="store_true", help="put the verdicts where boards of the suite find them")
    chosen = parser.parse_args()
    # All that ships is local; who wants a hub sets HF_HUB_OFFLINE=0 and says so.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        suite = load(chosen.suite or (MANY_UNITS if chosen.finetuned else SUITE))
    except SuiteError as error:
        print(f"ladder: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    for path in _published(suite, chosen):
        print(path)


def _published(suite: Suite, chosen: argparse.Namespace) -> list[Path]:
    """The whole ladder, or that of the finetuned reader on the families that it was not tuned on."""
    from benchmark.ladder.publish import TEXT_READERS, publish, ship

    if not chosen.finetuned:
        files = publish(suite, chosen.out / suite.name)
        return [*files, ship(files[0])] if chosen.ship else files
    from benchmark.examiner import Examiner
    from benchmark.ladder.sampled import Choice, publish_sampled
    from benchmark.readers.diet.division import JUDGED
    from benchmark.readers.finetuned import FinetunedReader
    from benchmark.subjects.finetuned.shipped import Shipped

    try:
        encoder = Shipped()
    except UserError as error:
        print(f"ladder: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    own = Examiner(suite).readers
    readers = [FinetunedReader(encoder, encoder.threshold), *(own[name] for name in TEXT_READERS)]
    choice = Choice(JUDGED, chosen.per_family, chosen.windows)
    return publish_sampled(suite, chosen.out / suite.name, readers, choice, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
