"""Naming everything: a claim that costs more than it adds is sent back by name."""

import asyncio
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hash_encoder import HashEncoder

from benchmark.exam.claim_gains import ClaimGrade, claim_grades
from benchmark.exam.items import Items
from benchmark.examiner import Examiner, claim_account
from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.word_data import predicted
from benchmark.guardrails.guardrail import Submission, Verdict
from benchmark.guardrails.verbosity import Verbosity
from benchmark.laboratory import Budget, BudgetExceeded, Laboratory, ReservedPractice, computed
from benchmark.readers.embedding import EmbeddingReader, EmbeddingWeights
from benchmark.readers.executable import ExecutableReader
from benchmark.runtime.supplies import truth_report
from benchmark.suites import load
from benchmark.units.unit import Unit
from synthetic_neurons.passages import Passages


@dataclass
class Room:
    grades: list[ClaimGrade]

    def grade_claims(self, report: Report, slice_name: str) -> list[ClaimGrade]:
        assert slice_name == "P0"
        return self.grades


def report(*texts: str) -> Report:
    return Report("; ".join(texts), tuple(Claim(text) for text in texts))


def checked(room: Room, given: Report, budget: int = 1500, price: float = 1.0) -> tuple[Verdict, Laboratory, Journal]:
    laboratory, journal = Laboratory([], computed(lambda texts: []), room, Budget(unit_queries=budget)), Journal()  # type: ignore[arg-type]
    guardrail = Verbosity(ReservedPractice(laboratory, room), price)  # type: ignore[arg-type]
    return (
        asyncio.run(guardrail.check(Submission(given, (), 3, 1, predicted), laboratory, journal)),
        laboratory,
        journal,
    )


def test_a_claim_below_its_charge_is_named_and_the_others_are_not() -> None:
    room = Room([ClaimGrade(0.5, 0.02), ClaimGrade(0.001, 0.03), ClaimGrade(0.0, 0.0)])
    verdict, laboratory, journal = checked(room, report("good words", "idle words", "unseen words"))
    assert verdict.objection is not None
    assert '"idle words" (adds r 0.001, fires on 3.00% of words)' in verdict.objection.text
    assert "good words" not in verdict.objection.text
    assert "unseen words" not in verdict.objection.text
    assert "drop or narrow" in verdict.objection.text
    assert not verdict.objection.retry
    assert laboratory.spend.unit_queries == 60
    (entry,) = journal.entries
    assert (entry.kind, entry.data["guardrail"], entry.data["cost"]) == ("practice", "verbosity", 60)
    assert [claim["gain"] for claim in entry.data["claims"]] == [0.5, 0.001, 0.0]


@pytest.mark.parametrize(("price", "approved"), [(0.0, True), (1.0, True), (2.0, True), (2.1, False)])
def test_the_price_is_what_a_share_of_words_costs(price: float, approved: bool) -> None:
    assert checked(Room([ClaimGrade(0.1, 0.05)]), report("words"), price=price)[0].approved is approved


def test_a_unit_that_is_constant_charges_nothing() -> None:
    verdict, laboratory, journal = checked(Room([]), report("never fires"))
    assert verdict.approved
    assert laboratory.spend.unit_queries == 60
    assert "constant" in journal.entries[0].text


def test_a_look_that_cannot_be_paid_is_not_taken() -> None:
    with pytest.raises(BudgetExceeded):
        checked(Room([]), report("words"), budget=59)


def test_of_many_and_long_claims_the_worst_are_quoted_in_short_on_one_line() -> None:
    texts = [f"claim {i:02d}\n" + "x" * 200 for i in range(40)]
    grades = [ClaimGrade(0.0, 0.01 * i) for i in range(40)]
    objection = checked(Room(grades), report(*texts))[0].objection
    assert objection is not None
    assert "39 of 40 claims" in objection.text
    assert "claim 39" in objection.text
    assert "claim 34" not in objection.text
    assert "34 more" in objection.text
    assert "\n" not in objection.text
    assert len(objection.text) < 1000


def items(values: list[float], weight: tuple[float, ...] = (1.0, 1.0)) -> Items:
    passages = Passages.of(["a b c d", "e f g h"])
    return Items(passages, np.array(values), ("firing", "silent"), np.array(weight))


def test_the_account_is_r_with_and_without_and_the_weighted_share() -> None:
    values = [9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    right, idle = np.array(values), np.array([0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 0.0, 0.0])
    (alone,) = claim_grades(items(values), [right], 0.5)
    assert (alone.gain, alone.share) == (pytest.approx(1.0), 1 / 8)
    one, other = claim_grades(items(values, (1.0, 3.0)), [right, idle], 0.5)
    assert other.share == pytest.approx(6 / 16)
    assert other.gain < 0 < one.gain
    twice = claim_grades(items(values), [right, right, np.zeros(8)], 0.5)
    assert [each.gain for each in twice] == pytest.approx([0.0, 0.0, 0.0])
    assert claim_grades(items([0.0] * 8), [right], 0.5) == []
    assert claim_grades(items([5.0] * 8), [right], 0.5) == []


@pytest.fixture(scope="module")
def examiner() -> Examiner:
    return Examiner(load("embedded-2"))


def unrelated(examiner: Examiner, unit: Unit, count: int) -> tuple[Claim, ...]:
    """Claims of the bank's reports that have nothing to do with the unit."""
    bank, row = examiner.suite.bank, examiner.suite.order[unit.identifier]
    reports = [each.report for each, allowed in zip(bank.reports, bank.mask[row], strict=True) if allowed]
    claims = [claim for each in reports if each.has_predicates for claim in each.claims]
    return tuple(claims[:: len(claims) // count][:count])


def answer(examiner: Examiner, unit: Unit, given: Report) -> Verdict:
    room = examiner.practice(unit)
    laboratory = Laboratory([], computed(lambda texts: []), room, Budget())
    guardrail = Verbosity(ReservedPractice(laboratory, room))
    return asyncio.run(guardrail.check(Submission(given, (), 3, 1, predicted), laboratory, Journal()))


def test_on_a_suite_every_truth_passes_and_with_forty_unrelated_claims_none_does(examiner: Examiner) -> None:
    planted = [unit for unit in examiner.suite.units if unit.tier == "planted"]
    assert len(planted) == 24
    for unit in planted:
        truth = truth_report(unit)
        assert truth is not None
        assert answer(examiner, unit, truth).approved, unit.identifier
        verbose = replace(truth, claims=truth.claims + unrelated(examiner, unit, 40))
        assert not answer(examiner, unit, verbose).approved, unit.identifier
        twice = replace(truth, claims=truth.claims + truth.claims)
        assert not answer(examiner, unit, twice).approved, unit.identifier


def test_prose_is_read_by_the_embedding_reader() -> None:
    passages = Passages.of(["the bank was wide", "a house by the gate", "one bank more", "the gate was shut"])
    values = np.array([9.0 if word == "bank" else 0.0 for word in passages.words])
    given = Items(passages, values, ("firing", "silent", "firing", "silent"), np.ones(4))
    weights = EmbeddingWeights(word=0.0, type=1.0, window=0.0, floor=0.5, ceiling=0.9)
    readers = ExecutableReader(), EmbeddingReader(HashEncoder(), weights, threshold=2.5)
    bank, gate = claim_account(report("bank", "gate"), given, readers)
    assert bank.gain > 0.5 > 0 > gate.gain
    assert (bank.share, gate.share) == (pytest.approx(2 / 16), pytest.approx(2 / 16))
    (whole,) = claim_account(Report("bank"), given, readers)
    assert whole.gain == pytest.approx(1.0)
