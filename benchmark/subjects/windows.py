"""Windows of at most 32 tokens that begin and end at words, with the tokens of each word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmark.subjects.text_sources import Document
from benchmark.units.split import SHINGLE_WORDS
from synthetic_neurons.passages import Ints, Passages, word_spans

WINDOW_TOKENS = 32
# Alone, a window loses its leading space and may tokenise a little longer: so many tokens are kept free.
SPARE = 3
_PLAIN = re.compile(r"[A-Za-z0-9]+")
_UNSPACED = re.compile(r"\S+")
Span = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window of one document."""

    text: str
    document: str


def _token_ends(tokenizer: Any, text: str) -> list[int]:
    """Character end of every token of `text`, without special tokens."""
    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return [end for _, end in offsets]


def cut(document: Document, tokenizer: Any, limit: int = WINDOW_TOKENS) -> list[Window]:
    """Cut a document into windows of whole words, at most `limit` tokens each when tokenised alone."""
    spans = word_spans(document.text)
    ends = np.array(_token_ends(tokenizer, document.text))
    last_token = np.searchsorted(ends, [end for _, end in spans])
    found = _packed(spans, last_token, limit - SPARE)
    windows = [Window(document.text[start:end], document.identifier) for start, end in found]
    # Shorter than a shingle, a window could not be told from its like on another side of the split.
    return [window for window in windows if len(_PLAIN.findall(window.text)) >= SHINGLE_WORDS]


def _packed(spans: Sequence[Span], last_token: Ints, most: int) -> Iterator[Span]:
    """Consecutive spans joined, at most `most` tokens together; a longer one stays alone."""
    first, last = 0, last_token.tolist()
    for index in range(1, len(spans) + 1):
        base = last[first - 1] + 1 if first else 0
        if index == len(spans) or last[index] - base + 1 > most:
            yield spans[first][0], spans[index - 1][1]
            first = index


def stretches(text: str, tokenizer: Any, limit: int) -> list[str]:
    """All of a text in any language, cut at white space; where a run without any is too long, between its tokens.

    Args:
        text: whatever is not white space of it comes back.
        tokenizer: a fast one.
        limit: at most about so many tokens each when tokenised alone, `SPARE` of which are kept free.
    """
    ends = np.maximum.accumulate(np.array(_token_ends(tokenizer, text), dtype=np.int64))
    runs = np.array([match.span() for match in _UNSPACED.finditer(text)], dtype=np.int64).reshape(-1, 2)
    first, last = np.searchsorted(ends, runs[:, 0], side="right"), np.searchsorted(ends, runs[:, 1])
    most = limit - SPARE
    spans: list[Span] = []
    for run, a, b in zip(runs.tolist(), first.tolist(), last.tolist(), strict=True):
        spans += _pieces(run, ends[a + most - 1 : b : most]) if b - a >= most else [(run[0], run[1])]
    last_token = np.searchsorted(ends, [end for _, end in spans])
    return [text[start:end] for start, end in _packed(spans, last_token, most)]


def _pieces(run: Sequence[int], cuts: Ints) -> list[Span]:
    """A run of characters, cut at the ends of some of its tokens."""
    start, end = run
    # Tokens that are bytes of one character all end with it, so an end may come twice.
    bounds = [start, *(int(each) for each in np.unique(cuts) if start < each < end), end]
    return list(pairwise(bounds))


def cut_all(documents: Iterable[Document], tokenizer: Any) -> list[Window]:
    """Windows of many documents, identical texts only once."""
    seen: dict[str, Window] = {}
    for document in documents:
        for window in cut(document, tokenizer):
            seen.setdefault(window.text, window)
    return list(seen.values())


@dataclass(frozen=True, eq=False)
class Tokenised:
    """Texts as token ids with the word each token belongs to.

    Attributes:
        ids: one list a text, without special tokens.
        word_of: int64 [tokens], index into the flat words of `Passages.of(texts)`. A token belongs to the word that
            holds its last character that is not white space, or else to the word before it.
        ends: the character end of each token, one list a text.
    """

    ids: list[list[int]]
    word_of: Ints
    ends: list[list[int]]


def tokenise(passages: Passages, tokenizer: Any) -> Tokenised:
    """Tokenise the texts of `passages`; texts without words are not allowed."""
    coded = tokenizer(list(passages.texts), add_special_tokens=False, return_offsets_mapping=True)
    owners = [
        _owners(text, offsets, passages.end[a:b], int(a))
        for text, offsets, a, b in zip(
            passages.texts, coded["offset_mapping"], passages.first[:-1], passages.first[1:], strict=True
        )
    ]
    ends = [[end for _, end in offsets] for offsets in coded["offset_mapping"]]
    return Tokenised(coded["input_ids"], np.concatenate(owners) if owners else np.zeros(0, np.int64), ends)


def _owners(text: str, offsets: Sequence[tuple[int, int]], word_ends: Ints, base: int) -> Ints:
    lasts = [start + max(len(text[start:end].rstrip()), 1) for start, end in offsets]
    return base + np.minimum(np.searchsorted(word_ends, lasts), len(word_ends) - 1)
