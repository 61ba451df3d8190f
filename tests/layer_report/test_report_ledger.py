"""The ledger: what is done stays done, whatever became of the line that was being written."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.layer_report.ledger import NAME, Ledger
from benchmark.layer_report.options import ReportError

FACTS = {"explainer": "x", "seed": 1}
SESSION = {"seconds": 1.0, "peak_memory": 1, "units": 3, "workers": 1, "opened_in": 1.0, "load": 1.0}


def line(number: int, outcome: str = "abstention") -> dict[str, Any]:
    spend = {"tokens": 0, "calls": 0, "unit_queries": 0}
    done = {"seconds": 1.0, "graded_in": 0.1, "spend": spend, "contexts": []}
    return {"key": f"latent/{number}", "outcome": outcome, **done}


def filled(folder: Path) -> Path:
    ledger = Ledger(folder, FACTS)
    for number in range(3):
        ledger.add(line(number))
    ledger.end_session(SESSION)
    ledger.close()
    return folder / NAME


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    filled(tmp_path)
    again = Ledger(tmp_path, FACTS)
    assert list(again.records) == ["latent/0", "latent/1", "latent/2"]
    assert again.sessions == [SESSION]
    again.close()


def test_a_torn_last_line_is_cut_off_and_its_unit_is_done_again(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes() + b'{"key": "latent/3", "outc')
    again = Ledger(tmp_path, FACTS)
    assert len(again.records) == 3
    again.add(line(3))
    again.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[-1] == line(3)


@pytest.mark.parametrize(
    "damage",
    [
        b"{nonsense\n",
        b"[1, 2]\n",
        b"\xff\xfe\n",
        b'{"key": "latent/9"}\n',
        b'{"session": {"seconds": 1}}\n',
        json.dumps(line(9, "report")).encode() + b"\n",
        json.dumps({**line(9), "spend": {}}).encode() + b"\n",
        json.dumps({**line(9), "contexts": [1]}).encode() + b"\n",
    ],
)
def test_damage_before_the_end_is_told_with_its_line(tmp_path: Path, damage: bytes) -> None:
    path = filled(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], damage, *lines[2:]]))
    with pytest.raises(ReportError, match="line 3 is damaged"):
        Ledger(tmp_path, FACTS)


def test_another_report_s_ledger_is_refused_by_name(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(ReportError, match="with another seed; mend"):
        Ledger(tmp_path, {**FACTS, "seed": 2})


def test_a_second_command_waits_for_the_first(tmp_path: Path) -> None:
    filled(tmp_path)
    first = Ledger(tmp_path, FACTS)
    with pytest.raises(ReportError, match=r"another command is at work in .*; mend: wait for it"):
        Ledger(tmp_path, FACTS)
    first.close()
    Ledger(tmp_path, FACTS).close()
