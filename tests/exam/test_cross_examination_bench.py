"""The bench of cross-examination, at a small size: what it writes, and that it checks what it times."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmark.exam import bench


def test_it_writes_its_two_figures_beside_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "bench.json"
    out.write_text('{"kept": 1}', "utf-8")
    bench.main(["--out", str(out), "--reports", "12", "--units", "6", "--windows", "40"])
    found = json.loads(out.read_text("utf-8"))
    assert found["kept"] == 1
    seconds, memory = found["cross_examination_seconds"], found["cross_examination_gib"]
    assert seconds["seconds"] > 0
    assert seconds["largest_difference"] < 1e-12
    assert memory["gib"] == pytest.approx(memory["peak_memory_bytes"] / 2**30, abs=1e-3)
    assert memory["peak_memory_bytes"] > 10**7
    for each in (seconds, memory):
        assert (each["reports"], each["units"], each["columns"]) == (12, 6, 40 * bench.TOKENS)
        assert each["versions"]["numpy"] == np.__version__
    assert json.loads(capsys.readouterr().out)


def test_reports_tell_of_their_unit_and_the_check_sees_a_wrong_r() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    rows = bench.truths(8, 4000, rng)
    stored = bench.predictions(20, rows, rng)
    weight = rng.uniform(1, 20, 4000)
    r, features, ranks = bench.examine(rows, stored, weight)
    assert (r.shape, features.shape, len(ranks)) == ((8, 20), (20, 2), 20)
    assert np.median(ranks) == 1
    assert bench.largest_difference(r, rows, stored, weight) < 1e-12
    assert bench.largest_difference(r + 1e-3, rows, stored, weight) == pytest.approx(1e-3)


def test_a_process_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.sys, "executable", "/bin/false")
    with pytest.raises(SystemExit, match="bench: the measured process ended with 1: nothing was said"):
        bench.main(["--reports", "1"])
