"""Two processes explain as one does, and hand records in the same order."""

from functools import partial
from pathlib import Path
from typing import Any

import made_up_layer
import pytest

from benchmark.layer_report.ledger import Ledger
from benchmark.layer_report.tasks import Desk
from benchmark.layer_report.work import Progress, kept, work
from benchmark.readers.executable import ExecutableReader

TIMES = ("seconds", "spend", "graded_in", "made_in")


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


OWN = """
import os
def dies(laboratory):
    if laboratory.exemplars("firing")[0].text == {text!r}: os._exit(9)
    return "some words"
def odd(laboratory):
    return "half of a pair: \\ud800" if laboratory.exemplars("firing")[0].text == {text!r} else "some words"
"""


@pytest.mark.slow
def test_a_unit_that_ends_its_process_is_a_crash_and_the_others_are_explained(tmp_path: Path) -> None:
    desk = Desk(made_up_layer.layer(), {"executable": ExecutableReader(0.5)}, 1)
    mine = tmp_path / "mine.py"
    mine.write_text(OWN.format(text=desk.latent(1).exemplars[0].text), "utf-8")
    ledger = Ledger(tmp_path, {"a": 1})
    tasks = [partial(desk.latent, number) for number in range(5)]
    beside = work(tasks, f"{mine}@dies", 60, 2, ledger, desk.graded, Progress("x", 5))
    ledger.close()
    ends = [each["outcome"] for each in ledger.records.values()]
    assert ends == ["report", "crash", "report", "report", "report"]
    assert beside > 10**7


def test_a_report_that_cannot_be_written_down_is_that_unit_s_crash(tmp_path: Path) -> None:
    desk = Desk(made_up_layer.layer(), {"executable": ExecutableReader(0.5)}, 1)
    mine = tmp_path / "mine.py"
    mine.write_text(OWN.format(text=desk.latent(1).exemplars[0].text), "utf-8")
    ledger = Ledger(tmp_path, {"a": 1})
    work([partial(desk.latent, i) for i in range(3)], f"{mine}@odd", 60, 1, ledger, desk.graded, Progress("x", 3))
    ledger.close()
    assert [each["outcome"] for each in ledger.records.values()] == ["report", "crash", "report"]
    nan = {"outcome": "report", "report": {"confidence": float("nan")}, "seconds": 1.0, "spend": {}}
    assert kept(nan)["outcome"] == "crash"
