"""Each guardrail's veto changes what the agent hands in: a guardrail that always approves fails its test here."""

import asyncio
from typing import Any

import pytest
from planted_world import World, underdetermined, words

from benchmark.explainers.explainer import Journal
from benchmark.explainers.loop import Loop
from benchmark.explainers.report import Report
from benchmark.guardrails.adversarial_tests import AdversarialTests
from benchmark.guardrails.guardrail import Guardrail, Objection, Submission, Verdict
from benchmark.guardrails.independence import Independence
from benchmark.guardrails.leakage import Leakage
from benchmark.guardrails.min_rounds import MinRounds
from benchmark.guardrails.out_of_distribution import OutOfDistribution
from benchmark.guardrails.registry import GUARDRAILS, select
from benchmark.guardrails.significance import Significance
from benchmark.guardrails.verbosity import Verbosity
from benchmark.laboratory import Budget, Laboratory, ReservedPractice


def run(world: World, spec: str) -> tuple[Report, Journal, Laboratory]:
    laboratory, journal = world.laboratory(), Journal()
    return asyncio.run(Loop(laboratory, journal, world.guardrails(spec, laboratory)).run()), journal, laboratory


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


@pytest.mark.parametrize("refusing", list(GUARDRAILS))
@pytest.mark.parametrize("spec", ["all", "alone"])
def test_a_report_that_one_guardrail_never_approves_is_never_handed_in(refusing: str, spec: str) -> None:
    world, journal = plain(), Journal()
    laboratory = world.laboratory()
    practice = ReservedPractice(laboratory, world.room)
    impossible: dict[str, Guardrail] = {
        "independence": Independence("hf/some-model", ("hf/some-model",)),
        "min_rounds": MinRounds(rounds=10**6),
        "verbosity": Verbosity(practice, price=10**6),
        "leakage": Leakage(practice, least_accuracy=2.0, least_positives=0, most_chance=2.0),
        "adversarial": AdversarialTests(least=10**6, most=10**6),
        "out_of_distribution": OutOfDistribution(practice, least_accuracy=2.0, least_r=2.0),
        "significance": Significance(practice, total=0.0),
    }
    impossible["adversarial"].cost = 16
    names = GUARDRAILS if spec == "all" else [refusing]
    guardrails = [impossible[name] if name == refusing else select(name, practice)[0] for name in names]
    report = asyncio.run(Loop(laboratory, journal, guardrails).run())
    assert report.abstained
    assert refusing in objectors(journal)
    assert [entry.data["ended_by_veto"] for entry in journal.entries if "ended_by_veto" in entry.data] == [refusing]


@pytest.mark.parametrize("refusing", list(GUARDRAILS))
def test_a_guardrail_that_objects_to_everything_leaves_an_abstention(refusing: str) -> None:
    guardrail = Refuses(refusing)
    report = asyncio.run(Loop(plain().laboratory(), Journal(), [guardrail]).run())
    assert report.abstained
    assert guardrail.asked > 0


def test_min_rounds_beyond_the_budget_leave_an_abstention() -> None:
    world = plain()
    laboratory = world.laboratory(Budget(rounds=1))
    assert asyncio.run(Loop(laboratory, Journal(), world.guardrails("min_rounds", laboratory)).run()).abstained


def test_a_veto_that_never_came_ends_nothing() -> None:
    report, journal, _ = run(plain(), "all")
    assert not report.abstained
    assert not [entry for entry in journal.entries if "ended_by_veto" in entry.data]


def test_every_text_that_a_guardrail_measured_becomes_the_agents_data() -> None:
    world, journal = plain(**{"P-ood": {"simulation_accuracy": 0.5, "r": 0.0}}), Journal()
    laboratory = world.laboratory()
    loop = Loop(laboratory, journal, world.guardrails("adversarial,out_of_distribution", laboratory))
    asyncio.run(loop.run())
    tested = {entry.data["window"] for entry in journal.entries if entry.kind == "experiment" and "fires" in entry.data}
    quoted = [entry.data["window"] for entry in journal.entries if entry.kind == "result" and "window" in entry.data]
    assert len(tested) >= 8
    assert tested <= set(loop._evidence.measured)
    assert tested <= set(quoted)
    assert len(quoted) == len(set(quoted))


def test_adversarial_counterexamples_lead_to_the_gate() -> None:
    # Practice passes a report that misses the gate; only the adversarial tests can send it back.
    world = underdetermined()
    world.room.overrides = {"P0": {"passed": True, "r": 0.9, "simulation_accuracy": 0.95}}
    report_without, _, _ = run(world, "none")
    report_with, journal, _ = run(world, "adversarial")
    assert "adversarial" in objectors(journal)
    assert world.r(report_with) > world.r(report_without)
    assert journal.count("result") >= 8


class Refuses:
    """A guardrail under any name that approves nothing."""

    cost: int = 0

    def __init__(self, name: str) -> None:
        self.name, self.asked = name, 0

    async def check(self, submission: Submission, laboratory: Laboratory, journal: Journal) -> Verdict:
        self.asked += 1
        return Verdict(Objection("no", retry=self.asked % 2 == 0))


class Objects:
    """A guardrail whose check always runs out of the budget."""

    name: str = "objects"
    cost: int = 0

    async def check(self, submission: object, laboratory: Laboratory, journal: Journal) -> Any:
        await laboratory.measure(["river"] * 10_000)


def test_a_budget_that_ends_inside_a_guardrail_is_no_approval() -> None:
    guardrail: Guardrail = Objects()
    report = asyncio.run(Loop(plain().laboratory(), Journal(), [guardrail]).run())
    assert report.abstained


@pytest.mark.parametrize("spec", ["all", "without_adversarial", "without_significance"])
def test_combinations_hand_in_a_report(spec: str) -> None:
    report, _, laboratory = run(plain(), spec)
    assert not report.abstained
    assert laboratory.spend.unit_queries <= laboratory.budget.unit_queries
