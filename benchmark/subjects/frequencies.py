"""Makes `synthetic_neurons/tables/frequencies.json`: how often words stand in WordNet's glosses, teach part.

Run once with `python -m benchmark.subjects.frequencies`; the file is committed. Families read from it which words are
common enough, or rare enough, for a unit; truth never depends on it. It holds the words that ship with the package and
every other word or mark of `LEAST` or more in a million, in lower case.
"""

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

from benchmark.subjects.corpus import wordnet_parts
from benchmark.subjects.embedded import cache_folder
from benchmark.subjects.text_sources import fetch
from synthetic_neurons import vocabulary
from synthetic_neurons.passages import Passages

LEAST = 10
MILLION = 1_000_000


def per_million(texts: list[str]) -> tuple[int, dict[str, int]]:
    """How many words the texts have, and each known or common one's count in a million of them, rounded."""
    words = [word.lower() for word in Passages.of(texts).words]
    known = {word.lower() for word in vocabulary.words()}
    rates = {word: round(count * MILLION / len(words)) for word, count in Counter(words).items()}
    return len(words), {word: rate for word, rate in sorted(rates.items()) if rate and (word in known or rate >= LEAST)}


def main() -> None:
    """Write the table into the package."""
    parts = wordnet_parts(fetch(cache_folder() / "text"))
    counted, rates = per_million([document.text for document in parts["teach"]])
    table = {"source": "WordNet glosses, teach part", "words": counted, "per_million": rates}
    path = Path(str(files("synthetic_neurons").joinpath("tables/frequencies.json")))
    path.write_text(json.dumps(table, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
