"""`viva ablation`: the effect of each guardrail, from the logs of a sweep over them."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmark.ablation.publish import from_logs

Say = Callable[[str], None]


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva ablation`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments or the logs, in one line.
    """
    parser.description = (
        "What each guardrail does to accuracy, false claims on nulls, calibration and cost, alone and with the others; "
        "of logs that hold every combination of the guardrails that were switched, as of `viva run -m "
        "experiment=guardrail_ablation`. No model."
    )
    parser.add_argument("logs", nargs="+", type=Path, help="log files or folders of logs")
    parser.add_argument("--out", type=Path, help="folder for ablation.{json,md,svg}; default: beside the first logs")
    chosen = parser.parse_args(list(arguments))
    first = chosen.logs[0]
    say(f"written: {', '.join(map(str, from_logs(chosen.logs, chosen.out or _beside(first))))}")


def _beside(first: Path) -> Path:
    return first.parent if first.name == "logs" or first.is_file() else first
