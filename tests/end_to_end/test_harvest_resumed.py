"""`viva harvest` on the embedded subject, SAE, corpus and encoder: killed and resumed, it leaves the same bytes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmark.harvest.reading import Harvest

ROOT = Path(__file__).parents[2]
TOKENS = 12_000
# The command with shards of a few thousand tokens, so that there is something to go on from.
SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from functools import partial
from benchmark.harvest import command
command.Recipe = partial(command.Recipe, shard_characters=16_000)
from benchmark.cli import main
main()
"""
COMMAND = [sys.executable, "-c", SCRIPT, "harvest", f"tokens={TOKENS}"]


def finished(folder: Path) -> str:
    done = subprocess.run(
        [*COMMAND, f"folder={folder}"], cwd=folder.parent, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def killed_after_a_shard(folder: Path) -> int:
    """Start a harvest, kill it once a shard lies there; how many lie there then."""
    with subprocess.Popen(
        [*COMMAND, f"folder={folder}"], cwd=folder.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        for _ in range(3000):
            if list(folder.glob("shards/*.json")) or running.poll() is not None:
                break
            time.sleep(0.1)
        os.kill(running.pid, signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL, "it ended before it could be killed"
    return len(list(folder.glob("shards/*.json")))


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.slow
def test_killed_and_resumed_it_is_the_same_store(tmp_path: Path) -> None:
    said = finished(tmp_path / "whole")
    assert "were there" not in said
    there = killed_after_a_shard(tmp_path / "killed")
    assert there >= 1
    assert f"({there} of them were there)" in finished(tmp_path / "killed")
    assert content(tmp_path / "whole") == content(tmp_path / "killed")
    found = Harvest(tmp_path / "whole")
    assert found.counts["tokens"] >= TOKENS
    unit = found.units[int(found.firing_rates.argmax())]
    assert found.strongest(unit)[0].values.max() > 0
    assert json.loads((tmp_path / "whole" / "summary.json").read_text("utf-8"))
