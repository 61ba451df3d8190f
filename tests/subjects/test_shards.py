"""Shards of a cache: whole or not at all, also where two processes read the same texts at the same time."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE
from typing import Any

import numpy as np
import pytest

from benchmark.subjects import shards
from benchmark.subjects.shards import appearing, read_shard, write_shard
from benchmark.suites import off_suite

ROOT = Path(__file__).parents[2]
# Writes a shard over and over, and says how often it read back what nobody wrote.
WRITER = """
import sys
from pathlib import Path
import numpy as np
from benchmark.subjects.shards import read_shard, write_shard

path, own, wrong = Path(sys.argv[1]), int(sys.argv[2]), 0
for _ in range(150):
    write_shard(path, {"a": np.full(2000, own)})
    found = read_shard(path)
    wrong += found is not None and set(found["a"].tolist()) not in ({1}, {2})
print(wrong)
"""


def shard(value: int = 1) -> dict[str, Any]:
    return {"a": np.full(5, value), "strided": np.arange(20)[::2]}


def together(monkeypatch: pytest.MonkeyPatch, *jobs: Callable[[], Any]) -> list[Any]:
    """What jobs give whose arrays are all written before the first of them goes on."""
    written, save = threading.Barrier(len(jobs), timeout=20), shards.save_arrays

    def wait(arrays: Any, place: Any) -> None:
        save(arrays, place)
        written.wait()

    monkeypatch.setattr(shards, "save_arrays", wait)
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result() for each in [pool.submit(job) for job in jobs]]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_shard(tmp_path / "x.safetensors", shard())
    found = read_shard(tmp_path / "x.safetensors")
    assert found is not None
    assert {name: array.tolist() for name, array in found.items()} == {
        name: array.tolist() for name, array in shard().items()
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.json", "x.safetensors"]


@pytest.mark.parametrize("values", [(1, 1), (1, 2)])
def test_two_who_write_the_same_shard_do_not_meet(
    values: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.safetensors"
    together(monkeypatch, *(lambda value=value: write_shard(path, shard(value)) for value in values))
    found = read_shard(path)
    # Different arrays, as a GPU may give, can leave one's shard and the other's mark: none, then, and it is redone.
    assert found is not None or values == (1, 2)
    assert found is None or found["a"].tolist() in [[value] * 5 for value in values]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["x.json", "x.safetensors"]


def test_two_processes_write_the_same_shard(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    commands = [[sys.executable, "-c", WRITER, str(tmp_path / "x.safetensors"), own] for own in "12"]
    running = [
        subprocess.Popen(each, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for each in commands
    ]
    for each in running:
        out, err = each.communicate(timeout=60)
        assert (out.strip(), each.returncode) == ("0", 0), err


def test_the_mark_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    appeared, replace = [], Path.replace

    def noted(scratch: Path, target: Path) -> Path:
        appeared.append(target.name)
        return replace(scratch, target)

    monkeypatch.setattr(Path, "replace", noted)
    write_shard(tmp_path / "x.safetensors", shard())
    assert appeared == ["x.safetensors", "x.json"]


@pytest.mark.parametrize("how", ["none", "another's", "damaged", "no text"])
def test_a_shard_without_its_mark_is_none(how: str, tmp_path: Path) -> None:
    path, mark = tmp_path / "x.safetensors", tmp_path / "x.json"
    write_shard(path, shard())
    if how == "none":
        mark.unlink()
    else:
        other = json.dumps(hashlib.sha256(b"another").hexdigest()).encode()
        mark.write_bytes({"another's": other, "damaged": mark.read_bytes()[:9], "no text": b"\xff"}[how])
    assert read_shard(path) is None
    write_shard(path, shard())
    assert read_shard(path) is not None


def test_a_shard_can_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    """safetensors' own mode would be the writer's alone, and of no use in a shared cache."""
    old = os.umask(0o027)
    try:
        write_shard(tmp_path / "x.safetensors", shard())
    finally:
        os.umask(old)
    assert {S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("before", "utf-8")
    with pytest.raises(FileNotFoundError), appearing(tmp_path / "x") as scratch:
        scratch.write_text((tmp_path / "y").read_text("utf-8"), "utf-8")
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [("x", "before")]


def test_two_who_keep_the_same_reports_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find nothing, make it, and write it: the text of each is whole before either is put in its place."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path))
    both, replace = threading.Barrier(2, timeout=20), Path.replace

    def wait(scratch: Path, target: Path) -> Path:
        both.wait()
        return replace(scratch, target)

    monkeypatch.setattr(Path, "replace", wait)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(off_suite._kept, "bank", "key", lambda: {"made": 1}) for _ in range(2)]
        assert [each.result() for each in asked] == [{"made": 1}] * 2
    assert [path.name for path in (tmp_path / "bank").iterdir()] == ["key.json"]
