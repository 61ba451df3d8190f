"""`teaching.{json,md,svg}`, `gates.{json,md}` and `scores.csv`: what every student learned by every arm."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from benchmark.rounding import rounded_json
from benchmark.students.course import TEACHING_ARMS
from benchmark.teaching.figure import figure
from benchmark.teaching.findings import Findings
from benchmark.teaching.tables import gate_page, page

STEM = "teaching"
DIGITS = 4


def publish(found: Findings, folder: Path) -> list[Path]:
    """Write the files; the gates' only where gates were asked.

    Args:
        found: a study's findings.
        folder: made if it is not there.
    """
    told = found.to_json()
    texts = {
        f"{STEM}.json": _json(told),
        f"{STEM}.md": page(found),
        f"{STEM}.svg": figure(found.learned, f"Teaching: {found.facts.suite}, taught by {found.facts.teacher}"),
        "scores.csv": scores(found),
    }
    if found.validated:
        texts |= {"gates.json": _json({"gates": told["gates"]}), "gates.md": gate_page(found)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def _json(value: Any) -> str:
    return json.dumps(rounded_json(value), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def scores(found: Findings) -> str:
    """CSV: a line a student and unit, r after each arm; a pilot for `viva power teaching`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["tier", "unit", "student", *TEACHING_ARMS])
    # A yoked lesson that was made for the same error state says nothing of interactivity.
    kept = [each for each in found.rows if each.arm != "yoked" or each.own_state]
    by_arm = {(each.tier, each.unit, each.student, each.arm): each.after for each in kept}
    for tier, unit, student in dict.fromkeys(key[:3] for key in by_arm):
        after = [by_arm.get((tier, unit, student, arm)) for arm in TEACHING_ARMS]
        writer.writerow([tier, unit, student, *("" if each is None else round(each, DIGITS) for each in after)])
    return text.getvalue()
