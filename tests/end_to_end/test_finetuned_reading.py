"""The finetuned reader as a user meets it: a small run, read, and read again from its logs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
VIVA = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from benchmark.cli import main; main()"]
UNITS = ("units.per_tier.found=1", "units.per_tier.null=1", "explainers=[top_tokens]")
CUT = tuple(f"reading.{each}" for each in ("units=1", "nulls=1", "per_stratum=2", "strangers=1", "modes=[simulation]"))


def viva(place: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*VIVA, "run", "experiment=finetuned", *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def board(place: Path, run: str) -> dict[str, Any]:
    return dict(json.loads((place / "runs" / run / "leaderboard.json").read_text("utf-8")))


def test_the_finetuned_reader_reads_a_run_and_its_logs_alike(tmp_path: Path) -> None:
    told = viva(tmp_path, "run=first", *UNITS, *CUT)
    assert "finetuned reader: 1 found and 1 null units, 1 explainers" in told
    assert "carries no p" in told
    viva(tmp_path, "run=again", "reading.logs=runs/first/logs", *CUT)
    first, again = board(tmp_path, "first"), board(tmp_path, "again")
    (reading,) = first["sampled"]
    assert reading["reader"].startswith("finetuned/")
    (row,) = reading["rows"]
    assert (row["explainer"], row["items"], row["errors"], row["dollars"]) == ("top_tokens", 12, {}, 0)
    assert (row["n_units"], row["n_nulls"], row["p"]) == (1, 1, None)
    assert again["rows"] == first["rows"]
    assert again["sampled"][0]["rows"] == reading["rows"]
