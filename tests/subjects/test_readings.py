"""Readings: by unit, with offsets, resumed, joined, redone when damaged. The reader here counts letters."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.harvest.source import Activations
from benchmark.subjects import readings as module
from benchmark.subjects.readings import Readings, read_texts
from benchmark.subjects.windows import tokenise
from synthetic_neurons.passages import Floats, Passages

TEXTS = [f"window number {i} of the {'short ' * (i % 3)}corpus" for i in range(7)]
COLUMNS = (3, 40, 2)


class Words:
    """A tokenizer whose tokens are words; a token's number is its length."""

    def __call__(self, texts: list[str], **_: Any) -> dict[str, Any]:
        passages = Passages.of(texts)
        spans = [
            [(int(passages.start[word]), int(passages.end[word])) for word in range(a, b)]
            for a, b in zip(passages.first[:-1], passages.first[1:], strict=True)
        ]
        return {"offset_mapping": spans, "input_ids": [[end - start for start, end in row] for row in spans]}


class LetterReader:
    """Unit u has the value length - u, where that is not 0."""

    units: tuple[str, ...] = tuple(map(str, COLUMNS))
    tokenizer: Any = Words()

    def __init__(self, weights: str = "one", **facts: str) -> None:
        self.windows, self._facts = 0, {"sae_sha256": weights, "versions": "whatever", **facts}

    @property
    def facts(self) -> Mapping[str, str]:
        return self._facts

    def encode(self, rows: Sequence[Sequence[int]]) -> Activations:
        self.windows += len(rows)
        length = np.array([each for row in rows for each in row], dtype=np.float32)
        values = length[:, None] - np.array(COLUMNS, np.float32)
        token, unit = np.nonzero(values)
        return Activations(np.ones(len(length), bool), token, unit.astype(np.int32), values[token, unit])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "SHARD_WINDOWS", 3)
    monkeypatch.setattr(module, "BATCH_WINDOWS", 2)
    return tmp_path


def run(home: Path, texts: Sequence[str], offsets: Floats | None = None, weights: str = "one") -> tuple[Readings, int]:
    reader = LetterReader(weights)
    return read_texts(texts, reader, COLUMNS, offsets, folder=home / "shards"), reader.windows


def expected(column: int, offset: float = 0.0) -> Floats:
    lengths = np.array([len(word) for word in Passages.of(TEXTS).words], dtype=float)
    return np.maximum(np.where(lengths == column, 0.0, lengths - column - offset), 0.0)


@pytest.mark.parametrize("column", COLUMNS)
def test_shards_join_to_the_whole(home: Path, column: int) -> None:
    found, windows = run(home, TEXTS)
    assert windows == len(TEXTS)
    np.testing.assert_array_equal(found.words(column), expected(column))
    np.testing.assert_array_equal(found.tokens(column), expected(column))
    np.testing.assert_array_equal(found.word_of, tokenise(found.passages, Words()).word_of)


def test_what_is_not_above_the_offset_is_left_out(home: Path) -> None:
    offsets = np.array([2.0, 0.0, -1.0])
    found, _ = run(home, TEXTS, offsets)
    for column, offset in zip(COLUMNS, offsets, strict=True):
        np.testing.assert_array_equal(found.words(column), expected(column, float(offset)))
    assert run(home, TEXTS)[0].words(3).sum() > found.words(3).sum()


def test_rates_are_of_all_tokens(home: Path) -> None:
    found, _ = run(home, TEXTS)
    rates = [float((expected(column) > 0).mean()) for column in COLUMNS]
    np.testing.assert_allclose(found.firing_rates(), rates)
    assert rates[1] == 0.0


def test_whole_shards_are_not_redone(home: Path) -> None:
    run(home, TEXTS[:6])
    found, windows = run(home, TEXTS)
    assert windows == 1
    assert len(found.passages) == len(TEXTS)


@pytest.mark.parametrize(
    ("first", "second", "windows"),
    [
        ({"units": "latents of /here"}, {"units": "latents of /there"}, 0),
        ({"subject": "/here", "subject_sha256": "a"}, {"subject": "/there", "subject_sha256": "a"}, 0),
        ({"versions": "1"}, {"versions": "2"}, 0),
        ({"subject": "/here", "subject_sha256": "a"}, {"subject": "/here", "subject_sha256": "b"}, 1),
        ({"subject": "one"}, {"subject": "two"}, 1),
        ({"hook": "one"}, {"hook": "two"}, 1),
        ({"dtype": "float32"}, {"dtype": "bfloat16"}, 1),
    ],
)
def test_what_is_read_again_is_what_may_differ(
    home: Path, first: dict[str, str], second: dict[str, str], windows: int
) -> None:
    read_texts(TEXTS[:1], LetterReader(**first), COLUMNS, folder=home / "shards")
    again = LetterReader(**second)
    read_texts(TEXTS[:1], again, COLUMNS, folder=home / "shards")
    assert again.windows == windows


def test_neurons_are_told_apart_by_their_name(home: Path) -> None:
    for name, windows in (("block 1", 1), ("block 2", 1), ("block 1", 0)):
        reader = LetterReader(units=f"MLP neurons of {name}")
        del reader._facts["sae_sha256"]
        read_texts(TEXTS[:1], reader, COLUMNS, folder=home / "shards")
        assert reader.windows == windows


def test_a_damaged_shard_is_redone(home: Path) -> None:
    first, _ = run(home, TEXTS)
    shard = sorted((home / "shards").glob("*.safetensors"))[0]
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    again, windows = run(home, TEXTS)
    assert windows in (1, 3)
    np.testing.assert_array_equal(first.words(3), again.words(3))


def test_another_sae_or_offset_shares_no_shard(home: Path) -> None:
    run(home, TEXTS)
    assert run(home, TEXTS, weights="two")[1] == len(TEXTS)
    assert run(home, TEXTS, np.array([1.0, 0.0, 0.0]))[1] == len(TEXTS)


def test_no_text_is_no_reading(home: Path) -> None:
    found, windows = run(home, [])
    assert windows == 0
    assert len(found.words(3)) == 0
    assert found.firing_rates().tolist() == [0.0, 0.0, 0.0]
