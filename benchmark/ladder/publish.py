"""`ladder.json`, `ladder.md` and `ladder.svg` of one suite."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmark.examiner import Examiner
from benchmark.ladder.figure import figure
from benchmark.ladder.order import ALL, Summary, summaries
from benchmark.ladder.scores import Point, points
from benchmark.ladder.sensitivity import Sensitivity, reworded_points, sensitivities
from benchmark.ladder.tables import markdown
from benchmark.ladder.verdicts import VERDICTS
from benchmark.rounding import rounded_json
from benchmark.suites.suite import Suite

TEXT_READERS = ("embedding", "lookup")
# The executable reader's r is true agreement; what its other metrics make of it is examined like any other.
LADDER_READERS = ("executable", *TEXT_READERS)
PLACES = 6


def publish(suite: Suite, folder: Path, examiner: Examiner | None = None) -> list[Path]:
    """Measure the ladder of every planted unit and write it down.

    Args:
        suite: a frozen suite.
        folder: where the three files are written; made if it is not there.
        examiner: the readers; the suite's own, with the shipped encoder, if None.

    Returns:
        The files, JSON first.
    """
    every = (examiner or Examiner(suite)).readers
    readers = [every[name] for name in LADDER_READERS]
    found = points(suite, readers)
    rows, title = summaries(found, seed=0), f"The ladder on {suite.name}"
    moved = sensitivities([*found, *reworded_points(suite, readers)], seed=0)
    value = _json(suite, found, rows, moved)
    texts = {
        "ladder.json": json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "ladder.md": markdown(found, rows, title, moved),
        "ladder.svg": figure(_by_text(found), rows, f"{title}: a reader’s score against true agreement"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _by_text(found: Sequence[Point]) -> list[Point]:
    """Without the executable reader, whose r would draw the diagonal."""
    return [replace(point, scores={name: point.scores[name] for name in TEXT_READERS}) for point in found]


def ship(ladder: Path) -> Path:
    """Put the verdicts of a published ladder where boards of its suite find them.

    Args:
        ladder: a `ladder.json`.
    """
    told = json.loads(ladder.read_text("utf-8"))
    whole = [row for row in told["summaries"] if row["family"] == ALL]
    target = VERDICTS / f"{told['suite']}.json"
    value = {
        "suite_hash": told["suite_hash"],
        "verdicts": [{k: v for k, v in r.items() if k != "family"} for r in whole],
    }
    target.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", "utf-8")
    return target


def _json(suite: Suite, found: list[Point], rows: list[Summary], moved: list[Sensitivity]) -> dict[str, Any]:
    return {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "executable": "by construction: its r is the true agreement",
        "summaries": [rounded_json(row.to_json(), PLACES) for row in rows],
        "sensitivity": [rounded_json(each.to_json(), PLACES) for each in moved],
        "points": [rounded_json(asdict(point), PLACES) for point in found],
    }
