"""What a process holds, what it gives back, and what a harvest asks of the libraries beneath it."""

import os
import subprocess
import sys

import pytest

from benchmark.memory import KERNELS, keep_few_kernels

RESIDENT = "lambda: int(Path('/proc/self/statm').read_text('ascii').split()[1]) * 4096"


def test_the_peak_of_this_process_is_counted() -> None:
    # In a process of its own: other tests may have held more than is left.
    code = (
        "import numpy as np; from benchmark.memory import peak_memory; before = peak_memory(); "
        "held = np.ones(2 * before // 8 + 2**24); assert peak_memory() >= before + held.nbytes // 2"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="resident memory is told by Linux")
def test_holes_between_what_lives_on_are_given_back() -> None:
    # Blocks of 64 KiB, of which one in sixteen lives on: 120 MB of holes that glibc keeps.
    code = (
        "import numpy as np; from pathlib import Path; from benchmark.memory import release; "
        f"held = {RESIDENT}; blocks = [np.ones(8192) for _ in range(2048)]; kept = blocks[::16]; del blocks; "
        "before = held(); release(); after = held(); assert before - after > 2**26, (before, after)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_few_kernels_are_kept_and_a_users_own_setting_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
    # Set first, so that whatever is set below is undone with it.
    monkeypatch.setenv(name, "7")
    keep_few_kernels()
    assert os.environ[name] == "7"
    monkeypatch.delenv(name)
    keep_few_kernels()
    assert os.environ[name] == KERNELS
