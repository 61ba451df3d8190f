"""Two processes explain as one does, and hand records in the same order."""

from functools import partial
from pathlib import Path
from typing import Any

import made_up_layer
import pytest

from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.tasks import Desk
from benchmark.layer_report.work import Progress, work
from benchmark.readers.executable import ExecutableReader

TIMES = ("seconds", "spend", "graded_in")


def done(desk: Desk, folder: Path, workers: int) -> dict[str, dict[str, Any]]:
    ledger = Ledger(folder, {"a": 1})
    tasks = [partial(desk.latent, number) for number in range(5)]
    work(tasks, "rule_induction", 60, workers, ledger, desk.graded, Progress("x", len(tasks)))
    ledger.close()
    return {
        key: {name: value for name, value in record.items() if name not in TIMES}
        for key, record in ledger.records.items()
    }


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path: Path) -> None:
    desk = Desk(made_up_layer.layer(), {"executable": ExecutableReader(0.5)}, 1)
    one = done(desk, tmp_path / "one", 1)
    two = done(desk, tmp_path / "two", 2)
    assert one == two
    assert list(one) == list(two) == [f"latent/{number}" for number in range(5)]


def test_progress_says_how_far_and_how_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIVA_QUIET", raising=False)
    progress = Progress("explained", 2, 3)
    progress.step()
    progress.step()
    assert capsys.readouterr().err.startswith("explained: 5 of 5, ")
    monkeypatch.setenv("VIVA_QUIET", "1")
    Progress("explained", 1).step()
    assert capsys.readouterr().err == ""
