import numpy as np
import pytest
from hash_encoder import HashEncoder
from sklearn.metrics import balanced_accuracy_score

from benchmark.exam.items import Items
from benchmark.explainers.report import Claim, Report
from benchmark.readers.calibration import THRESHOLDS, calibrate, fit, fit_threshold
from benchmark.readers.executable import ExecutableReader
from benchmark.readers.lookup import LookupReader
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import parse

TEXTS = ["the old dog slept", "a dog ran", "he paid the tax", "the tax on dogs", "nothing here", "fire by night"]


def items(values: Floats | None = None, word: str = "dog") -> Items:
    passages = Passages.of(TEXTS)
    truth = np.array([float(each == word) for each in passages.words]) if values is None else values
    return Items(passages, truth, ("firing",) * 2 + ("silent",) * 4, np.linspace(1, 2, len(TEXTS)))


class Ramp:
    """Reads level i on text i."""

    name, threshold = "ramp", 0.5

    def read(self, report: Report, passages: Passages) -> Floats:
        return passages.text_of.astype(float)


def on_texts(*firing: int) -> Items:
    passages = Passages.of(TEXTS)
    return items(np.isin(passages.text_of, firing).astype(float))


def test_the_threshold_agrees_with_a_search_by_scikit_learn() -> None:
    pairs = [(Report("x"), on_texts(3, 4, 5)), (Report("x"), on_texts(5)), (Report("x"), on_texts(2, 5))]
    levels = np.arange(6.0)
    mean = [
        np.mean([balanced_accuracy_score(np.isin(range(6), fires), levels >= t) for fires in ([3, 4, 5], [5], [2, 5])])
        for t in THRESHOLDS
    ]
    chosen = fit_threshold(Ramp(), pairs)
    assert mean[int(np.argmin(np.abs(THRESHOLDS - chosen)))] == pytest.approx(max(mean))


def test_among_equal_thresholds_the_middle_one_is_taken() -> None:
    assert fit_threshold(Ramp(), [(Report("x"), on_texts(3, 4, 5))]) == pytest.approx(2.5, abs=0.11)


def test_unreadable_reports_are_passed_over_but_not_all_of_them() -> None:
    readable = Report("", (Claim("dogs", parse({"op": "word", "words": ["dog"]})),))
    assert 0 < fit_threshold(ExecutableReader(), [(Report("x"), items()), (readable, items())]) <= 10
    with pytest.raises(ValueError, match="executable reader can read none of the 1 calibration reports"):
        fit_threshold(ExecutableReader(), [(Report("x"), items())])


def test_the_readers_own_threshold_is_left_alone() -> None:
    reader = LookupReader(threshold=9.0)
    fit_threshold(reader, [(Report('"dog"'), items())])
    assert reader.threshold == 9.0


def test_fit_finds_weights_that_read_the_word_and_is_deterministic() -> None:
    said: list[str] = []
    pairs = [(Report("dog"), items()), (Report("tax"), items(word="tax"))]
    weights = fit(pairs, HashEncoder(), said.append)
    assert fit(pairs, HashEncoder()) == weights
    assert weights.window < 1.0
    assert float(said[0].split("mean r ")[1].split()[0]) > 0.95


def test_fit_needs_a_report() -> None:
    with pytest.raises(ValueError, match="at least one calibration report"):
        fit([], HashEncoder())


def test_calibrate_gives_a_reader_that_separates_the_windows() -> None:
    pairs = [(Report("dog"), items())]
    reader = calibrate(HashEncoder(), pairs)
    passages = pairs[0][1].passages
    fires = passages.per_text_max(reader.read(Report("dog"), passages)) >= reader.threshold
    np.testing.assert_array_equal(fires, [True, True, False, False, False, False])
