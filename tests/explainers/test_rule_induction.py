"""The three arms on planted units, with the real laboratory."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_world import World, null_world, underdetermined, words

from benchmark.explainers.explainer import Journal
from benchmark.explainers.loop import Loop
from benchmark.explainers.report import Report
from benchmark.explainers.rule_induction import Arm, RuleInduction
from benchmark.guardrails.min_rounds import MinRounds
from benchmark.laboratory import Budget, Laboratory
from benchmark.units.split import shingles

ARMS: tuple[Arm, ...] = ("single_pass", "agentic", "guardrailed")


def explain(arm: Arm, world: World, laboratory: Laboratory) -> tuple[Report, Journal]:
    journal = Journal()
    guardrails = world.guardrails("all", laboratory) if arm == "guardrailed" else None
    return asyncio.run(RuleInduction(arm, guardrails).explain(laboratory, journal)), journal


@pytest.mark.parametrize("arm", ARMS)
def test_every_arm_explains_a_plain_unit(arm: Arm) -> None:
    world = World(words("river", "stone"))
    report, _ = explain(arm, world, world.laboratory())
    assert report.has_predicates
    assert world.r(report) > 0.95


def test_single_pass_spends_nothing() -> None:
    world = World(words("river"))
    laboratory = world.laboratory()
    explain("single_pass", world, laboratory)
    assert laboratory.spend.unit_queries == laboratory.spend.rounds == 0


def test_agentic_beats_single_pass_on_a_gate_that_exemplars_do_not_show() -> None:
    world = underdetermined()
    single, _ = explain("single_pass", world, world.laboratory())
    agentic, _ = explain("agentic", world, world.laboratory())
    assert world.r(agentic) > world.r(single) + 0.05
    assert world.r(agentic) > 0.9


def test_agentic_stops_as_soon_as_practice_is_passed() -> None:
    world = World(words("river"))
    laboratory = world.laboratory()
    explain("agentic", world, laboratory)
    assert laboratory.spend.rounds == 1


def test_predictions_are_journalled_before_results() -> None:
    world = underdetermined()
    _, journal = explain("agentic", world, world.laboratory())
    foretold: set[str] = set()
    results = 0
    for entry in journal.entries:
        if entry.kind == "experiment":
            assert {"best", "rival"} <= set(entry.data)
            foretold.add(entry.data["window"])
        elif entry.kind == "result":
            results += 1
            assert entry.data["window"] in foretold
    assert results > 0
    assert journal.count("hypothesis") >= 2


@pytest.mark.parametrize("arm", ARMS)
def test_null_units_are_abstained_on(arm: Arm) -> None:
    # Practice, too, is unrelated to any rule on a null unit.
    world = null_world(1)
    world.room.overrides = {"P0": {"r": 0.02, "passed": False}}
    report, _ = explain(arm, world, world.laboratory(Budget(rounds=2)))
    assert report.abstained


def silent_world() -> World:
    world = World(words("river"))
    world.exemplars = [each for each in world.exemplars if each.stratum == "silent"]
    return world


@pytest.mark.parametrize("arm", ["single_pass", "agentic"])
def test_silent_units_are_said_to_be_silent(arm: Arm) -> None:
    world = silent_world()
    report, _ = explain(arm, world, world.laboratory())
    assert not report.abstained
    assert report.claims[0].level == 0


def test_a_trivial_report_meets_the_guardrails_too() -> None:
    world = silent_world()
    report, journal = explain("guardrailed", world, world.laboratory())
    assert report.abstained
    assert [entry.data["guardrail"] for entry in journal.entries if entry.kind == "objection"][:2] == ["min_rounds"] * 2
    laboratory = world.laboratory()
    # No round tells: the one description has no rival, so nothing can put it to a test.
    held = asyncio.run(Loop(laboratory, Journal(), world.guardrails("min_rounds", laboratory)).run())
    assert (held.abstained, laboratory.spend.rounds) == (True, laboratory.budget.rounds)
    laboratory = world.laboratory()
    held = asyncio.run(Loop(laboratory, Journal(), [MinRounds(telling=0)]).run())
    assert (held.abstained, laboratory.spend.rounds) == (False, 3)


WORLD = underdetermined()


@settings(max_examples=12)
@given(queries=st.integers(0, 400), rounds=st.integers(0, 3), arm=st.sampled_from(ARMS))
def test_budget_is_never_exceeded_and_its_end_is_no_failure(queries: int, rounds: int, arm: Arm) -> None:
    laboratory = WORLD.laboratory(Budget(unit_queries=queries, rounds=rounds))
    report, _ = explain(arm, WORLD, laboratory)
    assert laboratory.spend.unit_queries <= queries
    assert laboratory.spend.rounds <= rounds
    assert report.abstained or report.has_predicates


def test_refused_experiments_are_journalled_and_survived() -> None:
    world = underdetermined()
    texts = [each.text for each in world.exemplars if each.stratum == "firing"]
    forbidden = frozenset().union(*(shingles(text) for text in texts))
    laboratory = Laboratory(world.exemplars, world.laboratory()._activations, world.room, Budget(rounds=2), forbidden)
    _, journal = explain("agentic", world, laboratory)
    assert laboratory.spend.refused > 0
    assert any("refused the experiments" in entry.text for entry in journal.entries)


def test_guardrails_are_for_the_guardrailed_arm() -> None:
    with pytest.raises(ValueError, match="choose arm 'guardrailed'"):
        RuleInduction("agentic", guardrails=[MinRounds()])
    with pytest.raises(ValueError, match="needs guardrails"):
        RuleInduction("guardrailed")
