"""Memory is bounded by the units and a shard: ten times the tokens take no more of it."""

import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harvest_world import RECIPE
from made_up_source import MadeUpSource
from plain_harvest import as_plain
from wide_harvest import Endless

from benchmark.harvest import stream
from benchmark.harvest.levels import Levels
from benchmark.harvest.stopwatch import Stopwatch
from benchmark.harvest.store import read_whole, unpack
from benchmark.harvest.stream import Job, harvest
from benchmark.harvest.summary import Keep

KEEP = Keep(top=5, per_level=2, uniform=40, levels=Levels(-3, 6, 1))


def _peak(folder: Path, tokens: int) -> int:
    source = MadeUpSource(width=8, rate=0.1, length=24)
    recipe = replace(RECIPE, tokens=tokens, batch_tokens=512, bucket_tokens=4096, shard_characters=40_000, keep=KEEP)
    tracemalloc.start()
    try:
        outcome = harvest(Job(source, Endless(120), recipe), folder)
        assert outcome.tokens >= tokens
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_ten_times_the_tokens_take_no_more_memory(tmp_path: Path) -> None:
    # What is imported or cached at the first call is not the harvest's.
    _peak(tmp_path / "warm", 2_000)
    small, large = _peak(tmp_path / "small", 12_000), _peak(tmp_path / "large", 120_000)
    assert large <= 1.05 * small


def _dense_peak(folder: Path, bucket: int) -> int:
    """The most memory of a harvest of units that are on at every token."""
    keep = Keep(top=1, per_level=1, uniform=1, levels=Levels(-1, 1, 1))
    source = MadeUpSource(width=32, rate=1.0, length=24)
    recipe = replace(RECIPE, tokens=3_000, batch_tokens=256, bucket_tokens=bucket, shard_characters=60_000, keep=keep)
    tracemalloc.start()
    try:
        harvest(Job(source, Endless(120), recipe), folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_dense_units_are_kept_pass_by_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole bucket of units that are on everywhere is never in memory at once, and the store is the same."""
    monkeypatch.setattr(stream, "HELD_TRIPLES", 10_000)
    _dense_peak(tmp_path / "warm", 256)
    small, large = _dense_peak(tmp_path / "small", 256), _dense_peak(tmp_path / "large", 4_096)
    assert large <= 2 * small
    assert unpacked(tmp_path / "small") == unpacked(tmp_path / "large")


def unpacked(folder: Path) -> dict[str, Any]:
    return vars(as_plain(unpack(read_whole(folder)[0])))


def _resident_peak(folder: Path, tokens: int) -> int:
    """Bytes that the kernel counts for a harvest of two thousand units in a process of its own."""
    command = [sys.executable, str(Path(__file__).with_name("wide_harvest.py")), str(folder), str(tokens)]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "", "OMP_NUM_THREADS": "1"}
    # One arena, so that the allocator's own habits are no part of what is compared.
    environment |= {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory of one program is told by Linux")
def test_ten_times_the_tokens_take_no_more_resident_memory(tmp_path: Path) -> None:
    small, large = _resident_peak(tmp_path / "small", 30_000), _resident_peak(tmp_path / "large", 300_000)
    assert large <= 1.1 * small


def test_a_stopwatch_adds_up_what_is_under_a_name() -> None:
    ticks = iter([0.0, 1.0, 5.0, 7.0, 8.0, 8.5])
    watch = Stopwatch(lambda: next(ticks))
    for name in ("a", "b", "a"):
        with watch.during(name):
            pass
    assert watch.seconds == {"a": 1.5, "b": 2.0}
    assert watch.total() == 3.5
    assert watch.total("b") == 1.5


class Closable(MadeUpSource):
    """Tells when it was let go of, and reads nothing afterwards."""

    closed = 0

    def close(self) -> None:
        self.closed += 1

    def activations(self, windows: Any) -> Any:
        assert not self.closed
        return super().activations(windows)


class Listening:
    """An encoder that notes whether the source was there while it embedded."""

    name = "listening"

    def __init__(self, source: Closable) -> None:
        self.source, self.heard = source, list[int]()

    def sentences(self, texts: Any) -> Any:
        self.heard.append(self.source.closed)
        return np.ones((len(texts), 2), np.float32) / np.sqrt(2, dtype=np.float32)


@pytest.mark.parametrize("closing", [True, False])
def test_the_subject_goes_before_near_misses_are_found_and_only_if_it_may(tmp_path: Path, closing: bool) -> None:
    source = Closable(width=8, rate=0.1, length=24)
    encoder = Listening(source)
    recipe = replace(RECIPE, tokens=6_000, keep=KEEP, near=3, near_exemplars=2)
    harvest(Job(source, Endless(120), recipe, encoder, closing=closing), tmp_path)
    assert encoder.heard == [int(closing)]
    assert source.closed == int(closing)
    # A store that is whole needs no subject, and no source that could be closed.
    harvest(Job(source, Endless(120), recipe, encoder, closing=closing), tmp_path)
    assert source.closed == int(closing)
