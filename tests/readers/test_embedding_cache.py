from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hash_encoder import HashEncoder

from benchmark.readers.embedding_cache import STORED_FROM, CachedEncoder
from synthetic_neurons.passages import Passages

PASSAGES = Passages.of(["the old dog slept", "by the fire"])


def test_a_second_process_reads_the_file_and_gets_the_same(tmp_path: Path) -> None:
    first, second = HashEncoder(), HashEncoder()
    made = CachedEncoder(first, tmp_path / "new").words_in_context(PASSAGES)
    read = CachedEncoder(second, tmp_path / "new").words_in_context(PASSAGES)
    np.testing.assert_array_equal(made, read)
    assert made.dtype == read.dtype == np.float16
    np.testing.assert_allclose(read, HashEncoder().words_in_context(PASSAGES), atol=1e-3)
    assert second.calls == []
    assert [path.suffix for path in (tmp_path / "new").iterdir()] == [".npy"]


def test_numpy_reads_the_file(tmp_path: Path) -> None:
    cached = CachedEncoder(HashEncoder(), tmp_path)
    made = cached.words_in_context(PASSAGES)
    np.testing.assert_array_equal(np.load(cached.path(PASSAGES.texts)), made)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, damage: str) -> None:
    cached = CachedEncoder(HashEncoder(), tmp_path)
    made = cached.words_in_context(PASSAGES)
    path = cached.path(PASSAGES.texts)
    raw = path.read_bytes()
    flipped = raw[:200] + bytes([raw[200] ^ 1]) + raw[201:]
    path.write_bytes({"cut": raw[:-50], "flip": flipped, "empty": b"", "text": b"not an array at all" * 9}[damage])
    np.testing.assert_array_equal(cached.words_in_context(PASSAGES), made)
    assert path.read_bytes() == raw


def test_another_encoder_has_another_file(tmp_path: Path) -> None:
    other = HashEncoder()
    other.name = "other"
    paths = {CachedEncoder(each, tmp_path).path(PASSAGES.texts) for each in (HashEncoder(), other)}
    assert len(paths) == 2


def test_long_lists_of_sentences_are_stored_and_short_ones_are_not(tmp_path: Path) -> None:
    encoder = HashEncoder()
    cached = CachedEncoder(encoder, tmp_path)
    long = [f"word{i}" for i in range(STORED_FROM)]
    for _ in range(2):
        assert cached.word_types(long).dtype == np.float32
        cached.word_types(long[:5])
        cached.sentences(long)
    assert Counter(encoder.calls) == {"types": 3, "sentences": 1}


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("benchmark.readers.embedding_cache.os.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        CachedEncoder(HashEncoder(), tmp_path).words_in_context(PASSAGES)
    assert list(tmp_path.iterdir()) == []
