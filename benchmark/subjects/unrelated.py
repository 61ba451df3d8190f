"""Texts that have nothing to do with a behaviour: the first tokens of a suite's windows, drawn at random."""

from pathlib import Path

import numpy as np

from benchmark.subjects.features import FeatureSource
from benchmark.suites.tables import read_table

SUITE = Path(__file__).parents[1] / "suites" / "embedded-2"
TOKENS = 16


def unrelated(source: FeatureSource, count: int, seed: int, tokens: int = TOKENS) -> list[str]:
    """Texts of so many tokens, from the windows of teach documents.

    Args:
        source: whose tokens they are cut by.
        count: how many.
        seed: of the draw; no window is drawn twice.
        tokens: of each; shorter windows are passed over.
    """
    table = read_table(SUITE, "windows")
    texts = [text for text, part in zip(table["text"], table["part"], strict=True) if part == "teach"]
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    found: list[str] = []
    for at in range(0, len(order), 4 * count):
        windows = source.whole([texts[place] for place in order[at : at + 4 * count]])
        found += [each.text[: each.ends[tokens - 1]].strip() for each in windows if len(each.ids) >= tokens]
        if len(found) >= count:
            return found[:count]
    raise ValueError(f"the suite has no {count} windows of {tokens} tokens")
