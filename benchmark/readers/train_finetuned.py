"""Train the finetuned reader: `python -m benchmark.readers.train_finetuned [--minutes N] [--ship] [--resume]`.

Makes its diet (a few minutes, kept in the cache folder), times a few steps, fixes the number of steps that fit the
minutes, and trains. A run that was killed goes on with --resume. --ship writes the weights and their card into the
package; without it they stay in the training's folder.
"""

import argparse
import sys
from pathlib import Path

from benchmark.errors import USAGE_ERROR, UserError

PRECISIONS = ("auto", "bfloat16", "float32")


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=65.0, help="of training; the diet and the judging come on top")
    parser.add_argument("--steps", type=int, help="fix the number of steps instead of the minutes")
    parser.add_argument("--ship", action="store_true", help="write the weights and card into the package")
    parser.add_argument("--resume", action="store_true", help="go on with the training in the folder")
    parser.add_argument("--folder", type=Path, help="of checkpoints; default: one of its own in the cache folder")
    parser.add_argument("--limit", type=float, default=1.0, help="this share of the diet; below 1 for a trial")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of torch; default: as many as there are cores")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="auto: the faster one, as measured")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Command-line entry; the exit status."""
    from benchmark.subjects.finetuned.command import Wishes, train

    chosen = vars(arguments(given))
    try:
        train(Wishes(**chosen), say=lambda line: print(line, flush=True))
    except UserError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main())
