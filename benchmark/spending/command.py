"""`viva spend`: were the ceilings equal and kept, what was spent, and what the scores are at each spend."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.spending.gradebook import EXECUTABLE, PROSE
from benchmark.spending.publish import from_logs

Say = Callable[[str], None]


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva spend`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments or the logs, in one line.
    """
    parser.description = (
        "Read off the logs whether all explainers had equal ceilings and kept them, what each spent, and the mean r of "
        "what each would have handed in at any spend. Reports held on the way are graded anew, without a language "
        "model."
    )
    parser.add_argument("logs", nargs="+", type=Path, help="log files or folders of logs")
    parser.add_argument("--out", type=Path, help="folder for spend.{json,md,svg}; default: beside the first logs")
    parser.add_argument(
        "--reader", choices=(EXECUTABLE, PROSE), help="one for all; default: predicates where they are declared"
    )
    chosen = parser.parse_args(list(arguments))
    folder = chosen.out or _beside(chosen.logs[0])
    say(f"written: {', '.join(map(str, from_logs(chosen.logs, folder, say, chosen.reader)))}")


def _beside(first: Path) -> Path:
    return first.parent if first.name == "logs" or first.is_file() else first
