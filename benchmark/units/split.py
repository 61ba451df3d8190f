"""One document split for all units (METHOD.md section 1): near-duplicates on one side, disjointness asserted."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

SHINGLE_WORDS = 8
_WORD = re.compile(r"[a-z0-9]+")


class SplitError(ValueError):
    """A text stands on two sides of the split."""


def shingles(text: str) -> set[int]:
    """64-bit hashes of all runs of eight words, case and punctuation aside; short texts give one hash of the whole."""
    words = _WORD.findall(text.lower())
    runs = [words[i : i + SHINGLE_WORDS] for i in range(max(1, len(words) - SHINGLE_WORDS + 1))]
    return {int.from_bytes(hashlib.blake2b(" ".join(run).encode(), digest_size=8).digest()) for run in runs if run}


def groups(texts: Sequence[str]) -> list[int]:
    """The group of each text: texts that share an eight-word run, directly or through others, are in one group."""
    parent = list(range(len(texts)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    first: dict[int, int] = {}
    for index, text in enumerate(texts):
        for shingle in shingles(text):
            parent[root(index)] = root(first.setdefault(shingle, index))
    return [root(index) for index in range(len(texts))]


def _uniform(seed: int, name: str) -> float:
    return int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()) / 2**64


def split(documents: Mapping[str, str], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Assign every document to one part.

    Args:
        documents: identifier to text.
        shares: part to its share of the groups; shares sum to one.
        seed: the suite's seed.

    Returns:
        identifier to part. A near-duplicate group goes to the part that its first document draws.
    """
    names = list(documents)
    home = dict(zip(names, groups(list(documents.values())), strict=True))
    edges: list[tuple[float, str]] = []
    total = 0.0
    for part, share in shares.items():
        total += share
        edges.append((total, part))
    if abs(total - 1) > 1e-9:
        raise ValueError(f"the split's shares sum to {total}, not 1")

    def part_of(name: str) -> str:
        draw = _uniform(seed, names[home[name]])
        return next((part for edge, part in edges if draw < edge), edges[-1][1])

    return {name: part_of(name) for name in names}


def assert_disjoint(parts: Mapping[str, Iterable[str]]) -> None:
    """Raise `SplitError` if any eight-word run stands in two parts."""
    seen: dict[int, str] = {}
    for part, texts in parts.items():
        for text in texts:
            for shingle in shingles(text):
                other = seen.setdefault(shingle, part)
                if other != part:
                    raise SplitError(f"{part!r} and {other!r} share an eight-word run: {text[:80]!r}")


def overlapping(texts: Sequence[str], forbidden: frozenset[int]) -> list[bool]:
    """Whether each text shares an eight-word run with `forbidden` (hashes from `shingles`)."""
    return [not forbidden.isdisjoint(shingles(text)) for text in texts]


def group_sizes(texts: Sequence[str]) -> list[int]:
    """Sizes of the near-duplicate groups, largest first."""
    count: dict[int, int] = defaultdict(int)
    for group in groups(texts):
        count[group] += 1
    return sorted(count.values(), reverse=True)
