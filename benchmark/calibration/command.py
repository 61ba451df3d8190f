"""`viva calibrate`: examine the readers and 3 sigma on a frozen suite."""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path

from benchmark.calibration.measure import QUICK, Calibration, Sizes
from benchmark.calibration.work import CalibrationError, Desk, Job
from benchmark.errors import UserError
from benchmark.subjects.embedded import cache_folder

Say = Callable[[str], None]

SIZES = tuple(each.name for each in fields(Sizes))
OPTIONS: dict[str, str] = {
    "suite": "a frozen suite's name or folder (embedded-2)",
    "size": "full or quick; quick measures everything on little, and bounds nothing (full)",
    "seed": "of the nulls' keys, the placebos and every draw (1)",
    "workers": "processes that make the null units (2)",
    "out": "where README.md, calibration.json and the figures are written (results/calibration)",
    "ship": "yes puts what was found where boards of the suite look for it (no)",
    "work": "where shards lie, so that a killed run goes on (calibration/SUITE-SEED in the cache folder)",
    **{name: "see benchmark/calibration/measure.py" for name in SIZES},
}


def options(arguments: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE arguments.

    Raises:
        CalibrationError: an unknown key, or one without a value.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if key not in OPTIONS:
            close = get_close_matches(key, OPTIONS, n=1, cutoff=0.4) or list(OPTIONS)
            raise CalibrationError(f"viva calibrate has no option {argument!r}; did you mean {' or '.join(close)}=?")
        if not equals or not value:
            raise CalibrationError(f"viva calibrate: {key} has no value; write {key}=<value>, without blanks")
        found[key] = value
    return found


def _count(found: dict[str, str], key: str, otherwise: int, least: int = 1) -> int:
    text = found.get(key, str(otherwise)).replace("_", "")
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise CalibrationError(f"viva calibrate: {key}={found[key]} is no count; give a whole number, {least} or above")
    return int(text)


def sizes_of(found: dict[str, str]) -> Sizes:
    """The sizes that checked options ask for.

    Raises:
        CalibrationError: a size that means nothing.
    """
    named = {"full": Sizes(), "quick": QUICK}
    if found.get("size", "full") not in named:
        raise CalibrationError(f"viva calibrate: size={found['size']} means nothing; choose from {', '.join(named)}")
    base = named[found.get("size", "full")]
    chosen = {name: _count(found, name, 0) for name in SIZES if name in found}
    return replace(base, **chosen)


def run(parser: argparse.ArgumentParser, arguments: Sequence[str], say: Say) -> None:
    """The verb.

    Args:
        parser: an empty one; its errors are the caller's.
        arguments: what stands behind `viva calibrate`.
        say: prints a line.

    Raises:
        UserError: what is wrong with the arguments or the work folder, in one line.
    """
    parser.description = (
        "Measure how often 3 sigma rejects where there is nothing, what it finds, and whether readers order the ladder "
        "and agree. A run that was stopped goes on where it was."
    )
    help_ = "; ".join(f"{name}= {text}" for name, text in OPTIONS.items() if name not in SIZES)
    parser.add_argument("options", nargs="*", metavar="KEY=VALUE", help=f"{help_}; and {', '.join(SIZES)}")
    found = options(parser.parse_args(list(arguments)).options)
    sizes, seed = sizes_of(found), _count(found, "seed", 1, least=0)
    workers, out = _count(found, "workers", 2), Path(found.get("out", "results/calibration"))
    if found.get("ship", "no") not in ("yes", "no"):
        raise CalibrationError(f"viva calibrate: ship={found['ship']} means nothing; write ship=yes or ship=no")
    if found.get("ship") == "yes" and sizes != Sizes():
        raise CalibrationError("viva calibrate: ship=yes takes a full calibration; leave out size= and the sizes")
    if out.exists() and not out.is_dir():
        raise UserError(f"viva calibrate: {out} is not a folder; give out=<where the tables are to lie>")
    began = time.monotonic()

    def timed(line: str) -> None:
        say(f"[{(time.monotonic() - began) / 60:5.1f} min] {line}")

    desk = Desk(found.get("suite", "embedded-2"))
    work = Path(found.get("work", cache_folder() / "calibration" / f"{desk.suite.name}-{seed}"))
    job = Job(found.get("suite", "embedded-2"), seed, sizes.nulls, min(sizes.shard, sizes.nulls), work)
    measured = Calibration(desk, job, sizes, workers, timed).measure()
    from benchmark.calibration.publish import publish
    from benchmark.calibration.shipped_facts import ship

    written = publish(measured, out)
    if found.get("ship", "no") == "yes":
        written = [*written, ship(written[0], desk.suite.name)]
    for path in written:
        say(str(path))
