"""The laboratory: metered, and closed to the exam."""

import asyncio
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from benchmark.explainers.report import Claim, Report
from benchmark.laboratory import (
    Budget,
    BudgetExceeded,
    ExamOverlap,
    Exemplar,
    Laboratory,
    PracticeError,
    PracticeGrade,
    ReservedPractice,
    UnmeasurableText,
    computed,
)
from benchmark.units.split import shingles
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import parse

EXAM = "the exam holds this very sentence of more than eight words"


class Room:
    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        return PracticeGrade(slice_name, 0.5, 0.7, 0.2, 1.0, False)


def laboratory(**budget: float) -> Laboratory:
    def lengths(texts):
        return [np.array([float(len(word)) for word in Passages.of([text]).words]) for text in texts]

    firing = Exemplar("a cat", ("a", "cat"), np.array([0.0, 9.0]), "firing")
    silent = Exemplar("a dog", ("a", "dog"), np.zeros(2), "silent")
    return Laboratory([firing, silent], computed(lengths), Room(), Budget(**budget), frozenset(shingles(EXAM)))


def test_measure_returns_a_value_a_word_and_is_charged() -> None:
    lab = laboratory(unit_queries=3)
    measured = asyncio.run(lab.measure(["one two", "three"]))
    assert [each.words for each in measured] == [("one", "two"), ("three",)]
    assert measured[1].values.tolist() == [5.0]
    assert lab.spend.unit_queries == 2


def test_a_budget_is_refused_before_anything_is_measured() -> None:
    lab = laboratory(unit_queries=3)
    with pytest.raises(BudgetExceeded, match="4 wanted, 3 allowed, 0 used"):
        asyncio.run(lab.measure(["a"] * 4))
    assert lab.spend.unit_queries == 0


def test_texts_of_the_exam_are_refused_and_counted() -> None:
    lab = laboratory()
    with pytest.raises(ExamOverlap, match="1 of 2"):
        asyncio.run(lab.measure(["harmless", "And so: " + EXAM.upper()]))
    assert lab.spend.refused == 1


@pytest.mark.parametrize("text", ["", "   ", "word " * 65])
def test_texts_without_words_or_too_long_are_refused(text: str) -> None:
    with pytest.raises(UnmeasurableText):
        asyncio.run(laboratory().measure([text]))


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
        asyncio.run(laboratory(seconds=-1.0).measure(["a"]))


def test_exemplars_by_stratum() -> None:
    assert [each.text for each in laboratory().exemplars("firing")] == ["a cat"]
    assert laboratory().exemplars("near_miss") == ()


WITH_PREDICATES = Report("cats", (Claim("cats", parse({"op": "word", "words": ["cat"]})),))
RESERVED = ("P1", "P2", "P3", "P4", "P-ood")


@pytest.mark.parametrize("report", [Report("x"), WITH_PREDICATES])
@pytest.mark.parametrize("name", ["own", "shifted", "teach", "zzz", *RESERVED])
def test_an_explainer_practises_on_p0_alone(name: str, report: Report) -> None:
    lab = laboratory()
    with pytest.raises(PracticeError, match=f"'{name}' in the laboratory; choose 'P0'"):
        lab.practise(report, name)
    assert lab.spend.practice_grades == lab.spend.unit_queries == 0


@pytest.mark.parametrize("report", [Report("x"), WITH_PREDICATES])
@pytest.mark.parametrize("name", ["own", "shifted", "teach", "zzz", "P0"])
def test_guardrails_practise_on_reserved_slices_alone(name: str, report: Report) -> None:
    lab = laboratory()
    with pytest.raises(PracticeError, match="choose from P1, P2, P3, P4, P-ood"):
        ReservedPractice(lab, Room()).grade(report, name)
    assert lab.spend.unit_queries == 0


def test_each_submission_slice_is_graded_once_and_charged_to_the_laboratory() -> None:
    lab = laboratory()
    reserved = ReservedPractice(lab, Room())
    for count, name in enumerate(("P1", "P2", "P3", "P4"), start=1):
        assert reserved.grade(Report("x"), name).slice_name == name
        assert lab.spend.unit_queries == 60 * count
        with pytest.raises(PracticeError, match=f"'{name}' was used already"):
            reserved.grade(Report("x"), name)
    for _ in range(2):
        assert reserved.grade(Report("x"), "P-ood").slice_name == "P-ood"
    assert lab.spend.practice_grades == 6


def test_reserved_practice_is_refused_when_the_budget_does_not_cover_it() -> None:
    lab = laboratory(unit_queries=59)
    with pytest.raises(BudgetExceeded, match="60 wanted, 59 allowed"):
        ReservedPractice(lab, Room()).grade(Report("x"), "P1")


def test_an_explainer_cannot_turn_the_meter_back() -> None:
    lab = laboratory(unit_queries=3)
    asyncio.run(lab.measure(["one", "two"]))
    with pytest.raises(FrozenInstanceError):
        lab.spend.unit_queries = 0  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        lab.budget.unit_queries = 10**6  # type: ignore[misc]
    for name, value in (("spend", None), ("budget", Budget(unit_queries=10**6))):
        with pytest.raises(AttributeError):
            setattr(lab, name, value)
    with pytest.raises(ValueError, match="a spend of -5"):
        lab.charge_tokens(-5)
    with pytest.raises(BudgetExceeded, match="2 wanted, 3 allowed, 2 used"):
        asyncio.run(lab.measure(["three", "four"]))
    assert (lab.spend.unit_queries, lab.spend.tokens) == (2, 0)


def test_a_spend_is_a_copy_of_its_moment() -> None:
    lab = laboratory()
    before = lab.spend
    asyncio.run(lab.measure(["one"]))
    assert (before.unit_queries, lab.spend.unit_queries) == (0, 1)
    assert lab.spend.seconds >= before.seconds


def test_tokens_end() -> None:
    lab = laboratory(tokens=10)
    lab.charge_tokens(10)
    with pytest.raises(BudgetExceeded, match="tokens: 10 allowed"):
        lab.charge_tokens(1)
    assert lab.spend.tokens == 11


def test_generated_tokens_end_where_a_provider_ignores_how_long_an_answer_may_be() -> None:
    lab = laboratory(tokens=100, generated=10)
    lab.charge_tokens(20, 10)
    with pytest.raises(BudgetExceeded, match="generated: 10 allowed"):
        lab.charge_tokens(1, 1)
    assert (lab.spend.tokens, lab.spend.generated) == (21, 11)


def test_a_round_is_refused_when_the_seconds_are_used_up() -> None:
    with pytest.raises(BudgetExceeded, match="seconds"):
        laboratory(seconds=-1.0).begin_round()
