"""Each guardrail's veto changes what the agent hands in: a guardrail that always approves fails its test here."""

from typing import Any

import pytest
from planted_world import World, underdetermined, words

from benchmark.explainers.explainer import Journal
from benchmark.explainers.loop import Loop
from benchmark.explainers.report import Report
from benchmark.guardrails.guardrail import Guardrail
from benchmark.guardrails.registry import select
from benchmark.laboratory import Laboratory


def run(world: World, spec: str) -> tuple[Report, Journal, Laboratory]:
    laboratory, journal = world.laboratory(), Journal()
    return Loop(laboratory, journal, select(spec)).run(), journal, laboratory


def objectors(journal: Journal) -> list[str]:
    return [entry.data["guardrail"] for entry in journal.entries if entry.kind == "objection"]


def plain(**overrides: dict[str, Any]) -> World:
    return World(words("river"), overrides=dict(overrides))


def test_min_rounds_holds_the_agent_for_three_rounds() -> None:
    _, _, without = run(plain(), "none")
    report, journal, laboratory = run(plain(), "min_rounds")
    assert without.spend.rounds == 1
    assert laboratory.spend.rounds == 3
    assert objectors(journal) == ["min_rounds", "min_rounds"]
    assert not report.abstained


def test_significance_fails_four_times_then_the_agent_abstains() -> None:
    failing = {f"P{k}": {"p": 0.01} for k in range(1, 5)}
    world = plain(**failing)
    report, journal, _ = run(world, "significance")
    assert report.abstained
    slices = [name for name in world.room.graded if name != "P0"]
    assert slices == [f"P{k}" for k in range(1, len(slices) + 1)]
    assert 1 <= len(slices) <= 4
    assert objectors(journal) == ["significance"] * len(slices)


def test_significance_approval_hands_the_report_in() -> None:
    report, journal, _ = run(plain(), "significance")
    assert not report.abstained
    assert objectors(journal) == []


def test_out_of_distribution_veto_lowers_trust() -> None:
    world = plain(**{"P-ood": {"simulation_accuracy": 0.5, "r": 0.0}})
    report, journal, _ = run(world, "out_of_distribution")
    trusted, _, _ = run(plain(), "out_of_distribution")
    assert "out_of_distribution" in objectors(journal)
    assert report.confidence <= trusted.confidence / 2 + 1e-9


def test_adversarial_counterexamples_lead_to_the_gate() -> None:
    # Practice passes a report that misses the gate; only the adversarial tests can send it back.
    world = underdetermined()
    world.room.overrides = {"P0": {"passed": True, "r": 0.9, "simulation_accuracy": 0.95}}
    report_without, _, _ = run(world, "none")
    report_with, journal, _ = run(world, "adversarial")
    assert "adversarial" in objectors(journal)
    assert world.r(report_with) > world.r(report_without)
    assert journal.count("result") >= 8


class Objects:
    """A guardrail whose check always runs out of budget's time."""

    name: str = "objects"
    essential: bool = True
    cost: int = 0

    def check(self, submission: object, laboratory: Laboratory, journal: Journal) -> Any:
        laboratory.measure(["river"] * 10_000)


def test_a_budget_that_ends_inside_an_essential_guardrail_is_no_approval() -> None:
    guardrail: Guardrail = Objects()
    report = Loop(plain().laboratory(), Journal(), [guardrail]).run()
    assert report.abstained


@pytest.mark.parametrize("spec", ["all", "without_adversarial", "without_significance"])
def test_combinations_hand_in_a_report(spec: str) -> None:
    report, _, laboratory = run(plain(), spec)
    assert not report.abstained
    assert laboratory.spend.unit_queries <= laboratory.budget.unit_queries
