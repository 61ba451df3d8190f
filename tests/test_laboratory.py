"""The laboratory: metered, and closed to the exam."""

import numpy as np
import pytest

from benchmark.explainers.report import Report
from benchmark.laboratory import (
    Budget,
    BudgetExceeded,
    ExamOverlap,
    Exemplar,
    Laboratory,
    PracticeGrade,
    UnmeasurableText,
)
from benchmark.units.split import shingles
from synthetic_neurons.passages import Passages

EXAM = "the exam holds this very sentence of more than eight words"


class Room:
    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        return PracticeGrade(slice_name, 0.5, 0.7, 0.2, 1.0, False)


def laboratory(**budget: float) -> Laboratory:
    def lengths(texts):
        return [np.array([float(len(word)) for word in Passages.of([text]).words]) for text in texts]

    firing = Exemplar("a cat", ("a", "cat"), np.array([0.0, 9.0]), "firing")
    silent = Exemplar("a dog", ("a", "dog"), np.zeros(2), "silent")
    return Laboratory([firing, silent], lengths, Room(), Budget(**budget), frozenset(shingles(EXAM)))


def test_measure_returns_a_value_a_word_and_is_charged() -> None:
    lab = laboratory(unit_queries=3)
    measured = lab.measure(["one two", "three"])
    assert [each.words for each in measured] == [("one", "two"), ("three",)]
    assert measured[1].values.tolist() == [5.0]
    assert lab.spend.unit_queries == 2


def test_a_budget_is_refused_before_anything_is_measured() -> None:
    lab = laboratory(unit_queries=3)
    with pytest.raises(BudgetExceeded, match="3 allowed, 0 used"):
        lab.measure(["a"] * 4)
    assert lab.spend.unit_queries == 0


def test_texts_of_the_exam_are_refused_and_counted() -> None:
    lab = laboratory()
    with pytest.raises(ExamOverlap, match="1 of 2"):
        lab.measure(["harmless", "And so: " + EXAM.upper()])
    assert lab.spend.refused == 1


@pytest.mark.parametrize("text", ["", "   ", "word " * 65])
def test_texts_without_words_or_too_long_are_refused(text: str) -> None:
    with pytest.raises(UnmeasurableText):
        laboratory().measure([text])


def test_practice_is_charged_and_shows_no_text() -> None:
    lab = laboratory(unit_queries=100)
    grade = lab.practise(Report("x"), "P0")
    assert lab.spend.unit_queries == 60
    assert set(vars(grade)) == {"slice_name", "r", "simulation_accuracy", "p", "z", "passed"}
    with pytest.raises(BudgetExceeded):
        lab.practise(Report("x"), "P0")


def test_rounds_and_seconds_end() -> None:
    lab = laboratory(rounds=1)
    lab.begin_round()
    with pytest.raises(BudgetExceeded, match="rounds"):
        lab.begin_round()
    with pytest.raises(BudgetExceeded, match="seconds"):
        laboratory(seconds=-1.0).measure(["a"])


def test_exemplars_by_stratum() -> None:
    assert [each.text for each in laboratory().exemplars("firing")] == ["a cat"]
    assert laboratory().exemplars("near_miss") == ()
