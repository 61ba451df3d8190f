import json
from collections import Counter

import numpy as np
import pytest
from hash_encoder import HashEncoder

from benchmark.explainers.report import Claim, Report
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights
from benchmark.readers.encoder import ViewCache, content_key
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

PASSAGES = Passages.of(["the old dog slept by the fire", "he paid tax to the bank", "dog"])
REPORTS = [
    Report("", (Claim("dog"), Claim("tax bank", level=4.0))),
    Report("fire"),
    Report("", (Claim("he paid", level=7.0),)),
]


def by_hand(report: Report, weights: EmbeddingWeights) -> np.ndarray:
    """The definition, one word and one claim at a time."""
    encoder = HashEncoder()
    context, windows = encoder.words_in_context(PASSAGES), encoder.sentences(PASSAGES.texts)
    out = np.zeros(len(PASSAGES.words))
    for claim in report.claims or (Claim(report.text),):
        v = encoder.sentences([claim.text])[0]
        for i, word in enumerate(PASSAGES.words):
            x = weights.word * (v @ context[i]) + weights.type * (v @ encoder.word_types([word])[0])
            x += weights.window * (v @ windows[PASSAGES.text_of[i]])
            share = min(1.0, max(0.0, (x - weights.floor) / (weights.ceiling - weights.floor)))
            out[i] = max(out[i], claim.level * share)
    return out


@pytest.mark.parametrize("weights", [EmbeddingWeights(), EmbeddingWeights(0.1, 0.2, 0.7, -0.1, 0.9)])
def test_the_batch_equals_the_definition(weights: EmbeddingWeights) -> None:
    read = EmbeddingReader(HashEncoder(), weights).read_many(REPORTS, PASSAGES)
    for report, levels in zip(REPORTS, read, strict=True):
        np.testing.assert_allclose(levels, by_hand(report, weights), atol=1e-5)


def test_more_claims_than_one_chunk_read_the_same() -> None:
    many = [REPORTS[i % 3] for i in range(150)]
    reader = EmbeddingReader(HashEncoder())
    one = reader.read_many(REPORTS, PASSAGES)
    for i, levels in enumerate(reader.read_many(many, PASSAGES)):
        np.testing.assert_allclose(levels, one[i % 3], atol=1e-6)


def test_the_claims_word_reads_highest() -> None:
    levels = EmbeddingReader(HashEncoder()).read(Report("dog"), PASSAGES)
    assert PASSAGES.words[int(np.argmax(levels))] == "dog"


def test_the_predicate_is_not_read() -> None:
    reader = EmbeddingReader(HashEncoder())
    with_predicate = Report("", (Claim("dog", parse({"op": "always"})),))
    np.testing.assert_array_equal(
        reader.read(with_predicate, PASSAGES), reader.read(Report("", (Claim("dog"),)), PASSAGES)
    )


def test_passages_are_encoded_once_while_they_are_held() -> None:
    encoder = HashEncoder()
    reader = EmbeddingReader(encoder)
    for _ in range(5):
        reader.read_many(REPORTS, Passages.of(PASSAGES.texts))
    assert Counter(encoder.calls)["context"] == 1


def test_the_cache_forgets_the_least_recently_used_and_keeps_the_newest() -> None:
    encoder = HashEncoder()
    cache = ViewCache(encoder, words=10)
    a, b, c = (Passages.of([f"{name} one two three four"]) for name in "abc")
    for each in (a, b, a, c, a, b):
        assert cache.views(each).context.shape == (5, 48)
    assert Counter(encoder.calls)["context"] == 4  # a, b, c, and b again
    big = Passages.of(["word " * 50])
    assert len(cache.views(big).context) == 50


def test_the_key_keeps_neighbouring_texts_apart() -> None:
    assert content_key(["ab", "c"]) != content_key(["a", "bc"])
    assert content_key(["a"], "x") != content_key(["x", "a"])


def test_an_abstention_is_never_read() -> None:
    with pytest.raises(ValueError, match="embedding reader was given an abstention"):
        EmbeddingReader(HashEncoder()).read_many([REPORTS[0], Report.abstain("none")], PASSAGES)


def test_no_reports_give_no_readings_and_no_words_give_empty_ones() -> None:
    assert EmbeddingReader(HashEncoder()).read_many([], PASSAGES) == []
    assert EmbeddingReader(HashEncoder()).read(REPORTS[0], Passages.of([""])).shape == (0,)


def test_weights_make_the_round_trip_through_json() -> None:
    weights = EmbeddingWeights(0.3, 0.2, 0.5, 0.15, 0.55)
    assert EmbeddingWeights.from_json(weights.to_json()) == weights
    assert EmbeddingWeights.from_json(json.dumps(weights.to_json())) == weights


def test_a_ceiling_below_the_floor_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ceiling 0.2 must be greater than floor 0.4"):
        EmbeddingWeights(floor=0.4, ceiling=0.2)
