from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.errors import UserError
from benchmark.explainers.report import Claim, Report
from benchmark.readers.finetuned import LONGEST, STRIDE, FinetunedReader, Item, parts, shipped, weights_folder
from benchmark.readers.finetuned_cache import STORED_FROM, CachedCrossEncoder
from benchmark.readers.reader import Reader
from synthetic_neurons.passages import Floats, Passages, word_spans

TEXTS = ("the old dog slept by the fire", "he paid tax to the bank", "", "dog")
PASSAGES = Passages.of(TEXTS)


class LetterEncoder:
    """The share of a word's letters that the claim has; 0.9 at most."""

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.calls: list[tuple[str, tuple[str, ...]]] = []

    def probabilities(self, claim: str, texts: Sequence[str]) -> list[Floats]:
        self.calls.append((claim, tuple(texts)))
        return [np.array([self.one(claim, text[a:b]) for a, b in word_spans(text)]) for text in texts]

    @staticmethod
    def one(claim: str, word: str) -> float:
        return 0.9 * np.mean([letter in claim for letter in word])


def test_it_is_a_reader() -> None:
    reader: Reader = FinetunedReader(LetterEncoder())
    assert (reader.name, reader.threshold) == ("finetuned", 5.0)


def test_a_word_gets_its_strongest_claims_level() -> None:
    report = Report("", (Claim("dog"), Claim("tax bank", level=4.0)))
    read = FinetunedReader(LetterEncoder()).read(report, PASSAGES)
    one = LetterEncoder.one
    expected = [max(10 * one("dog", word), 4 * one("tax bank", word)) for word in PASSAGES.words]
    np.testing.assert_allclose(read, expected, atol=1e-12)


def test_a_report_without_claims_is_read_as_one() -> None:
    reader = FinetunedReader(LetterEncoder())
    np.testing.assert_array_equal(
        reader.read(Report("dog"), PASSAGES), reader.read(Report("", (Claim("dog"),)), PASSAGES)
    )


def test_an_item_is_the_answer_at_its_word() -> None:
    reader = FinetunedReader(LetterEncoder())
    places = [0, 3, 7, len(PASSAGES.words) - 1, 3]
    items = [Item(TEXTS[PASSAGES.text_of[i]], int(PASSAGES.place[i])) for i in places]
    claims = ("dog", "tax bank")
    found = reader.probabilities(claims, items)
    assert found.shape == (2, 5)
    for claim, row in zip(claims, found, strict=True):
        np.testing.assert_array_equal(10 * row, reader.read(Report(claim), PASSAGES)[places])
    report = Report("", (Claim("dog"), Claim("tax bank", level=4.0)))
    np.testing.assert_array_equal(reader.read_items(report, items), reader.read(report, PASSAGES)[places])


@pytest.mark.parametrize("word", [-1, 7])
def test_an_item_without_its_word_is_refused(word: int) -> None:
    with pytest.raises(UserError, match="mark one of 0 to 6"):
        FinetunedReader(LetterEncoder()).probabilities(["dog"], [Item(TEXTS[0], word)])


def test_no_item_and_no_word_give_nothing() -> None:
    reader = FinetunedReader(LetterEncoder())
    assert reader.probabilities(["dog", "cat"], []).shape == (2, 0)
    assert reader.read(Report("dog"), Passages.of([""])).shape == (0,)


def test_an_abstention_is_never_read() -> None:
    with pytest.raises(ValueError, match="finetuned reader was given an abstention"):
        FinetunedReader(LetterEncoder()).read(Report.abstain("none"), PASSAGES)


@given(st.integers(0, 300))
def test_every_word_of_a_long_text_is_read_once_with_what_stands_to_its_left(count: int) -> None:
    text = " ".join(f"w{i}," for i in range(count))
    words = [text[a:b] for a, b in word_spans(text)]
    seen: list[str] = []
    for part in parts(text):
        inner = [part.text[a:b] for a, b in word_spans(part.text)]
        assert len(inner) <= LONGEST
        assert part.first == len(seen)
        assert part.skipped >= min(part.first, STRIDE)
        seen += inner[part.skipped : part.skipped + part.last - part.first]
    assert seen == words


def test_a_long_text_reads_word_by_word_as_a_short_one() -> None:
    passages = Passages.of([" ".join(TEXTS[0] for _ in range(40)), TEXTS[1]])
    read = FinetunedReader(LetterEncoder()).read(Report("dog"), passages)
    np.testing.assert_allclose(read, [10 * LetterEncoder.one("dog", word) for word in passages.words])


def test_the_meter_counts_passes_and_words() -> None:
    reader = FinetunedReader(LetterEncoder())
    reader.read(Report("", (Claim("dog"), Claim("cat"))), PASSAGES)
    assert (reader.meter.passes, reader.meter.items) == (8, 2 * len(PASSAGES.words))
    assert reader.meter.seconds > 0


def test_the_cost_is_told_before_a_run() -> None:
    cost = FinetunedReader(LetterEncoder()).estimate(["dog", "cat"], TEXTS)
    assert (cost.passes, cost.items) == (8, 2 * len(PASSAGES.words))
    assert cost.seconds > 0
    assert str(cost).startswith(f"8 passes, {cost.items} words: about 0 s")
    assert FinetunedReader(LetterEncoder()).estimate([], TEXTS).passes == 0


LONG = tuple(f"text {i} of many" for i in range(STORED_FROM))


def test_a_second_process_reads_the_file_and_gets_the_same(tmp_path: Path) -> None:
    first, second = LetterEncoder(), LetterEncoder()
    made = CachedCrossEncoder(first, tmp_path / "new").probabilities("dog many", LONG)
    read = CachedCrossEncoder(second, tmp_path / "new").probabilities("dog many", LONG)
    for one, other, exact in zip(made, read, LetterEncoder().probabilities("dog many", LONG), strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_allclose(one, exact, atol=1e-3)
    assert second.calls == []


def test_few_texts_are_read_anew_and_none_give_none(tmp_path: Path) -> None:
    cached = CachedCrossEncoder(LetterEncoder(), tmp_path)
    assert len(cached.probabilities("dog", TEXTS)) == len(TEXTS)
    assert cached.probabilities("dog", []) == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    cached = CachedCrossEncoder(LetterEncoder(), tmp_path)
    made = cached.probabilities("dog", LONG)
    path = cached.path("dog", LONG)
    raw = path.read_bytes()
    path.write_bytes(raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:])
    np.testing.assert_array_equal(np.concatenate(cached.probabilities("dog", LONG)), np.concatenate(made))
    assert path.read_bytes() == raw


def test_another_claim_text_or_encoder_has_another_file(tmp_path: Path) -> None:
    cached = CachedCrossEncoder(LetterEncoder(), tmp_path)
    other = CachedCrossEncoder(LetterEncoder("other"), tmp_path)
    paths = {cached.path("dog", LONG), cached.path("cat", LONG), cached.path("dog", LONG[1:]), other.path("dog", LONG)}
    assert len(paths) == 4


def test_no_weights_ship_without_a_card() -> None:
    assert shipped() == all((weights_folder() / name).exists() for name in ("card.json", "differences.safetensors"))
