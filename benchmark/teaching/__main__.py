"""`python -m benchmark.teaching`: every deterministic student by every arm on the units of a suite."""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.errors import USAGE_ERROR, UserError
from benchmark.teaching.study import Row, rise, study
from benchmark.units.unit import Unit

TIERS = ("planted", "found", "null")


def main() -> None:
    """Read the command line, teach, and name the files."""
    parser = argparse.ArgumentParser(prog="python -m benchmark.teaching", description=__doc__)
    parser.add_argument("suite", nargs="?", default="embedded-2", help="a suite that ships, or a folder")
    parser.add_argument("--teacher", default="rule_induction", help="an explainer without a model, who then teaches")
    parser.add_argument("--per-tier", type=int, help="so many units of each tier")
    parser.add_argument("--out", type=Path, default=Path("results/teaching"))
    chosen = parser.parse_args()
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        files = asyncio.run(_teach(chosen))
    except UserError as error:
        print(f"teaching: {error}", file=sys.stderr)
        sys.exit(USAGE_ERROR)
    print(f"written: {', '.join(map(str, files))}")


async def _teach(chosen: argparse.Namespace) -> list[Path]:
    from benchmark.runtime.workshop import workshop
    from benchmark.teaching.cohort import cohort
    from benchmark.teaching.effects import learned
    from benchmark.teaching.gates import gates
    from benchmark.teaching.publish import publish

    started, shop = time.monotonic(), workshop(chosen.suite)
    units = _units(shop.suite.units, chosen.per_tier)
    students, rows = cohort(shop), list[Row]()
    async for row in study(shop, units, students, chosen.teacher):
        if not rows or rows[-1].unit != row.unit:
            print(f"-- {row.unit}, {time.monotonic() - started:.0f} s", flush=True)
        rows.append(row)
    smaller = await rise(shop, [unit for unit in units if unit.tier == "planted"], students, chosen.teacher)
    names = list(students.enrol)
    found = [
        learned([row for row in rows if (row.student, row.tier) == (name, tier)])
        for tier in TIERS
        if any(row.tier == tier for row in rows)
        for name in names
    ]
    validated = [gates([row for row in rows if row.student == name], smaller.get(name, ())) for name in names]
    return publish(found, validated, _facts(shop.suite, units, chosen.teacher, time.monotonic() - started), chosen.out)


def _units(units: Sequence[Unit], per_tier: int | None) -> list[Unit]:
    return [unit for tier in TIERS for unit in [each for each in units if each.tier == tier][:per_tier]]


def _facts(suite: Any, units: Sequence[Unit], teacher: str, seconds: float) -> dict[str, Any]:
    return {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "teacher": teacher,
        "units": dict(Counter(unit.tier for unit in units)),
        "outside": sum(unit.notes.get("group") == "outside" for unit in units if unit.tier == "planted"),
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
