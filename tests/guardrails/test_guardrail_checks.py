"""Each guardrail alone: what it vetoes, what it lets pass, what it pays."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from benchmark.explainers.explainer import Journal
from benchmark.explainers.report import Claim, Report
from benchmark.explainers.word_data import predicted
from benchmark.guardrails.adversarial_tests import AdversarialTests, challenges
from benchmark.guardrails.guardrail import Submission
from benchmark.guardrails.min_rounds import MinRounds
from benchmark.guardrails.out_of_distribution import OutOfDistribution
from benchmark.guardrails.registry import GUARDRAILS, names_in, select
from benchmark.guardrails.significance import ALPHA, Significance, alpha
from benchmark.laboratory import Budget, Exemplar, Laboratory, PracticeGrade, ReservedPractice, computed
from benchmark.units.split import shingles
from synthetic_neurons.evaluate import evaluate
from synthetic_neurons.passages import Floats, Passages
from synthetic_neurons.predicate import parse

BANK = {"op": "word", "words": ["bank"]}
GATED = {"op": "and", "of": [BANK, {"op": "within", "k": 4, "of": {"op": "word", "words": ["river"]}}]}


@dataclass
class Room:
    p: float = 1.0
    r: float = 0.0
    accuracy: float = 0.5
    graded: list[str] = field(default_factory=list)

    def grade(self, report: Report, slice_name: str) -> PracticeGrade:
        self.graded.append(slice_name)
        return PracticeGrade(slice_name, self.r, self.accuracy, self.p, 0.0, False)


def measured(texts: Sequence[str]) -> list[Floats]:
    passages = Passages.of(texts)
    return np.split(10 * evaluate(parse(GATED), passages), passages.first[1:-1])


def laboratory(room: Room | None = None, forbidden: frozenset[int] = frozenset()) -> Laboratory:
    firing = [
        f"the old river {end} bank was wide again today" for end in ("east", "west", "north", "south", "far", "near")
    ]
    silent = [f"a {word} house stood by the quiet garden gate" for word in ("small", "tall", "grey")]
    exemplars = [
        Exemplar(text, Passages.of([text]).words, values, stratum)
        for texts, stratum in ((firing, "firing"), (silent, "silent"))
        for text, values in zip(texts, measured(texts), strict=True)
    ]
    return Laboratory(exemplars, computed(measured), room or Room(), Budget(), forbidden)  # type: ignore[arg-type]


def reserved(room: Room | None = None) -> ReservedPractice:
    room = room or Room()
    return ReservedPractice(laboratory(room), room)


def report(value: dict[str, object]) -> Report:
    return Report("r", (Claim("c", parse(value)),))


def submission(
    own: dict[str, object] = BANK, rival: dict[str, object] | None = GATED, round: int = 3, ordinal: int = 1
) -> Submission:
    return Submission(report(own), (report(rival),) if rival else (), round, ordinal, predicted)


def test_alpha_schedule() -> None:
    assert [alpha(k) for k in (1, 2, 3, 4)] == pytest.approx([8.207e-4, 2.052e-4, 9.119e-5, 5.129e-5], rel=1e-3)
    assert sum(alpha(k) for k in range(1, 100_000)) == pytest.approx(ALPHA, rel=1e-4)
    with pytest.raises(ValueError, match="from 1"):
        alpha(0)


@pytest.mark.parametrize(
    ("ordinal", "p", "approved"), [(1, 8e-4, True), (1, 9e-4, False), (2, 3e-4, False), (4, 5e-5, True)]
)
def test_significance_compares_p_with_its_submissions_alpha(ordinal: int, p: float, approved: bool) -> None:
    room = Room(p=p)
    verdict = asyncio.run(Significance(reserved(room)).check(submission(ordinal=ordinal), laboratory(), Journal()))
    assert verdict.approved is approved
    assert room.graded == [f"P{ordinal}"]


def test_the_fourth_failure_is_final_and_there_is_no_fifth() -> None:
    guardrail = Significance(reserved())
    final = [
        objection.final
        for k in range(1, 6)
        if (objection := asyncio.run(guardrail.check(submission(ordinal=k), laboratory(), Journal())).objection)
    ]
    assert final == [False, False, False, True, True]
    room = Room(p=0.0)
    assert not asyncio.run(Significance(reserved(room)).check(submission(ordinal=5), laboratory(), Journal())).approved
    assert room.graded == []


@pytest.mark.parametrize(
    ("done", "telling", "approved"), [(1, 2, False), (2, 2, False), (3, 2, True), (8, 1, False), (8, 0, False)]
)
def test_min_rounds(done: int, telling: int, approved: bool) -> None:
    given, journal = replace(submission(round=done), telling=telling), Journal()
    verdict = asyncio.run(MinRounds().check(given, laboratory(), journal))
    assert verdict.approved is approved
    assert verdict.objection is None or verdict.objection.retry
    (entry,) = journal.entries
    assert (entry.data["guardrail"], entry.data["cost"]) == ("min_rounds", 0)
    assert (entry.data["rounds"], entry.data["telling"]) == (done, telling)


def test_min_rounds_can_be_told_how_many() -> None:
    guardrail = MinRounds(rounds=1, telling=0)
    assert asyncio.run(guardrail.check(submission(round=1), laboratory(), Journal())).approved


@pytest.mark.parametrize(
    ("accuracy", "r", "approved"), [(0.5, 0.0, False), (0.59, 0.29, False), (0.6, 0.0, True), (0.5, 0.3, True)]
)
def test_out_of_distribution(accuracy: float, r: float, approved: bool) -> None:
    room = Room(accuracy=accuracy, r=r)
    assert (
        asyncio.run(OutOfDistribution(reserved(room)).check(submission(), laboratory(), Journal())).approved is approved
    )
    assert room.graded == ["P-ood"]


def test_adversarial_tests_refute_a_report_without_the_gate() -> None:
    lab, journal = laboratory(), Journal()
    objection = asyncio.run(AdversarialTests().check(submission(BANK, GATED), lab, journal)).objection
    assert objection is not None
    assert all(each.peak == 0 and "bank" in each.text for each in objection.counterexamples)
    assert len(objection.counterexamples) > 0.25 * lab.spend.unit_queries
    assert 8 <= lab.spend.unit_queries <= 16


def test_adversarial_tests_let_the_truth_pass_and_are_paid() -> None:
    lab, journal = laboratory(), Journal()
    assert asyncio.run(AdversarialTests().check(submission(GATED, BANK), lab, journal)).approved
    assert lab.spend.unit_queries == journal.count("experiment") >= 8


def test_only_tests_that_a_rival_expects_to_refute_count() -> None:
    lab = laboratory()
    counted = challenges(submission(BANK, GATED), lab, 0.2, 8)
    assert len(counted) >= 8
    assert all(test.chance >= 0.2 and test.rival == "r" for test in counted)
    # A rival that says the same gives no test a chance: those one clause away from the report are asked instead.
    assert all(test.rival != "r" for test in challenges(submission(BANK, BANK), lab, 0.2, 8))


def test_half_a_rival_gives_half_a_chance() -> None:
    half = replace(report(GATED), claims=(Claim("c", parse(GATED), 10.0), Claim("d", parse(BANK), 5.0)))
    given = replace(submission(GATED), rivals=(half,))
    chances = {test.chance for test in challenges(given, laboratory(), 0.2, 1)}
    assert chances == {0.5}
    assert challenges(given, laboratory(), 0.6, 1)[0].rival != "r"


def test_with_too_few_tests_the_report_goes_back_every_time_and_nothing_is_paid() -> None:
    lab, guardrail = laboratory(), AdversarialTests(least=10_000, most=10_000)
    for ordinal in (1, 2, 7):
        verdict = asyncio.run(guardrail.check(submission(BANK, BANK, ordinal=ordinal), lab, Journal()))
        assert verdict.objection is not None
        assert verdict.objection.retry
    assert lab.spend.unit_queries == 0


def test_without_a_rival_the_report_is_examined_clause_by_clause() -> None:
    lab = laboratory()
    verdict = asyncio.run(AdversarialTests().check(submission(BANK, None), lab, Journal()))
    assert len(verdict.measured) >= 8
    assert not verdict.approved
    assert asyncio.run(AdversarialTests().check(submission(GATED, None), laboratory(), Journal())).approved


def test_measured_texts_refute_nothing_again() -> None:
    first = {test.trial.text for test in challenges(submission(BANK, GATED), laboratory(), 0.2, 8)}
    known = frozenset(list(first)[::2])
    again = challenges(replace(submission(BANK, GATED), measured=known), laboratory(), 0.2, 8)
    assert not known & {test.trial.text for test in again}


def test_all_measured_texts_come_back_approved_or_not() -> None:
    for own, rival in ((BANK, GATED), (GATED, BANK)):
        lab, journal = laboratory(), Journal()
        verdict = asyncio.run(AdversarialTests().check(submission(own, rival), lab, journal))
        assert len(verdict.measured) == lab.spend.unit_queries >= 8
        shown = {entry.data.get("window") for entry in journal.entries if entry.kind == "result"}
        assert {each.text for each in verdict.measured} <= shown


def test_a_level_that_commits_to_neither_refutes_nothing() -> None:
    faint = Report("f", (Claim("c", parse(GATED), 10.0), Claim("d", parse(BANK), 1.0)))
    tests = challenges(replace(submission(BANK, GATED), report=faint), laboratory(), 0.2, 10**6)
    assert tests
    assert all(test.prediction.top == 0 or test.prediction.top >= 2.5 for test in tests)


def test_refused_tests_are_survived_and_the_others_measured() -> None:
    text = challenges(submission(GATED, BANK), laboratory(), 0.2, 8)[0].trial.text
    lab, journal = laboratory(forbidden=frozenset(shingles(text))), Journal()
    verdict = asyncio.run(AdversarialTests().check(submission(GATED, BANK), lab, journal))
    assert lab.spend.refused > 0
    assert text not in {each.text for each in verdict.measured}
    assert any("refused adversarial tests" in entry.text for entry in journal.entries)
    everything = frozenset().union(*(shingles(each.text) for each in lab.exemplars("firing")))
    objection = asyncio.run(
        AdversarialTests().check(submission(GATED, BANK), laboratory(forbidden=everything), Journal())
    ).objection
    assert objection is None or objection.retry


def test_predictions_stand_before_results() -> None:
    journal = Journal()
    asyncio.run(AdversarialTests().check(submission(), laboratory(), journal))
    kinds = [entry.kind for entry in journal.entries]
    assert kinds.index("result") > len(kinds) - 1 - kinds[::-1].index("experiment")


def test_selection() -> None:
    order = ("independence", "min_rounds", "verbosity", "adversarial", "leakage", "out_of_distribution", "significance")
    assert names_in("all") == tuple(GUARDRAILS) == order
    assert names_in("none") == ()
    assert names_in("classic") == ("min_rounds", "adversarial", "out_of_distribution", "significance")
    for name in GUARDRAILS:
        assert names_in(name) == (name,)
        assert names_in(f"without_{name}") == tuple(each for each in order if each != name)
    assert [each.name for each in select("significance, min_rounds", reserved())] == ["min_rounds", "significance"]
    assert [each.name for each in select("all", reserved())] == list(GUARDRAILS)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("signifcance", "'significance'"),
        ("without_adversaril", "'without_adversarial'"),
        ("min_rounds,zzz", "valid: independence, min_rounds"),
        ("clasic", "'classic'"),
        ("", "valid: "),
    ],
)
def test_unknown_guardrails_are_named_with_the_nearest(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match="no guardrail") as error:
        select(spec, reserved())
    assert says in str(error.value)
    assert "\n" not in str(error.value)
