"""`python -m benchmark.teaching`: every deterministic student by every arm on the units of a suite."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import USAGE_ERROR, UserError
from benchmark.teaching.choice import TIERS, chosen_units
from benchmark.teaching.study import OnUnit
from benchmark.teaching.workers import studied
from benchmark.units.unit import Unit


def main() -> None:
    """Read the command line, teach, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.teaching", description=__doc__)
    parser.add_argument("suite", nargs="?", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--teacher", default="rule_induction", help="an explainer without a model, who then teaches")
    parser.add_argument("--per-tier", type=int, help=f"so many units of each tier ({', '.join(TIERS)})")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    parser.add_argument("--out", type=Path, default=Path("results/teaching"))
    chosen = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        files = _teach(chosen)
    except UserError as error:
        print(f"teaching: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    except KeyboardInterrupt:
        print("teaching: stopped; nothing was written", file=sys.stderr)
        sys.exit(130)
    print(f"written: {', '.join(map(str, files))}")


def _teach(chosen: argparse.Namespace) -> list[Path]:
    from benchmark.runtime.workshop import workshop
    from benchmark.teaching.findings import Facts, findings
    from benchmark.teaching.publish import publish

    started, suite = time.monotonic(), workshop(chosen.suite).suite
    _check_teacher(chosen.teacher)
    units, done = chosen_units(suite.units, chosen.per_tier), list[OnUnit]()
    for unit, found in zip(units, studied(chosen.suite, units, chosen.teacher, chosen.workers), strict=True):
        done.append(found)
        print(f"-- {len(done)} of {len(units)}: {unit.identifier}, {time.monotonic() - started:.0f} s", flush=True)
    arms = dict.fromkeys(arm for each in done for arm in each.agreement)
    facts = Facts(
        suite.name,
        suite.hash,
        chosen.teacher,
        frozenset(unit.identifier for unit in units if unit.notes.get("group") == "outside"),
        round(time.monotonic() - started, 1),
        agreement={arm: _by_unit(arm, units, done) for arm in arms},
    )
    students = dict.fromkeys(name for each in done for name in each.rise)
    rise = {name: list(zip(*(each.rise[name] for each in done if name in each.rise), strict=True)) for name in students}
    rows, matches = [row for each in done for row in each.rows], [match for each in done for match in each.matches]
    return publish(findings(rows, facts, matches, rise), chosen.out)


def _check_teacher(name: str) -> None:
    from benchmark.explainers.loading import entry_or_custom

    if entry_or_custom(name).needs_model:
        raise UserError(
            f"{name} asks a language model; inspect eval tasks/teaching -T explainer={name} teaches with one"
        )


def _by_unit(arm: str, units: Sequence[Unit], done: Sequence[OnUnit]) -> dict[str, float]:
    pairs = zip(units, done, strict=True)
    return {unit.identifier: found.agreement[arm] for unit, found in pairs if arm in found.agreement}


if __name__ == "__main__":
    main()
