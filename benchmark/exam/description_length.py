"""How long a report is: bits of its words under a stated code, and atoms of its predicates.

The code is a fixed one, since a compressor's output differs from build to build and its frame outweighs a sentence: a
word costs the logarithm of how rare it is in dictionary glosses (the shipped table), any other word an escape and its
letters. It is a code in Shannon's sense (Kraft's inequality holds), for words in order; case and spacing are left out.
"""

from functools import cache
from math import log2

from benchmark.explainers.report import Report
from synthetic_neurons.passages import word_spans
from synthetic_neurons.predicate import Predicate, Word
from synthetic_neurons.tables import frequencies

MILLION = 1_000_000
# Of an escaped word: a letter a to z, the word's end, or a sign that a byte follows.
SYMBOL_BITS = log2(28)
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


@cache
def escape_bits() -> float:
    """Bits that announce a word outside the table: its words leave this share of a million."""
    return -log2(1 - sum(frequencies().values()) / MILLION)


def word_bits(word: str) -> float:
    """Bits of one word, case aside."""
    lower = word.lower()
    if (count := frequencies().get(lower)) is not None:
        return log2(MILLION / count)
    bits = [SYMBOL_BITS if c in _LETTERS else (SYMBOL_BITS + 8) * len(c.encode("utf-8", "replace")) for c in lower]
    return escape_bits() + sum(bits) + SYMBOL_BITS


def text_bits(text: str) -> float:
    """Bits of a text's words, marks included; 0 for an empty text."""
    return sum(word_bits(text[start:end]) for start, end in word_spans(text))


def atoms_of(predicate: Predicate) -> int:
    """How many atoms a predicate has: its leaves, each word of a list for itself."""
    if predicate.children:
        return sum(map(atoms_of, predicate.children))
    return len(predicate.words) if isinstance(predicate, Word) else 1


def report_atoms(report: Report) -> int | None:
    """Atoms of all the claims' predicates; None unless every claim has one."""
    if not report.has_predicates:
        return None
    return sum(atoms_of(claim.predicate) for claim in report.claims if claim.predicate is not None)
