"""Probed values on many texts: cached shards, and a suite's fields that serve them. The reader here is made up."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.subjects import probe_directions, word_ends
from benchmark.subjects.probe_directions import Directions, ProbeValues, probe_values
from benchmark.subjects.word_ends import WordEnds
from benchmark.suites import probed
from benchmark.suites.fields import Field
from benchmark.suites.probed import probed_units, with_probes
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages

TEXTS = [f"window number {i} of the {'shorter ' * (i % 3)}corpus" for i in range(7)]


def _directions() -> Directions:
    entry: dict[str, Any] = {
        "kind": "word",
        "predicate": {"op": "word", "words": ["corpus"]},
        "text": "the word 'corpus'",
        "exam": {"r": 0.8, "interval": {"r": [0.7, 0.9]}},
    }
    units = [{**entry, "identifier": "length", "offset": 4.5}, {**entry, "identifier": "place", "offset": 3.0}]
    return Directions({"layer": 3, "units": units}, np.eye(2, dtype=np.float32))


class LengthReader:
    """The stream of a word is its length and its place; every word has two tokens."""

    def __init__(self) -> None:
        self.windows = 0

    def read(self, texts: Sequence[str]) -> WordEnds:
        self.windows += len(texts)
        passages = Passages.of(texts)
        stream = np.stack([[len(word) for word in passages.words], passages.place], axis=1)
        return WordEnds(passages, np.repeat(np.arange(len(passages.words)), 2), stream.astype(np.float16))


@pytest.fixture(autouse=True)
def _short_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_directions, "SHARD_WINDOWS", 3)
    monkeypatch.setattr(word_ends, "SHARD_WINDOWS", 3)


def _run(home: Path, texts: Sequence[str], directions: Directions | None = None) -> tuple[ProbeValues, int]:
    reader: Any = LengthReader()
    values = probe_values(texts, directions or _directions(), lambda: reader, folder=home, ends=home / "ends")
    return values, reader.windows


def test_shards_join_to_the_whole(tmp_path: Path) -> None:
    values, windows = _run(tmp_path, TEXTS)
    passages = Passages.of(TEXTS)
    assert windows == len(TEXTS)
    lengths = np.array([len(word) for word in passages.words])
    np.testing.assert_array_equal(values.words("length"), np.maximum(lengths - 4.5, 0))
    np.testing.assert_array_equal(values.words("place"), np.maximum(passages.place - 3, 0))
    assert values.tokens("place")[0::2].max() == 0
    np.testing.assert_array_equal(values.tokens("place")[1::2], values.words("place"))


def test_whole_shards_are_not_redone_and_damaged_ones_are(tmp_path: Path) -> None:
    first, _ = _run(tmp_path, TEXTS[:6])
    assert _run(tmp_path, TEXTS)[1] == 1
    shard = sorted(tmp_path.glob("*.safetensors"))[0]
    shard.write_bytes(shard.read_bytes()[:-1] + b"\xff")
    again, windows = _run(tmp_path, TEXTS[:6])
    assert windows == 0
    for read in (again, _run(tmp_path, TEXTS[:6])[0]):
        for name in ("unit", "word", "value", "word_of"):
            np.testing.assert_array_equal(getattr(read, name), getattr(first, name))


def test_other_directions_or_offsets_share_no_values_but_what_was_read(tmp_path: Path) -> None:
    first, _ = _run(tmp_path, TEXTS)
    plain = _directions()
    moved = [{**unit, "offset": 1.0} for unit in plain.card["units"]]
    others = replace(plain, vectors=plain.vectors * 2), replace(plain, card={**plain.card, "units": moved})
    lengths = first.words("length")
    for each, low in zip(others, (2 * lengths, lengths + 3), strict=True):
        values, windows = _run(tmp_path, TEXTS, each)
        assert windows == 0
        assert (values.words("length")[lengths > 0] > low[lengths > 0]).all()


def test_word_ends_are_cached_by_layer(tmp_path: Path) -> None:
    reader: Any = LengthReader()
    ends = word_ends.word_ends(TEXTS, 3, lambda: reader, folder=tmp_path)
    again = word_ends.word_ends(TEXTS, 3, lambda: reader, folder=tmp_path)
    assert reader.windows == len(TEXTS)
    whole = LengthReader().read(TEXTS)
    for read in (ends, again):
        np.testing.assert_array_equal(read.stream, whole.stream)
        np.testing.assert_array_equal(read.word_of, whole.word_of)
    word_ends.word_ends(TEXTS, 4, lambda: reader, folder=tmp_path)
    assert reader.windows == 2 * len(TEXTS)


def test_a_field_serves_probed_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path))
    monkeypatch.setattr(probed, "Reader", lambda layer, say: LengthReader())
    directions = _directions()
    fields = with_probes({"teach": Field("teach", Passages.of(TEXTS))}, directions)
    units = probed_units(directions, fields["teach"])
    assert [(unit.tier, unit.pool, unit.family) for unit in units] == [("probed", "natural", "word")] * 2
    assert units[0].scale == len("shorter") - 4.5
    assert fields["teach"].peak(units[0]).tolist() == [1.5, 2.5, 2.5, 1.5, 2.5, 2.5, 1.5]
    assert units[0].notes["ceiling"]["r"] == 0.8
    assert Unit.from_json(units[0].to_json()) == units[0]
