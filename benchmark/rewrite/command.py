"""`viva rewrite RUN_FOLDER`: a run's reports in the place of the subject's latents."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.rewrite.errors import RewriteError

if TYPE_CHECKING:
    from benchmark.rewrite.measure import Bench, UnitLosses
    from benchmark.suites import Suite

WINDOWS = 32
SEED = 0
Say = Callable[[str], None]


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva rewrite`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments, the logs or the subject, in one line.
    """
    chosen = _options(parser, arguments)
    readers = _readers(chosen.reader)
    from benchmark.leaderboard.collect import read_logs
    from benchmark.rewrite.measure import Bench, found_units

    suite, runs, _ = read_logs(chosen.logs)
    out = chosen.out or Path("results") / suite.name
    units = found_units(suite, runs)[: chosen.units]
    from benchmark.examiner import Examiner

    bench = Bench(suite, units, Examiner(suite), chosen.windows, SEED, say)
    losses = list(bench.losses(runs, readers))
    if not losses:
        raise RewriteError(f"viva rewrite: no report of these logs was read by {', '.join(readers)}; give no --reader")
    for line in _written(out, losses, _provenance(suite, bench, losses, chosen.windows)):
        say(line)


def _options(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    parser.description = (
        "Put predicted activations in the place of found latents and measure the subject's loss (arXiv 2501.18838)."
    )
    parser.add_argument("logs", nargs="+", type=Path, help="a run's folder, or logs")
    parser.add_argument("--out", type=Path, help="folder for rewrite.{md,json}; default: results/<the suite's name>")
    parser.add_argument("--reader", action="append", help="this reader alone; may be given again")
    parser.add_argument("--units", type=int, help="the first so many found units; default: all")
    parser.add_argument(
        "--windows", type=int, default=WINDOWS, help=f"of each unit's that fire, and that do not; default: {WINDOWS}"
    )
    chosen = parser.parse_args(arguments)
    for name in ("units", "windows"):
        if (value := getattr(chosen, name)) is not None and value < 1:
            raise RewriteError(f"viva rewrite: --{name} {value} measures nothing; give 1 or more")
    return chosen


def _readers(asked: Sequence[str] | None) -> tuple[str, ...]:
    from benchmark.examiner import READERS
    from benchmark.neuronpedia.line import nearest

    for name in asked or ():
        if name not in READERS:
            raise RewriteError(f"viva rewrite: no reader {name!r}; {nearest(name, READERS)}")
    return tuple(name for name in READERS if not asked or name in asked)


def _provenance(suite: "Suite", bench: "Bench", losses: "Sequence[UnitLosses]", windows: int) -> dict[str, Any]:
    from benchmark.leaderboard.schema import SCORE_VERSION
    from benchmark.provenance import commit, versions

    return {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "score_version": SCORE_VERSION,
        "home": dict(suite.sources.get("found", {})).get("facts", {}),
        "windows": windows,
        "seed": SEED,
        "largest_gap_with_true_values": bench.gap,
        "largest_share_of_tokens_off_the_suite": max(each.disagreeing for each in losses),
        "commit": commit(),
        "versions": versions(),
    }


def _written(out: Path, losses: "Sequence[UnitLosses]", provenance: dict[str, Any]) -> list[str]:
    from benchmark.rewrite.page import figures, said, to_markdown

    found = figures(losses, provenance, SEED)
    out.mkdir(parents=True, exist_ok=True)
    (out / "rewrite.json").write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", "utf-8")
    (out / "rewrite.md").write_text(to_markdown(found), "utf-8")
    return [
        *(f"{row['reader']:11} {row['explainer']:28} {said(row)}" for row in found["rows"]),
        f"written: {out}/rewrite.md, .json",
    ]
