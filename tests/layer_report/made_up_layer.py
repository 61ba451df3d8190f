"""A made-up layer: random words, latents that fire on a few of them, one on anything, one never."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmark.explainers.report import Claim, Report
from benchmark.layer_report.layer import Layer
from benchmark.subjects.readings import Readings, _Part
from benchmark.suites.bank import Source
from benchmark.suites.sampling import TypeSimilarity
from benchmark.suites.suite import BankReport
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import Predicate, Word

VOCABULARY = [
    f"{first}{second}{last}" for first in "bdfgklmn" for second in "aeiou" for last in ("t", "sk", "rn", "mp")
]
WINDOW = 12
TRIGGERS = [tuple(VOCABULARY[at : at + 3]) for at in range(0, 30, 3)]
SILENT, RANDOM = len(TRIGGERS), len(TRIGGERS) + 1


def passages(windows: int, seed: int) -> Passages:
    rng = np.random.default_rng(seed)
    return Passages.of([" ".join(rng.choice(VOCABULARY, WINDOW)) for _ in range(windows)])


def values(texts: Passages, seed: int) -> list[Floats]:
    """Ten latents on three words each, a silent one, and one that fires by lot."""
    lexical = [5.0 * evaluate(Word(words), texts) for words in TRIGGERS]
    by_lot = np.random.default_rng([seed, 7]).random(len(texts.words)) < 0.03
    return [*lexical, np.zeros(len(texts.words)), 5.0 * by_lot]


def readings(texts: Passages, seed: int) -> Readings:
    each = values(texts, seed)
    where = [np.flatnonzero(one) for one in each]
    first = np.cumsum([0, *map(len, where)]).astype(np.int64)
    token, value = np.concatenate(where), np.concatenate([one[at] for one, at in zip(each, where, strict=True)])
    part = _Part(first, token.astype(np.int32), value.astype(np.float32), 0)
    words = len(texts.words)
    return Readings(texts, np.arange(words), np.ones(words, bool), tuple(range(len(each))), (part,))


def layer(teach: int = 1500, exam: int = 600) -> Layer:
    types = sorted(VOCABULARY)
    vectors = np.random.default_rng(3).standard_normal((len(types), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    read = {"teach": readings(passages(teach, 1), 1), "exam": readings(passages(exam, 2), 2)}
    return Layer({"sae_sha256": "made up"}, read, {"teach": 3, "exam": 2}, TypeSimilarity(types, vectors))


def report(predicate: Predicate, text: str = "some words") -> Report:
    return Report(text, (Claim(text, predicate),))


def suite(reports: int = 400) -> Any:
    """A null bank of rules on words by lot, each of a source of its own."""
    rng = np.random.default_rng(5)
    made = []
    for number in range(reports):
        predicate = Word(tuple(str(word) for word in rng.choice(VOCABULARY, int(rng.integers(1, 8)), replace=False)))
        made.append(BankReport(report(predicate), Source(f"planted/{number}").name, "made up"))
    return SimpleNamespace(name="made-up", bank_hash="0" * 64, hash="1" * 64, bank=SimpleNamespace(reports=tuple(made)))
