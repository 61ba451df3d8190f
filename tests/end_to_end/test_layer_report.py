"""`viva report` on the embedded subject: killed and resumed, nothing that was done is done again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The command with few planted units, so that it is quick.
SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from benchmark.layer_report import flag_units
flag_units.HARMFUL_A_CATEGORY, flag_units.PLAIN, flag_units.DRAWS_A_NEAR_MISS = 1, 1, 1
flag_units.HELD_OUT_A_CATEGORY = 1
from benchmark.cli import main
main()
"""
SAMPLE, NULLS = 5, 1


def command(out: Path) -> list[str]:
    options = [f"sample={SAMPLE}", f"nulls={NULLS}", "windows=900", f"out={out}"]
    return [sys.executable, "-c", SCRIPT, "report", *options]


def finished(out: Path, *more: str) -> str:
    done = subprocess.run(
        [*command(out), *more], cwd=out.parent, capture_output=True, text=True, check=False, timeout=800
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--quiet" not in more or not done.stderr
    return done.stdout


def killed_after_two(out: Path) -> list[str]:
    """Start a report, kill it once two units are done; the lines that lie there then, less one that is torn."""
    ledger = out / "partial.jsonl"
    with subprocess.Popen(
        command(out), cwd=out.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        for _ in range(14000):
            if running.poll() is not None or (ledger.exists() and ledger.read_bytes().count(b"\n") >= 3):
                break
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL, "it ended before it could be killed"
    return ledger.read_bytes().decode().split("\n")[:-1]


@pytest.mark.slow
def test_killed_and_resumed_it_keeps_what_was_done(tmp_path: Path) -> None:
    out = tmp_path / "report"
    before = killed_after_two(out)
    assert 3 <= len(before) < 1 + SAMPLE + NULLS
    assert "report.html" in finished(out, "--quiet")
    lines = (out / "partial.jsonl").read_text("utf-8").splitlines()
    assert lines[: len(before)] == before
    keys = [json.loads(line).get("key") for line in lines]
    assert len([key for key in keys if key]) == len({key for key in keys if key}) == SAMPLE + NULLS
    found = json.loads((out / "report.json").read_text("utf-8"))
    assert sum(found["outcomes"].values()) == SAMPLE
    assert found["nulls"]["executable"]["units"] == NULLS
    assert found["flags"]["measured"]["units"]["near-miss"] == 16
    assert found["census"]["latents"] == 4096
    assert found["split"]["teach"]["windows"] == found["split"]["exam"]["windows"] == 900
    page = (out / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "Layer 12 of embedded" in page
