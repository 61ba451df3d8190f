"""The same summary by the plainest means: dictionaries and lists, everything kept until the end."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from made_up_source import MadeUpSource

from benchmark.harvest.source import Window
from benchmark.harvest.summary import BOTTOM, LEVEL, TOP, Keep, Summary
from benchmark.harvest.texts import key_of

Seen = tuple[str, str, int]


def level(value: float, keep: Keep) -> int:
    """By counting the edges at or below the value."""
    return sum(1 for edge in keep.levels.edges.tolist() if edge <= value)


@dataclass
class Plain:
    """What a summary says, as plain values; a window is named by its key."""

    values: Counter[tuple[int, int]] = field(default_factory=Counter)
    peaks: Counter[tuple[int, int]] = field(default_factory=Counter)
    entries: dict[tuple[int, int], tuple[int, tuple[tuple[int, float], ...]]] = field(default_factory=dict)
    sample: dict[int, Any] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    kept: int = 0


def plainly(source: MadeUpSource, windows: Iterable[tuple[int, Window]], keep: Keep) -> Plain:
    """`windows` with their keys."""
    whole = Plain()
    seen: dict[int, dict[int, list[tuple[int, float]]]] = defaultdict(dict)
    on: dict[int, Any] = {}
    text = {key: window.text for key, window in windows}
    for key, window in windows:
        rows = source.dense(window).tolist()
        first = 0 if source.bos else 1
        whole.kept += len(rows) - first
        on[key] = [(p, u, v) for p, row in enumerate(rows) if p >= first for u, v in enumerate(row) if v]
        for place, unit, value in on[key]:
            seen[unit].setdefault(key, []).append((place, value))
            whole.values[unit, level(value, keep)] += 1
    for unit, found in seen.items():
        _unit(whole, unit, found, text, keep)
    whole.sample = {key: on[key] for key in sorted(on)[: keep.uniform]}
    used = {key for _, key in whole.entries} | set(whole.sample)
    whole.texts = {key: text[key] for key in used}
    return whole


def _unit(whole: Plain, unit: int, found: dict[int, list[tuple[int, float]]], text: dict[int, str], keep: Keep) -> None:
    role: Counter[int] = Counter()
    for sign, bit in ((1, TOP), (-1, BOTTOM)):
        for key in _best({key: max(sign * v for _, v in pairs) for key, pairs in found.items()}, text, keep.top):
            role[key] |= bit
    levels = defaultdict(list)
    for key, pairs in found.items():
        extreme = max((v for _, v in pairs), key=lambda v: (abs(v), v))
        levels[level(extreme, keep)].append(key)
    for each, keys in levels.items():
        whole.peaks[unit, each] = len(keys)
        for key in sorted(keys)[: keep.per_level]:
            role[key] |= LEVEL
    whole.entries.update({(unit, key): (role[key], tuple(found[key])) for key in role})


def _best(score: dict[int, float], text: dict[int, str], most: int) -> list[int]:
    """Highest first, equal texts once, ties by hash of text and key."""
    import hashlib

    def hashed(key: int) -> int:
        return int.from_bytes(hashlib.blake2b(text[key].encode(), digest_size=8).digest())

    order = sorted((key for key in score if score[key] > 0), key=lambda key: (-score[key], hashed(key), key))
    chosen: list[int] = []
    for key in order:
        if len(chosen) < most and text[key] not in {text[each] for each in chosen}:
            chosen.append(key)
    return chosen


def as_plain(summary: Summary) -> Plain:
    """A summary in the same words."""
    key = summary.windows.key.tolist()
    entries = summary.entries
    plain = Plain(kept=summary.kept)
    for name in ("values", "peaks"):
        table = getattr(summary, name)
        for unit, each in zip(*table.nonzero(), strict=True):
            getattr(plain, name)[int(unit), int(each)] = int(table[unit, each])
    for index in range(len(entries)):
        tokens = tuple(zip(*(entries.tokens.row(n, index).tolist() for n in ("place", "value")), strict=True))
        plain.entries[int(entries.unit[index]), key[entries.window[index]]] = (int(entries.role[index]), tokens)
    for index, row in enumerate(summary.sampled.tolist()):
        columns = (summary.on.row(name, index).tolist() for name in ("place", "unit", "value"))
        plain.sample[key[row]] = list(zip(*columns, strict=True))
    plain.texts = {each: summary.windows.text.text(row) for row, each in enumerate(key)}
    return plain


def keyed(source: MadeUpSource, documents: Iterable[Any], seed: int) -> list[tuple[int, Window]]:
    return [
        (key_of(window, place, seed), window)
        for document in documents
        for place, window in enumerate(source.windows(document.identifier, document.text))
    ]
