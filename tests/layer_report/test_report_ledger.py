"""The ledger: what is done stays done, whatever became of the line that was being written."""

import json
from pathlib import Path

import pytest

from benchmark.layer_report.ledger import NAME, Ledger
from benchmark.layer_report.options import ReportError

FACTS = {"explainer": "x", "seed": 1}


def filled(folder: Path) -> Path:
    ledger = Ledger(folder, FACTS)
    for number in range(3):
        ledger.add({"key": f"latent/{number}", "outcome": "report"})
    ledger.end_session({"seconds": 1.0})
    ledger.close()
    return folder / NAME


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    filled(tmp_path)
    again = Ledger(tmp_path, FACTS)
    assert list(again.records) == ["latent/0", "latent/1", "latent/2"]
    assert again.sessions == [{"seconds": 1.0}]
    again.close()


def test_a_torn_last_line_is_cut_off_and_its_unit_is_done_again(tmp_path: Path) -> None:
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes() + b'{"key": "latent/3", "outc')
    again = Ledger(tmp_path, FACTS)
    assert len(again.records) == 3
    again.add({"key": "latent/3", "outcome": "abstention"})
    again.close()
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[-1] == {"key": "latent/3", "outcome": "abstention"}


@pytest.mark.parametrize("damage", [b"{nonsense\n", b"[1, 2]\n", b"\xff\xfe\n"])
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
