"""`viva chat`: a person in the terminal, by a pipe; the log is one of the teaching task."""

import os
import subprocess
import sys
from pathlib import Path

from benchmark.teaching.from_logs import from_logs

VIVA = [sys.executable, "-c", "from benchmark.cli import main; main()"]


def chat(folder: Path, typed: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [*VIVA, "chat", *arguments, "--items", "6", "--words", "120", "--out", str(folder)]
    told = {**os.environ, "HF_HUB_OFFLINE": "1", "INSPECT_EVAL_NO_LOG_REALTIME": "1"}
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=300, env=told, check=False)


def test_a_chat_is_a_lesson_an_exam_and_a_log(tmp_path: Path) -> None:
    done = chat(tmp_path, "\n" * 300, "planted", "--seed", "3", "--name", "ada")
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert told.index("First a test") < told.index("Teacher") < told.index("Write your notes") < told.rindex("Exam:")
    before, _, after = told.partition("You were right about")
    assert "planted-" not in before, "which unit it is would tell what it fires on"
    assert "The unit was planted-" in after
    (row,) = from_logs([tmp_path]).rows
    assert (row.student, row.arm, row.delayed) == ("person ada", "live", None)


def test_who_leaves_is_told_where_the_log_is(tmp_path: Path) -> None:
    done = chat(tmp_path, "\n\n", "planted", "--seed", "3")
    assert done.returncode == 2
    assert "the chat ended before the exam: nobody types any more" in done.stderr
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_names_have_the_nearest(tmp_path: Path) -> None:
    done = chat(tmp_path, "", "plantd")
    assert done.returncode == 2
    assert done.stderr == "viva: no unit 'plantd' in embedded-2; did you mean 'planted'?\n"
