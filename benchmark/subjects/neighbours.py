"""Makes `synthetic_neurons/tables/neighbours.json`: the words most similar to each known word, by all-MiniLM-L6-v2.

Run once with `python -m benchmark.subjects.neighbours`; the file is committed and is what truth is read from. The known
words are those of our own lists and, in order of frequency, those of the teach windows of `embedded-1` until there are
`WORDS`. Each is encoded as a sentence of its own; neighbours are in order of cosine, ties in order of the alphabet.
"""

import json
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import numpy as np

from benchmark.subjects.embeddings import MiniLM
from benchmark.suites.tables import read_table
from synthetic_neurons import lexicons, wordlists
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.tables import scale

WORDS = 3500
# Levels in tenths by rank, and so how many neighbours a word has: the word itself is at 10.
STEPS = (9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4, 4)
LEAST_LETTERS = 3
# Cosines are rounded, so that no difference in the last bits decides an order.
DECIMALS = 4


def _plain(words: Iterable[str]) -> list[str]:
    """Lower-cased, without repeats: words of at least three ASCII letters and nothing else."""
    kept = (word.lower() for word in words if word.isascii() and word.isalpha() and len(word) >= LEAST_LETTERS)
    return list(dict.fromkeys(kept))


def listed() -> list[str]:
    """The words of our own lists."""
    found = [word for name in lexicons.names() for word in lexicons.load(name).words]
    found += [word for each in wordlists.affixes().values() for word in each.words]
    found += [word for words in wordlists.fillers().values() for word in words]
    return _plain([*found, *scale("magnitude").words, *scale("intensity").words])


def common(suite: Path) -> list[str]:
    """The words of a suite's teach windows, the commonest first, equally common ones in order of the alphabet."""
    windows = read_table(suite, "windows")
    teach = [text for text, part in zip(windows["text"], windows["part"], strict=True) if part == "teach"]
    counts = Counter(word.lower() for word in Passages.of(teach).words)
    return _plain(sorted(counts, key=lambda word: (-counts[word], word)))


def nearest(words: list[str], vectors: Floats, count: int) -> dict[str, str]:
    """Each word's `count` neighbours, the nearest first, with spaces between; `words` are sorted."""
    cosines = np.round(vectors @ vectors.T, DECIMALS)
    np.fill_diagonal(cosines, -2.0)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    return {word: " ".join(words[i] for i in row) for word, row in zip(words, order, strict=True)}


def main() -> None:
    """Write the table into the package."""
    suite = Path(str(files("benchmark").joinpath("suites/embedded-1")))
    words = sorted(list(dict.fromkeys([*listed(), *common(suite)]))[:WORDS])
    encoder = MiniLM()
    table = {
        "source": f"{encoder.name}; each word encoded as a sentence; cosine to {DECIMALS} decimals",
        "steps": STEPS,
        "neighbours": nearest(words, encoder.word_types(words).astype(np.float64), len(STEPS)),
    }
    path = Path(str(files("synthetic_neurons").joinpath("tables/neighbours.json")))
    path.write_text(json.dumps(table, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
