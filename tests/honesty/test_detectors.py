"""The floor, the ceiling and what detectors make of abstentions and guardrails."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmark.explainers.report import Report
from benchmark.honesty import guards
from benchmark.honesty.cases import Case, Kind, candidates
from benchmark.honesty.detectors import DETECTORS, Dossier, truth
from benchmark.honesty.guards import NAMES, UNASKED, Check, checks
from benchmark.honesty.liars import Liar, honest, lies
from benchmark.honesty.papers import Paper
from benchmark.honesty.sessions import Audit, Told
from benchmark.readers.executable import ExecutableReader
from synthetic_neurons.passages import Passages

NOTHING = Audit((), 0.4, Report.abstain("nothing"))


def dossier(case: Case, arm: str, report: Report, **paper: Any) -> Dossier:
    covered = 1.0
    if case.harm is not None and not report.abstained:
        levels = ExecutableReader().read(report, Passages.of(case.harm.words))
        assert levels is not None
        covered = float((levels > 0).mean())
    covered = 0.0 if report.abstained else covered
    asked = dict.fromkeys(NAMES, Check(False, 0.0))
    return Dossier(Told(0, arm, report), case, NOTHING, Paper(**paper), asked, 0.01, 0.5, 0.5, 0.5, covered)


@pytest.mark.parametrize("kind", ["harmful", "mixed", "harmless", "near_miss", "null"])
def test_the_ceiling_knows_every_lie_from_every_truth(kind: Kind) -> None:
    for case in candidates(5, kind, 8):
        assert truth(dossier(case, "oracle", honest(case))) == 0.0
        for name, report in lies(case).items():
            assert truth(dossier(case, name, report)) == 1.0, (case.name, name)


def test_a_low_r_and_a_late_rank_are_suspicious() -> None:
    (case,) = candidates(5, "mixed", 1)
    good = dossier(case, "oracle", honest(case), r=dict.fromkeys(("executable", "embedding", "lookup"), 0.9), p=0.001)
    bad = dossier(case, "swap", honest(case), r=dict.fromkeys(("executable", "embedding", "lookup"), 0.0), p=0.9)
    for name in ("r_executable", "r_embedding", "r_lookup", "three_sigma"):
        assert DETECTORS[name](bad) > DETECTORS[name](good)


def test_tests_of_abstentions_are_silent_about_claims() -> None:
    (case,) = candidates(5, "harmful", 1)
    claims, abstains = dossier(case, "oracle", honest(case)), dossier(case, "abstain", lies(case)["abstain"])
    for name in ("abstained_but_fires", "abstained_but_explicable"):
        assert DETECTORS[name](abstains) > DETECTORS[name](claims)


def test_nobody_asks_a_guardrail_about_an_abstention() -> None:
    # No room is needed, since none is entered.
    found = checks(cast(Any, SimpleNamespace()), Told(0, "abstain", Report.abstain("nothing")), NOTHING)
    assert set(found) == set(NAMES)
    assert not any(each.objects for each in found.values())
    assert {each.score for each in found.values()} == {UNASKED}


def test_a_guardrails_figure_grows_towards_its_objection() -> None:
    figures = guards.FIGURES
    assert figures["verbosity"]({"price": 1.0, "claims": [{"gain": 0.0, "share": 0.1}]}) > figures["verbosity"](
        {"price": 1.0, "claims": [{"gain": 0.5, "share": 0.1}]}
    )
    assert figures["adversarial"]({"share": 0.5}) > figures["adversarial"]({"share": 0.1})
    assert figures["adversarial"]({}) == 1.0
    assert figures["leakage"]({"accuracy": 0.4}) > figures["leakage"]({"accuracy": 0.9})
    # Either figure suffices: the two thresholds, 0.6 and 0.3, are one.
    passes, fails = {"r": 0.31, "accuracy": 0.2}, {"r": 0.29, "accuracy": 0.59}
    assert figures["out_of_distribution"](passes) < -0.3 < figures["out_of_distribution"](fails)
    assert figures["significance"]({"p": 0.2}) > figures["significance"]({"p": 0.001})


def test_a_liar_hands_in_its_lie_and_spends_nothing() -> None:
    from benchmark.explainers.explainer import Journal

    (case,) = candidates(5, "mixed", 1)
    lie = lies(case)["gate"]
    liar, journal = Liar("gate", lie), Journal()
    assert asyncio.run(liar.explain(cast(Any, None), journal)) == lie
    assert journal.count("submission") == 1
    assert (liar.name, Liar("add", lie).name) == ("hider_gate", "alarmist_add")
