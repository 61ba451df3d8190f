"""Both limits of a harvest: the raw trunk is the model's own blocks, and the ratios follow from what was timed."""

from pathlib import Path

import pytest
import torch
from harvest_world import job
from made_up_source import MadeUpSource
from transformers import LlamaConfig, LlamaModel

from benchmark.harvest.bench import over_limit
from benchmark.harvest.recipe import Recipe
from benchmark.harvest.stopwatch import Stopwatch
from benchmark.harvest.trunks import in_turns, passes, raw_trunk

ROWS = [[1, 5, 9, 2], [1, 7]]


@pytest.mark.parametrize("blocks", [1, 2])
def test_the_raw_trunk_is_the_model_up_to_a_block(tmp_path: Path, blocks: int) -> None:
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 3, "vocab_size": 20}
    torch.manual_seed(0)
    model = LlamaModel(LlamaConfig(**sizes, num_attention_heads=2, num_key_value_heads=2)).eval()
    model.save_pretrained(tmp_path)
    found = raw_trunk(tmp_path, blocks, "float32")(ROWS)
    with torch.no_grad():
        whole = model(torch.tensor([ROWS[0], [*ROWS[1], 0, 0]]), output_hidden_states=True).hidden_states[blocks]
    torch.testing.assert_close(found, whole)


def test_both_ways_run_on_the_same_batches() -> None:
    seen: dict[str, list[str]] = {"a": [], "b": []}
    ways = {name: lambda windows, name=name: seen[name].extend(each.text for each in windows) for name in seen}
    work = list(passes(MadeUpSource(), job().corpus, 400, Recipe(batch_tokens=64, bucket_tokens=128)))
    ticks = iter(range(10**6))
    rates = in_turns(ways, iter(work), Stopwatch(lambda: float(next(ticks))))
    assert seen["a"] == seen["b"] == [each.text for windows in work for each in windows]
    assert 400 <= sum(len(each.ids) for windows in work for each in windows) < 400 + 64
    timed = sum(len(each.ids) for windows in work[1:] for each in windows)
    assert rates == {name: pytest.approx(timed / (len(work) - 1)) for name in seen}


def test_the_ratio_over_the_raw_trunk_follows_from_both() -> None:
    whole = {"seconds": {"model": 8.0}, "ratio": 0.9, "rate": 90.0, "limit": 100.0, "tokens": 5, "peak_memory": 7}
    found = over_limit(whole, {"bridge": 50.0, "raw": 60.0})
    assert (found["limit_tokens_per_s"], found["raw_limit_tokens_per_s"]) == (100.0, 120.0)
    assert (found["ratio"], found["raw_ratio"]) == (0.9, 0.75)
