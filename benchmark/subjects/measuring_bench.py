"""How fast agents measure: many at once against the batched limit, and how long one alone waits.

The real embedded subject and the SAE that ships. The limit is what no way of sharing can beat: the same texts, already
tokenised, sorted by length, in the batches of the size that is fastest here, through the same forward and encode calls,
with no agents. `python -m benchmark.subjects.measuring_bench DTYPE` prints one line of JSON;
`benchmark.harvest.bench` writes it into `results/bench.json`.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmark.harvest.batches import batches
from benchmark.harvest.source import Window
from benchmark.subjects.catalog import parse_sae, parse_subject
from benchmark.subjects.equality import SUITE
from benchmark.subjects.features import FeatureSource, feature_source
from benchmark.subjects.measuring import Measurer
from benchmark.suites.tables import read_table
from synthetic_neurons.passages import word_spans

FEWEST_WORDS, MOST_WORDS = 8, 16
# Tokens a batch of the limit, padding included.
SIZES = (256, 512, 1024, 2048, 4096)
GOES = 3
Texts = Sequence[str]


@dataclass(frozen=True)
class Load:
    """How much is asked.

    Attributes:
        agents: at once.
        texts: each time that one asks.
        rounds: how often each asks, one time after another.
        turns: how often agents and limit are timed; the median counts.
        lone_turns: how often a lone agent is.
    """

    agents: int = 32
    texts: int = 8
    rounds: int = 3
    turns: int = 5
    lone_turns: int = 40


def short_texts(count: int) -> list[str]:
    """Beginnings of 8 to 16 words of a suite's teach windows, all different."""
    table = read_table(SUITE, "windows")
    teach = [text for text, part in zip(table["text"], table["part"], strict=True) if part == "teach"]
    found: dict[str, None] = {}
    for text in teach:
        spans, wanted = word_spans(text), FEWEST_WORDS + len(found) % (MOST_WORDS - FEWEST_WORDS + 1)
        if len(spans) >= wanted:
            found[text[: spans[wanted - 1][1]]] = None
        if len(found) == count:
            break
    return list(found)


def seconds(work: Callable[..., Any], *arguments: Any) -> float:
    """Wall time of some work."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


async def ask(measurer: Measurer, work: Sequence[Sequence[Texts]], units: Sequence[str]) -> None:
    """Agents at once: each measures its texts round by round, one unit each."""

    async def agent(rounds: Sequence[Texts], unit: str) -> None:
        for texts in rounds:
            await measurer.measure(texts, unit)

    await asyncio.gather(*(agent(rounds, unit) for rounds, unit in zip(work, units, strict=True)))


def batched(source: FeatureSource, windows: Sequence[Window], size: int) -> None:
    """The limit: windows by length, in batches of `size` tokens with their padding."""
    for group in batches(list(enumerate(windows)), size):
        source.encode([window.ids for _, window in group])


def best_size(source: FeatureSource, windows: Sequence[Window], sizes: Sequence[int] = SIZES) -> int:
    """The batch size that is fastest, by the best of some goes at each, in turns."""
    goes = [[seconds(batched, source, windows, size) for size in sizes] for _ in range(GOES)]
    return sizes[int(np.argmin(np.min(goes, axis=0)))]


def together(source: FeatureSource, measurer: Measurer, texts: Texts, load: Load) -> dict[str, Any]:
    """Texts/s of agents at once over those of the limit, timed in turns on the same texts."""
    each = [texts[i : i + load.texts] for i in range(0, len(texts), load.texts)]
    work = [each[i : i + load.rounds] for i in range(0, len(each), load.rounds)]
    units = [source.units[i] for i in np.linspace(0, len(source.units) - 1, load.agents).astype(int)]
    windows = source.whole(texts)
    # Every third text will do for the choice of a size.
    size = best_size(source, windows[::3])
    agents, limit = [], []
    for _ in range(load.turns):
        agents.append(len(texts) / seconds(lambda: asyncio.run(ask(measurer, work, units))))
        limit.append(len(texts) / seconds(batched, source, windows, size))
    return {
        "ratio": round(median(a / b for a, b in zip(agents, limit, strict=True)), 3),
        "texts_per_s": round(median(agents), 1),
        "limit_texts_per_s": round(median(limit), 1),
        "limit_batch_tokens": size,
        "agents": load.agents,
        "texts_each": load.texts,
        "rounds": load.rounds,
        "turns": load.turns,
    }


def alone(source: FeatureSource, measurer: Measurer, texts: Texts, load: Load) -> dict[str, Any]:
    """What one agent waits beyond one pass of the same texts, in ms, median and 95th percentile; new texts each turn.

    A pass is the forward pass to the hook and the encoder, as in the batched limit; `beyond_bare` is the wait beyond
    the forward pass alone.
    """
    waits, passes, bares = list[float](), list[float](), list[float]()

    async def turn(some: Texts, first: bool) -> None:
        windows = source.whole(some)
        # Who comes second finds the texts' embeddings in the cache, so they take turns in coming first.
        if first:
            passes.append(seconds(source.activations, windows))
        begun = time.perf_counter()
        await measurer.measure(some, source.units[0])
        waits.append(time.perf_counter() - begun)
        if not first:
            passes.append(seconds(source.activations, windows))
        bares.append(seconds(source.forward, windows))

    async def turns() -> None:
        for place, start in enumerate(range(0, len(texts), load.texts)):
            await turn(texts[start : start + load.texts], place % 2 == 1)

    asyncio.run(turns())
    over, bare = (1000 * (np.array(waits) - np.array(each)) for each in (passes, bares))
    shown = {"wait": 1000 * np.array(waits), "pass": 1000 * np.array(passes), "beyond_pass": over, "beyond_bare": bare}
    return {
        **{f"{name}_ms": round(float(np.median(found)), 2) for name, found in shown.items()},
        **{f"{name}_95_ms": round(float(np.quantile(shown[name], 0.95)), 2) for name in ("beyond_pass", "beyond_bare")},
        "turns": load.lone_turns,
    }


def measure_over_batched_limit(dtype: str = "float32", load: Load | None = None) -> dict[str, Any]:
    """Both, on the CPU."""
    load = load or Load()
    many, few = (short_texts(turns * load.texts) for turns in (load.agents * load.rounds, load.lone_turns))
    source = feature_source(parse_subject("embedded", dtype, "cpu"), parse_sae("shipped"))
    measurer = Measurer(source)
    try:
        # What happens once alone, as the first allocations do, is nobody's time.
        asyncio.run(ask(measurer, [[few[: load.texts]]], source.units[:1]))
        return {**together(source, measurer, many, load), "lone": alone(source, measurer, few, load)}
    finally:
        measurer.close()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure_over_batched_limit(sys.argv[1])) + "\n")
