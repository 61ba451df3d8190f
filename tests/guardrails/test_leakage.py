"""Quoting exemplars: lists of words that were shown are sent back, truths and weak reports are not."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest

from benchmark.exam.items import Items
from benchmark.exam.trigger_free import FreeGrade, FreeItems, count_free, free_masks, grade_free
from benchmark.examiner import Examiner
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.word_data import predicted
from benchmark.guardrails.guardrail import Submission, Verdict
from benchmark.guardrails.leakage import MOST_ITEMS, Leakage, chance_of_so_few
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory, ReservedPractice, computed
from benchmark.runtime.supplies import truth_report
from benchmark.suites import load
from synthetic_neurons.passages import Passages
from synthetic_neurons.predicate import Word

LIST = Report("fires on a list", (Claim("a list", Word(("bank",))),))


def grade(free: int, of_free: int, ordinary: int, of_ordinary: int, negatives: int = 0) -> FreeGrade:
    return FreeGrade(FreeItems(of_free, of_ordinary, 40), free, ordinary, negatives)


@dataclass
class Room:
    found: FreeGrade
    graded: list[str] = field(default_factory=list)

    def free_items(self) -> FreeItems:
        return self.found.items

    def grade_free(self, report: Report) -> FreeGrade:
        self.graded.append(report.text)
        return self.found


def checked(found: FreeGrade, budget: int = 1500, **options: float) -> tuple[Verdict, Laboratory, Journal]:
    room, journal = Room(found), Journal()
    laboratory = Laboratory([], computed(lambda texts: []), room, Budget(unit_queries=budget))  # type: ignore[arg-type]
    guardrail = Leakage(ReservedPractice(laboratory, room), **options)  # type: ignore[arg-type]
    verdict = asyncio.run(guardrail.check(Submission(LIST, (), 3, 1, predicted), laboratory, journal))
    return verdict, laboratory, journal


@pytest.mark.parametrize(
    ("found", "approved"),
    [
        (grade(0, 12, 28, 28), False),
        (grade(12, 12, 28, 28), True),
        (grade(3, 12, 28, 28), True),  # accuracy 0.62
        (grade(0, 12, 2, 28), True),  # weak everywhere: no quotation
        (grade(1, 12, 2, 28), True),
        (grade(12, 12, 28, 28, negatives=36), True),  # fires on everything, and so on both kinds alike
        (grade(0, 12, 0, 0), True),  # nothing to compare with
        (grade(0, 5, 4, 8), True),  # 5 hits of 13 by chance
        (grade(0, 5, 8, 8), False),
    ],
)
def test_a_report_is_a_quotation_where_it_fails_on_new_words_alone(found: FreeGrade, approved: bool) -> None:
    verdict, laboratory, journal = checked(found)
    assert verdict.approved is approved
    assert laboratory.spend.unit_queries == found.items.total <= MOST_ITEMS
    (entry,) = journal.entries
    assert entry.kind == "practice"
    assert (entry.data["guardrail"], entry.data["cost"]) == ("leakage", found.items.total)
    assert (entry.data["hits"], entry.data["positives"]) == (found.free, found.items.free)


def test_with_few_such_positives_it_does_not_apply_and_nothing_is_read_or_paid() -> None:
    verdict, laboratory, journal = checked(grade(0, 4, 36, 36))
    assert verdict.approved
    assert laboratory.spend.unit_queries == laboratory.spend.practice_grades == 0
    (entry,) = journal.entries
    assert "not applicable" in entry.text
    assert entry.data["cost"] == 0


def test_it_can_be_told_when_it_applies_and_what_suffices() -> None:
    assert not checked(grade(0, 4, 36, 36), least_positives=4)[0].approved
    assert checked(grade(0, 12, 28, 28), least_share=0.5)[0].approved
    assert not checked(grade(0, 28, 12, 12), least_share=0.5)[0].approved
    assert checked(grade(0, 12, 28, 28), least_accuracy=0.5)[0].approved
    assert checked(grade(0, 12, 28, 28), most_chance=0.0)[0].approved


def test_a_look_that_cannot_be_paid_is_not_taken() -> None:
    with pytest.raises(BudgetExceeded):
        checked(grade(0, 12, 28, 28), budget=79)


@pytest.mark.parametrize(
    ("found", "chance"),
    [(grade(0, 5, 5, 8), 56 / 1287), (grade(0, 5, 0, 8), 1.0), (grade(5, 5, 8, 8), 1.0), (grade(1, 2, 1, 2), 5 / 6)],
)
def test_the_chance_is_fishers(found: FreeGrade, chance: float) -> None:
    assert chance_of_so_few(found) == pytest.approx(chance)


def test_positives_are_trigger_free_by_words_whatever_their_case_and_count_from_a_quarter_of_the_scale() -> None:
    texts = ["a Bank here", "a loan here", "a loan and bank", "a weak loan", "nothing"]
    peaks = [{1: 8.0}, {1: 8.0}, {1: 8.0, 3: 2.0}, {2: 2.4}, {}]
    passages = Passages.of(texts)
    values = np.zeros(len(passages.words))
    for at, peak in zip(passages.first, peaks, strict=False):
        for word, value in peak.items():
            values[at + word] = value
    items = Items(passages, values, ("firing",) * 4 + ("silent",), np.ones(5))  # type: ignore[arg-type]
    masks = free_masks(items, {"bank"}, 10.0, negatives=True)
    assert masks.free.tolist() == [False, True, False, False, False]
    assert masks.ordinary.tolist() == [True, False, True, False, False]
    assert count_free([masks]) == FreeItems(1, 2, 1)
    assert count_free([free_masks(items, {"bank"}, 10.0, negatives=False)]).negatives == 0
    levels = np.where(np.isin(passages.words, ["Bank", "nothing"]), 1.0, 0.0)
    assert grade_free([masks], [items], [levels], 0.5) == FreeGrade(FreeItems(1, 2, 1), 0, 1, 1)


@pytest.fixture(scope="module")
def examiner() -> Examiner:
    return Examiner(load("embedded-2"))


@pytest.mark.parametrize(
    "name",
    ["planted-morphological-00-suffix-sion-or-prefix-de-or-prefix-app", "planted-confounded-00-some-law-cue-beginning"],
)
def test_on_a_suite_the_list_of_shown_words_goes_back_and_the_truth_passes(examiner: Examiner, name: str) -> None:
    unit = examiner.suite.unit(name)
    room = examiner.practice(unit)
    firing = [each for each in examiner.suite.exemplars(unit) if each.stratum == "firing"]
    shown = sorted({w.lower() for each in firing for w, v in zip(each.words, each.values, strict=True) if v > 0})
    listed = Report("words", (Claim("words", Word(tuple(shown))),))
    truth = truth_report(unit)
    assert truth is not None
    answers = []
    for report in (listed, truth):
        laboratory = Laboratory([], computed(lambda texts: []), room, Budget())
        submission = Submission(report, (), 3, 1, predicted)
        guardrail = Leakage(ReservedPractice(laboratory, room))
        answers.append(asyncio.run(guardrail.check(submission, laboratory, Journal())).approved)
        assert laboratory.spend.unit_queries == room.free_items().total == 80
    assert answers == [False, True]
    grades = [room.grade_free(report) for report in (listed, truth)]
    assert grades[0].free == 0
    assert grades[0].ordinary == grades[0].items.ordinary
    assert grades[1].free == grades[1].items.free
