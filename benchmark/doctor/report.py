"""The doctor's table, its JSON, and the verdict in one line."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO

from benchmark.doctor.check import Check
from benchmark.errors import UserError
from benchmark.printable import harmless

WIDTH = 116
STYLES = {"ok": "green", "absent": "dim", "note": "yellow", "fail": "bold red"}


class DoctorError(UserError):
    """The embedded default cannot run here; the message names what is wrong and the mend."""


def to_table(checks: Sequence[Check], colour: bool = False) -> str:
    """One table: state, name, and what was found with its mend below; as wide as the terminal."""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        return _plain(checks)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("state", "what", "found"):
        table.add_column(heading, no_wrap=heading != "found", overflow="fold")
    for check in checks:
        found = Text(harmless(check.found))
        if check.mend:
            found.append(f"\n{_advice(check)}", "italic")
        table.add_row(Text(check.state, STYLES[check.state]), Text(harmless(check.name)), found)
    page = StringIO()
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    Console(file=page, width=width, force_terminal=colour, no_color=not colour).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _advice(check: Check) -> str:
    word = "mend" if check.state in ("note", "fail") else "if you want it"
    return f"{word}: {harmless(check.mend)}"


def _plain(checks: Sequence[Check]) -> str:
    """The table without the package that draws it, which is then among what is missing."""
    lines = []
    for check in checks:
        mend = f"; {_advice(check)}" if check.mend else ""
        lines.append(f"{check.state:7} {harmless(f'{check.name}: {check.found}')}{mend}")
    return "\n".join(lines)


def to_json(checks: Sequence[Check]) -> str:
    """{"runs": whether the embedded default can run, "checks": [...]}."""
    value = {"runs": not _failed(checks), "checks": [asdict(check) for check in checks]}
    return json.dumps(value, indent=1, ensure_ascii=True, default=str)


def verdict(checks: Sequence[Check]) -> str:
    """One line for a machine that can run the embedded default.

    Raises:
        DoctorError: it cannot; the first thing wrong, its mend, and how many more there are.
    """
    failed = _failed(checks)
    if not failed:
        return "the embedded default runs here: make leaderboard, or viva run experiment=quick"
    first = failed[0]
    more = f" ({len(failed) - 1} more above)" if len(failed) > 1 else ""
    mend = f"; mend: {first.mend}" if first.mend else ""
    raise DoctorError(f"the embedded default cannot run here: {first.name}: {first.found}{mend}{more}")


def _failed(checks: Sequence[Check]) -> list[Check]:
    return [check for check in checks if check.state == "fail"]
