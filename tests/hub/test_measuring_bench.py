"""The bench of `measure` on a tiny subject: every text goes once through each way, and what is reported adds up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tiny_weights import save_gpt2, save_saes
from tiny_world import TinyWorld, local

from benchmark.harvest import bench
from benchmark.subjects import measuring_bench
from benchmark.subjects.loading.subject import boot_subject
from benchmark.subjects.measuring import Measurer
from benchmark.subjects.measuring_bench import Load, alone, best_size, together
from synthetic_neurons.passages import word_spans

LOAD = Load(agents=5, texts=2, rounds=3, turns=2, lone_turns=4)
TEXTS = [f"a{'b' * (place % 7)} word{place}" for place in range(30)]


@pytest.fixture(scope="module")
def tiny_world(tmp_path_factory: pytest.TempPathFactory) -> TinyWorld:
    home = tmp_path_factory.mktemp("measuring-bench")
    return TinyWorld(boot_subject(local(save_gpt2(home / "model"))), save_saes(home / "saes"))


def watched(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Counter[tuple[int, ...]]]:
    """A source, and how often each row of tokens was encoded."""
    source = tiny_world.source("topk-resid-post")
    encode, seen = source.encode, Counter[tuple[int, ...]]()

    def counting(rows: Any) -> Any:
        seen.update(map(tuple, rows))
        return encode(rows)

    monkeypatch.setattr(source, "encode", counting)
    return source, seen


def test_agents_and_limit_measure_the_same_texts(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    source, seen = watched(tiny_world, monkeypatch)
    monkeypatch.setattr(measuring_bench, "best_size", lambda *_: 40)
    measurer = Measurer(source)
    found = together(source, measurer, TEXTS, LOAD)
    measurer.close()
    assert seen == Counter({window.ids: 2 * LOAD.turns for window in source.whole(TEXTS)})
    assert found["limit_batch_tokens"] == 40
    assert found["ratio"] > 0
    assert min(found["texts_per_s"], found["limit_texts_per_s"]) > 0


def test_the_ratio_is_of_texts_a_second(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a pass of the limit half as long as that of the agents, the ratio would be a half."""
    source, _ = watched(tiny_world, monkeypatch)
    monkeypatch.setattr(measuring_bench, "best_size", lambda *_: 40)
    taken = iter([4.0, 2.0] * LOAD.turns)
    monkeypatch.setattr(measuring_bench, "seconds", lambda *_: next(taken))
    measurer = Measurer(source)
    found = together(source, measurer, TEXTS, LOAD)
    measurer.close()
    assert (found["ratio"], found["texts_per_s"], found["limit_texts_per_s"]) == (0.5, 7.5, 15.0)


def test_a_lone_agent_is_timed_beside_the_same_texts(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    source, seen = watched(tiny_world, monkeypatch)
    measurer = Measurer(source)
    found = alone(source, measurer, TEXTS[:8], LOAD)
    measurer.close()
    assert seen == Counter({window.ids: 2 for window in source.whole(TEXTS[:8])})
    assert found["turns"] == 4
    assert found["beyond_pass_ms"] <= found["beyond_pass_95_ms"]
    assert found["beyond_pass_ms"] <= found["wait_ms"]


def test_the_limit_has_the_quickest_batch(tiny_world: TinyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    cost = {2: iter([5.0, 1.0, 5.0]), 4: iter([2.0, 2.0, 0.9]), 8: iter([1.5, 3.0, 3.0])}
    monkeypatch.setattr(measuring_bench, "seconds", lambda work, source, windows, size: next(cost[size]))
    assert best_size(tiny_world.source_of_anything, [], tuple(cost)) == 4


def test_texts_are_short_and_different() -> None:
    texts = measuring_bench.short_texts(400)
    assert len(set(texts)) == 400
    assert {len(word_spans(text)) for text in texts} == set(range(8, 17))


def test_one_part_can_be_run_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "bench.json"
    out.write_text('{"generation": 1}', "utf-8")
    monkeypatch.setattr(bench, "agents", lambda dtype: {"measure_over_batched_limit": {"ratio": 0.9}})
    monkeypatch.delattr(bench, "harvests")
    bench.main(["--only", "measure", "--dtype", "float32", "--out", str(out)])
    found = json.loads(out.read_text("utf-8"))
    assert found["generation"] == 1
    assert found["measure_over_batched_limit"]["ratio"] == 0.9
    assert found["measure_over_batched_limit"]["dtype"] == "float32"
