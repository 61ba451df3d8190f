import json
from pathlib import Path

import pytest

from synthetic_neurons import bench
from synthetic_neurons.predicate import parse


def test_bench_writes_figures_of_both_sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "bench.json"
    bench.main(["--out", str(out), "--units", "12", "--texts", "2"])
    found = json.loads(out.read_text("utf-8"))
    assert json.loads(capsys.readouterr().out) == found
    assert found["generation"]["units"] == found["generation"]["different"] == 12
    assert found["generation"]["units_per_s"] > 0
    assert set(found["evaluation"]["ops"]) == set(bench.OPS)
    for each in (found["evaluation"]["planted"], *found["evaluation"]["ops"].values()):
        assert each["words_per_s"] > 0
        assert each["plain_words_per_s"] > 0


def test_figures_of_other_names_stay(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    bench.record(out, {"seed": 1, "harvest_over_limit": {"ratio": 0.8}})
    bench.record(out, {"seed": 2})
    assert json.loads(out.read_text("utf-8")) == {"seed": 2, "harvest_over_limit": {"ratio": 0.8}}


def test_a_rival_with_other_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = bench.Corpus.of(["a b c"])
    monkeypatch.setattr(bench, "plain_values", lambda predicate, line: [0.5] * len(line.words))
    with pytest.raises(AssertionError, match="the plain loop and the evaluator differ"):
        bench._check([parse({"op": "repeats"})], corpus)
