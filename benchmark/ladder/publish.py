"""`ladder.json`, `ladder.md` and `ladder.svg` of one suite."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmark.examiner import Examiner
from benchmark.ladder.figure import figure
from benchmark.ladder.order import ALL, Summary, summaries
from benchmark.ladder.scores import Point, points
from benchmark.ladder.tables import markdown
from benchmark.ladder.verdicts import VERDICTS
from benchmark.rounding import rounded_json
from benchmark.suites.suite import Suite

TEXT_READERS = ("embedding", "lookup")
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
    readers = (examiner or Examiner(suite)).readers
    found = points(suite, [readers[name] for name in TEXT_READERS])
    rows, title = summaries(found, seed=0), f"The ladder on {suite.name}"
    texts = {
        "ladder.json": json.dumps(_json(suite, found, rows), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "ladder.md": markdown(found, rows, title),
        "ladder.svg": figure(found, rows, f"{title}: a reader’s score against true agreement"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


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


def _json(suite: Suite, found: list[Point], rows: list[Summary]) -> dict[str, Any]:
    return {
        "suite": suite.name,
        "suite_hash": suite.hash,
        "executable": "by construction: its r is the true agreement",
        "summaries": [rounded_json(row.to_json(), PLACES) for row in rows],
        "points": [rounded_json(asdict(point), PLACES) for point in found],
    }
