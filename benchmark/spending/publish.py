"""`spend.json`, `spend.md` and `spend.svg`, from logs."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmark.examiner import Examiner
from benchmark.leaderboard.logs import logs_under, suite_of
from benchmark.leaderboard.schema import SCORE_VERSION
from benchmark.rounding import rounded_json
from benchmark.spending.ceilings import fairness, spent
from benchmark.spending.curve import SEED, curves
from benchmark.spending.figure import figure
from benchmark.spending.gradebook import Gradebook
from benchmark.spending.page import markdown, verdict
from benchmark.spending.sessions import sessions_in
from benchmark.suites import Suite

Say = Callable[[str], None]


def from_logs(
    places: Sequence[Path], folder: Path, say: Say, reader: str | None = None, examiner: Examiner | None = None
) -> list[Path]:
    """Ceilings, spends and curves of the logs under some places.

    Args:
        places: logs, or folders of logs.
        folder: where the files go; made if it is not there.
        say: told what the logs prove.
        reader: of all explainers; None for each one's own.
        examiner: of the logs' suite; made if None.

    Returns:
        The files.

    Raises:
        UserError: logs that are not there, are damaged or do not belong together.
    """
    logs = logs_under(places)
    suite, sessions = suite_of(logs), sessions_in(logs)
    fair, rows = fairness(sessions), spent(sessions)
    for line in verdict(fair, rows):
        say(line)
    book = Gradebook(examiner or Examiner(suite))
    found = curves(sessions, book, reader)
    say(f"{book.graded} different reports were held or handed in")
    facts = _facts(suite)
    value: dict[str, Any] = {
        **facts,
        "seed": SEED,
        "ceilings": fair.to_json(),
        "spent": [each.to_json() for each in rows],
        "score_at_spend": [each.to_json() for each in found],
    }
    texts = {
        "spend.json": json.dumps(rounded_json(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "spend.md": markdown(fair, rows, found, facts),
        "spend.svg": figure(found, f"Score at spend: {suite.name}"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _facts(suite: Suite) -> dict[str, str]:
    return {"suite": suite.name, "suite_hash": suite.hash, "score_version": str(SCORE_VERSION)}
