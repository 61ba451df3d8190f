"""The shipped corpus: which document serves which part, and token contexts cut from documents."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmark.subjects.text_sources import TRAINING_SOURCES, Document, documents
from benchmark.units.split import split

CORPUS_SEED = 20261121
# WordNet is cut five ways; METHOD.md section 1 asks for at least 640,000 exam tokens, which 0.26 of 2.8 M gives.
WORDNET_SHARES = {"sae": 0.32, "exam": 0.26, "practice": 0.18, "teach": 0.16, "calibration": 0.08}


def wordnet_parts(root: Path) -> dict[str, list[Document]]:
    """WordNet's documents by part; near-duplicates fall on one side."""
    found = documents(root, "wordnet")
    home = split({document.identifier: document.text for document in found}, WORDNET_SHARES, CORPUS_SEED)
    parts: dict[str, list[Document]] = {part: [] for part in WORDNET_SHARES}
    for document in found:
        parts[home[document.identifier]].append(document)
    return parts


def training_documents(root: Path, seed: int = CORPUS_SEED) -> list[Document]:
    """The SAE's training documents, shuffled: WordNet's own share and the sources that no suite ships."""
    chosen = wordnet_parts(root)["sae"]
    for source in TRAINING_SOURCES:
        if source != "wordnet":
            chosen = chosen + documents(root, source)
    random.Random(seed).shuffle(chosen)
    return chosen


def contexts(texts: Iterator[str], tokenizer: Any, length: int) -> Iterator[list[int]]:
    """Token contexts of exactly `length`, each beginning with the BOS token; documents are joined by newlines."""
    held: list[int] = []
    body = length - 1
    for text in texts:
        held += tokenizer(text + "\n", add_special_tokens=False)["input_ids"]
        while len(held) >= body:
            yield [tokenizer.bos_token_id, *held[:body]]
            held = held[body:]
