"""Shards of null units: killed runs go on to the same bytes, and no folder holds two calibrations."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmark.calibration import work
from benchmark.calibration.work import CalibrationError, Job, make_shards, open_folder, shards

# A desk without a suite, that takes its time; run in a process of its own, so that it can be killed.
SLOW = """
import sys, time
from pathlib import Path
import numpy as np
from benchmark.calibration import work

class Slow:
    def __init__(self, suite): pass
    def shard(self, job, place):
        time.sleep(float(sys.argv[2]))
        return {"number": np.array(list(job.shards[place])), "draw": np.random.default_rng([job.seed, place]).random(5)}

work.Desk = Slow
job = work.Job("none", 3, 10, 4, Path(sys.argv[1]))
work.open_folder(job, "suite", "bank")
work.make_shards(job, 1, lambda line: print(line, flush=True))
"""


def _run(folder: Path, seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SLOW, str(folder), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    killed = _run(tmp_path / "killed", 0.4)
    first = tmp_path / "killed" / "nulls-00000-4.json"
    deadline = time.monotonic() + 60
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    there = sorted((tmp_path / "killed").glob("*.safetensors"))
    assert first.with_suffix(".safetensors") in there
    kept = first.with_suffix(".safetensors").stat().st_mtime_ns
    again = _run(tmp_path / "killed", 0.0)
    said, _ = again.communicate(timeout=60)
    assert again.returncode == 0
    assert "of 10 are there" in said
    assert "nulls: 0 of 10 are there" not in said
    assert first.with_suffix(".safetensors").stat().st_mtime_ns == kept
    whole = _run(tmp_path / "whole", 0.0)
    whole.communicate(timeout=60)
    names = sorted(path.name for path in (tmp_path / "whole").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "killed").iterdir() if ".part" not in path.name)
    for name in names:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()


class _Quick:
    made: list[int] = []  # noqa: RUF012

    def __init__(self, suite: str) -> None:
        self.suite = suite

    def shard(self, job: Job, place: int) -> dict[str, np.ndarray]:
        self.made.append(place)
        return {"number": np.array(list(job.shards[place]))}


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(work, "Desk", _Quick)
    _Quick.made.clear()
    made = Job("none", 1, 10, 4, tmp_path / "work")
    open_folder(made, "suite", "bank")
    return made


def test_a_damaged_shard_is_made_again_and_whole_ones_are_not(job: Job) -> None:
    make_shards(job, 1, lambda line: None)
    assert _Quick.made == [0, 1, 2]
    assert [each["number"].tolist() for each in shards(job)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    job.path(1).write_bytes(job.path(1).read_bytes()[:-3])
    with pytest.raises(CalibrationError, match="missing or damaged; mend: run it again"):
        list(shards(job))
    make_shards(job, 1, lambda line: None)
    assert _Quick.made == [0, 1, 2, 1]


def test_more_nulls_go_on_from_the_whole_shards(job: Job) -> None:
    make_shards(job, 1, lambda line: None)
    more = Job(job.suite, job.seed, 12, job.shard, job.folder)
    open_folder(more, "suite", "bank")
    make_shards(more, 1, lambda line: None)
    assert _Quick.made == [0, 1, 2, 2]
    assert sum(len(each["number"]) for each in shards(more)) == 12


@pytest.mark.parametrize(
    ("suite", "bank", "seed", "shard", "named"),
    [
        ("other", "bank", 1, 4, "suite_hash"),
        ("suite", "other", 1, 4, "bank_hash"),
        ("suite", "bank", 2, 4, "seed"),
        ("suite", "bank", 1, 5, "shard"),
    ],
)
def test_another_calibration_s_folder_is_refused(
    job: Job, suite: str, bank: str, seed: int, shard: int, named: str
) -> None:
    with pytest.raises(CalibrationError, match=f"another {named}; mend: give work="):
        open_folder(Job(job.suite, seed, 10, shard, job.folder), suite, bank)


def test_changed_code_and_a_damaged_manifest_are_refused(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "sources_hash", lambda places: "changed")
    with pytest.raises(CalibrationError, match="another code"):
        open_folder(job, "suite", "bank")
    (job.folder / "manifest.json").write_text("{")
    with pytest.raises(CalibrationError, match="is damaged; mend: delete"):
        open_folder(job, "suite", "bank")


def test_progress_says_what_is_left(job: Job) -> None:
    said: list[str] = []
    make_shards(job, 1, said.append)
    assert said[0] == "nulls: 0 of 10 are there; 3 shards to make"
    assert said[-1].startswith("nulls: 10 of 10, ")
    assert said[-1].endswith("about 0 min left")


def test_every_source_that_decides_is_there() -> None:
    from benchmark.provenance import ROOT

    assert all((ROOT / place).exists() for place in work.DECIDING)
