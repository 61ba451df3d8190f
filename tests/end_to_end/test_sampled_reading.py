"""Sampled readers as a user meets them: SmolLM2 asked 24 prompts, and the finetuned reader on the same reports."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
VIVA = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from benchmark.cli import main; main()"]
UNITS = ("units.per_tier.found=1", "units.per_tier.null=1", "units.per_tier_with_model={}", "explainers=[top_tokens]")
# Six items and one stranger on each of two units, by simulation alone: 24 prompts.
CUT = ("units=1", "nulls=1", "per_stratum=2", "strangers=1", "modes=[simulation]")
READING = tuple(f"reading.{each}" for each in CUT)


def viva(place: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "INSPECT_CACHE_DIR": str(place / "answers")}
    done = subprocess.run(
        [*VIVA, "run", *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def reading(place: Path, run: str, reader: str) -> dict[str, Any]:
    board = json.loads((place / "runs" / run / "leaderboard.json").read_text("utf-8"))
    (found,) = [each for each in board["sampled"] if each["reader"].startswith(reader)]
    return dict(found)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which SmolLM2 has read the reports of a small run."""
    folder = tmp_path_factory.mktemp("reading")
    told = viva(folder, "experiment=language_model", "run=read", *UNITS, *READING)
    assert "24 prompts" in told
    assert "carries no p" in told
    return folder


def test_smollm2_answers_with_expected_levels(place: Path) -> None:
    found = reading(place, "read", "hf/SmolLM2-135M-Instruct")
    assert found["prompts"] == 24
    (row,) = found["rows"]
    assert (row["explainer"], row["n_units"], row["n_nulls"], row["items"]) == ("top_tokens", 1, 1, 12)
    assert sum(row["errors"].values()) <= 2, "a hundredth of its answers could not be read (results/readers_beside.md)"
    assert row["expected"] == 1, "every level is an expectation over log-probabilities"
    assert row["p"] is None


def test_the_finetuned_reader_reads_the_same_items_of_a_run_that_is_there(place: Path) -> None:
    told = viva(place, "experiment=finetuned", "run=again", "reading.logs=runs/read/logs", *READING)
    assert "finetuned reader: 1 found and 1 null units, 1 explainers" in told
    # What the run's folder held already stays on its board.
    assert reading(place, "again", "hf/SmolLM2-135M-Instruct") == reading(place, "read", "hf/SmolLM2-135M-Instruct")
    found = reading(place, "again", "finetuned/")
    (row,) = found["rows"]
    assert (row["explainer"], row["items"], row["errors"], row["dollars"]) == ("top_tokens", 12, {}, 0)
    again = json.loads((place / "runs/again/leaderboard.json").read_text("utf-8"))["rows"]
    assert again == json.loads((place / "runs/read/leaderboard.json").read_text("utf-8"))["rows"]


def test_a_model_does_not_read_what_it_wrote_under_the_guardrail_independence(tmp_path: Path) -> None:
    few = ("units.only=[found-3072]", "budget.generated=64", "readers=[lookup]", "guardrails.active=[independence]")
    viva(tmp_path, "explainers=[guardrailed]", "model=embedded", "run=own", *few)
    later = ("experiment=language_model", "run=later", "reading.logs=runs/own/logs", *READING)
    said = viva(tmp_path, *later, code=2)
    assert "guardrailed in runs/own/logs was submitted to independence" in said
    assert "give another reading.model" in said
