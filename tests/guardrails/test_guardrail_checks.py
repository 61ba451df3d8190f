"""Each guardrail alone: what it vetoes, what it lets pass, what it pays."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from benchmark.laboratory import Budget, Exemplar, Laboratory, PracticeGrade
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


def laboratory(room: Room | None = None) -> Laboratory:
    firing = [
        f"the old river {end} bank was wide again today" for end in ("east", "west", "north", "south", "far", "near")
    ]
    silent = [f"a {word} house stood by the quiet garden gate" for word in ("small", "tall", "grey")]
    exemplars = [
        Exemplar(text, Passages.of([text]).words, values, stratum)
        for texts, stratum in ((firing, "firing"), (silent, "silent"))
        for text, values in zip(texts, measured(texts), strict=True)
    ]
    return Laboratory(exemplars, measured, room or Room(), Budget())  # type: ignore[arg-type]


def report(value: dict[str, object]) -> Report:
    return Report("r", (Claim("c", parse(value)),))


def submission(
    own: dict[str, object] = BANK, rival: dict[str, object] | None = GATED, round: int = 3, ordinal: int = 1
) -> Submission:
    return Submission(report(own), report(rival) if rival else None, round, ordinal, predicted)


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
    verdict = Significance().check(submission(ordinal=ordinal), laboratory(room), Journal())
    assert verdict.approved is approved
    assert room.graded == [f"P{ordinal}"]


def test_the_fourth_failure_is_final_and_there_is_no_fifth() -> None:
    final = [
        objection.final
        for k in range(1, 6)
        if (objection := Significance().check(submission(ordinal=k), laboratory(), Journal()).objection)
    ]
    assert final == [False, False, False, True, True]
    room = Room(p=0.0)
    assert not Significance().check(submission(ordinal=5), laboratory(room), Journal()).approved
    assert room.graded == []


@pytest.mark.parametrize(("done", "approved"), [(1, False), (2, False), (3, True), (8, True)])
def test_min_rounds(done: int, approved: bool) -> None:
    assert MinRounds().check(submission(round=done), laboratory(), Journal()).approved is approved


@pytest.mark.parametrize(
    ("accuracy", "r", "approved"), [(0.5, 0.0, False), (0.59, 0.29, False), (0.6, 0.0, True), (0.5, 0.3, True)]
)
def test_out_of_distribution(accuracy: float, r: float, approved: bool) -> None:
    room = Room(accuracy=accuracy, r=r)
    assert OutOfDistribution().check(submission(), laboratory(room), Journal()).approved is approved
    assert room.graded == ["P-ood"]


def test_adversarial_tests_refute_a_report_without_the_gate() -> None:
    lab, journal = laboratory(), Journal()
    objection = AdversarialTests().check(submission(BANK, GATED), lab, journal).objection
    assert objection is not None
    assert all(each.peak == 0 and "bank" in each.text for each in objection.counterexamples)
    assert len(objection.counterexamples) > 0.25 * lab.spend.unit_queries
    assert 8 <= lab.spend.unit_queries <= 16


def test_adversarial_tests_let_the_truth_pass_and_are_paid() -> None:
    lab, journal = laboratory(), Journal()
    assert AdversarialTests().check(submission(GATED, BANK), lab, journal).approved
    assert lab.spend.unit_queries == journal.count("experiment") >= 8


def test_only_tests_that_the_runner_up_expects_to_refute_count() -> None:
    chances = {test.prediction.trial.text: test.chance for test in challenges(submission(BANK, BANK), laboratory())}
    assert set(chances.values()) == {0.0}
    lab = laboratory()
    first = AdversarialTests().check(submission(BANK, BANK, ordinal=1), lab, Journal())
    assert first.objection is not None
    assert first.objection.retry
    journal = Journal()
    assert AdversarialTests().check(submission(BANK, None, ordinal=2), lab, journal).approved
    assert "unexamined" in journal.entries[-1].text
    assert lab.spend.unit_queries == 0


def test_predictions_stand_before_results() -> None:
    journal = Journal()
    AdversarialTests().check(submission(), laboratory(), journal)
    kinds = [entry.kind for entry in journal.entries]
    assert kinds.index("result") > len(kinds) - 1 - kinds[::-1].index("experiment")


def test_selection() -> None:
    assert set(GUARDRAILS) == {"adversarial", "out_of_distribution", "min_rounds", "significance"}
    assert names_in("all") == tuple(GUARDRAILS)
    assert names_in("none") == ()
    assert names_in("without_adversarial") == ("min_rounds", "out_of_distribution", "significance")
    assert [each.name for each in select("significance, min_rounds")] == ["min_rounds", "significance"]
    assert [make().name for make in GUARDRAILS.values()] == list(GUARDRAILS)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("signifcance", "'significance'"),
        ("without_adversaril", "'without_adversarial'"),
        ("min_rounds,zzz", "valid: min_rounds"),
        ("", "valid: "),
    ],
)
def test_unknown_guardrails_are_named_with_the_nearest(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match="no guardrail") as error:
        select(spec)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
