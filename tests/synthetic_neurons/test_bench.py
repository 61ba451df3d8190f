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
    assert found["generation"]["units"] == 12
    assert set(found["evaluation"]["ops"]) == set(bench.OPS)
    for each in (found["evaluation"]["planted"], *found["evaluation"]["ops"].values()):
        assert each["words_per_s"] > 0
        assert each["plain_words_per_s"] > 0


def test_fewer_units_are_made_where_families_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(seed: int, per_family: int) -> tuple[int, ...]:
        if per_family > 4:
            raise bench.SuiteError("no more")
        return tuple(range(per_family))

    monkeypatch.setattr(bench, "planted_units", few)
    found = bench._generation(16_384)
    assert found["wanted"] == 16_384
    assert 1 <= found["units"] <= 4


def test_a_rival_with_other_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = bench.Corpus.of(["a b c"])
    monkeypatch.setattr(bench, "plain_values", lambda predicate, line: [0.5] * len(line.words))
    with pytest.raises(AssertionError, match="the plain loop and the evaluator differ"):
        bench._check([parse({"op": "repeats"})], corpus)
